/*
 * The arguments of a call matched with the tool's parameters. Says in words for a model what is
 * wrong with them. Knows nothing of HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_ARGUMENTS_H
#define BACKEND_ARGUMENTS_H

#include <mcpp/policy.h>

#include "runtime/backend/call.h"
#include "runtime/backend/value.h"

struct matched {
    const struct mcpp_tool *tool;
    const struct value *values; /* one for each parameter of the tool; tape NULL: not given */
    struct pool *pool;
};

/* NULL when the arguments fit, else the text for the model. A null for an optional parameter is as
 * if it were not given, unless it goes into a JSON body and its schema allows null there. */
const char *arguments_match(const struct mcpp_tool *tool, const struct call_arguments *arguments,
                            struct pool *pool, struct matched *out);

bool argument_is_given(const struct matched *matched, uint32_t parameter);

/* The schema of one argument in the tool's input schema; false when there is none. */
bool argument_schema(const struct mcpp_tool *tool, const char *argument, struct pool *pool,
                     struct value *out);

/* A text for the model, in `pool`; a fixed text when memory runs out. */
const char *refusal_format(struct pool *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

extern const char refusal_no_memory[];

#endif
