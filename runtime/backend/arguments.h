/*
 * The arguments of a call, checked against the tool's input schema and matched with its parameters.
 * Says in words for a model what is wrong with them. Knows nothing of HTTP.
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
    struct value *values; /* one for each parameter of the tool; tape NULL: not given */
    struct pool *pool;
};

struct schema_cache;

/* Checks the arguments against the tool's input schema: NULL when they fit, else the text for the
 * model, with all that is wrong. A null for a parameter is as if it were not given, unless it goes
 * into a JSON body and its schema allows null there. */
const char *arguments_validate(struct schema_cache *schemas, const struct mcpp_tool *tool,
                               const struct call_arguments *arguments, struct pool *pool);

/* Finds the value of each parameter; arguments that are no parameters are passed over. NULL when
 * `out` is filled, else the text for the model. */
const char *arguments_match(const struct mcpp_tool *tool, const struct call_arguments *arguments,
                            struct pool *pool, struct matched *out);

/* Sets the arguments that claims of the caller fill in. NULL, or the text for the model. */
const char *arguments_fill(const struct caller *caller, struct matched *matched);

bool argument_is_given(const struct matched *matched, uint32_t parameter);

/* Refuses an object whose members are names of their own on the wire when one of them is another
 * parameter's: a rule about that argument would be got round. NULL, or the text for the model. */
const char *arguments_check_members(const struct matched *matched, uint32_t parameter);

/* The schema of one argument in the tool's input schema; false when there is none. */
bool argument_schema(const struct mcpp_tool *tool, const char *argument, struct pool *pool,
                     struct value *out);

/* A text for the model, in `pool`; a fixed text when memory runs out. */
const char *refusal_format(struct pool *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

extern const char refusal_no_memory[];

#endif
