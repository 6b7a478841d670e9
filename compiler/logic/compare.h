/*
 * What the reference evaluator knows of JSON values: comparing them with literals and with each
 * other, by spelling everything out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOGIC_COMPARE_H
#define LOGIC_COMPARE_H

#include "compiler/logic/evaluate.h"

enum compare_result { COMPARE_FAILS, COMPARE_HOLDS, COMPARE_MISFITS };

/* A value inside the object, names one after the other. False: none. `is_blocked`: something on the
 * way is there and no object. */
bool compare_find(const struct evaluate_json *object, struct path path, struct evaluate_json *out,
                  bool *is_blocked);

/* A value that is there and not null, by the test of a condition. COMPARE_MISFITS: an element, or
 * the value, has none of the literals' types. */
enum compare_result compare_with_literals(const struct condition *test,
                                          const struct evaluate_json *value);

/* `claim "p" == arg q`, both there and not null. */
enum compare_result compare_claim_with_argument(const struct evaluate_json *claim,
                                                const struct evaluate_json *argument);

#endif
