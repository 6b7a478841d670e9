/*
 * The compiled schemas of a policy's tools: each is compiled when its tool is first called, that of
 * the result when one is to be validated, and kept for the life of the worker. For one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_SCHEMA_CACHE_H
#define VALIDATE_SCHEMA_CACHE_H

#include <mcpp/policy.h>

#include "runtime/validate/schema.h"

struct schema_cache;

/* NULL when out of memory. The policy stays borrowed. */
struct schema_cache *schema_cache_open(const struct mcpp_policy *policy);
void schema_cache_close(struct schema_cache *cache); /* NULL is fine */

/* `tool` is one of the policy's. On SCHEMA_COMPILED `out` gets the schema. A broken schema is
 * logged once; running out of memory is tried again at the next call. */
enum schema_status schema_cache_get(struct schema_cache *cache, const struct mcpp_tool *tool,
                                    const struct schema **out);
enum schema_status schema_cache_get_output(struct schema_cache *cache, const struct mcpp_tool *tool,
                                           const struct schema **out);

#endif
