/*
 * Runs the server's own code on tables: what the facts of a caller are, and what is decided about a
 * call. The tables may be those in memory or those of a compiled policy.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_JUDGE_H
#define TABLES_JUDGE_H

#include "compiler/logic/trial.h"
#include "runtime/decide/decision.h"
#include "runtime/decide/facts.h"

struct judge {
    const struct mcpp_policy *policy;
    struct fact_index stdio, http;
    struct pool *pool; /* of one trial */
};

/* False: out of memory. */
bool judge_open(struct judge *judge, const struct mcpp_policy *policy);
void judge_close(struct judge *judge);

/* What is found lives until the next call. */
struct decision judge_decide(struct judge *judge, const struct trial *trial, struct caller *caller);

/* Whether the decision is the evaluator's verdict, rule included. */
bool judge_agrees(const struct policy *source, const struct mcpp_policy *policy,
                  const struct verdict *verdict, const struct decision *decision);

/* "deny 403 by 12", for messages. */
struct str judge_text(const struct decision *decision, struct arena *arena);
struct str verdict_text(const struct verdict *verdict, struct arena *arena);

#endif
