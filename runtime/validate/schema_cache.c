/*
 * Compiles input schemas when they are first needed: of a thousand tools few are called, and the
 * start does not wait for them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/schema_cache.h"

#include <stdlib.h>

#include "runtime/observe/log.h"

enum { CACHE_BYTES_MAX = 128 * 1024 * 1024 }; /* of all compiled schemas */

struct entry {
    struct schema *schema; /* NULL: not compiled yet, or broken */
    bool is_broken;
};

struct schema_cache {
    const struct mcpp_policy *policy;
    struct pool *pool;
    struct entry *entries; /* one a tool, and then one for each one's result */
};

struct schema_cache *schema_cache_open(const struct mcpp_policy *policy)
{
    struct schema_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return NULL;
    cache->policy = policy;
    cache->pool = pool_open(CACHE_BYTES_MAX);
    cache->entries = calloc(policy->tool_count * (size_t)2 + 1, sizeof *cache->entries);
    if (cache->pool && cache->entries)
        return cache;
    schema_cache_close(cache);
    return NULL;
}

void schema_cache_close(struct schema_cache *cache)
{
    if (!cache)
        return;
    pool_close(cache->pool);
    free(cache->entries);
    free(cache);
}

static enum schema_status compile(struct schema_cache *cache, const struct mcpp_tool *tool,
                                  const char *text, struct entry *entry)
{
    const char *kind = text == tool->input_schema ? "input" : "output";
    struct schema *schema = pool_alloc(cache->pool, sizeof *schema);
    if (!schema)
        return SCHEMA_NO_MEMORY;
    enum schema_status status = schema_compile(slice_of(text), cache->pool, schema);
    entry->is_broken = status == SCHEMA_BROKEN;
    if (entry->is_broken)
        log_error("the %s schema of tool %s cannot be used: its calls are refused", kind,
                  tool->name);
    if (status != SCHEMA_COMPILED)
        return status;
    entry->schema = schema;
    if (schema->unenforced)
        log_info("%s schema of tool %s: %u patterns or divisors are not enforced", kind, tool->name,
                 schema->unenforced);
    return SCHEMA_COMPILED;
}

static enum schema_status get(struct schema_cache *cache, const struct mcpp_tool *tool,
                              const char *text, struct entry *entry, const struct schema **out)
{
    enum schema_status status = SCHEMA_COMPILED;
    if (entry->is_broken)
        return SCHEMA_BROKEN;
    if (!entry->schema)
        status = compile(cache, tool, text, entry);
    *out = entry->schema;
    return status;
}

enum schema_status schema_cache_get(struct schema_cache *cache, const struct mcpp_tool *tool,
                                    const struct schema **out)
{
    size_t index = (size_t)(tool - cache->policy->tools);
    return get(cache, tool, tool->input_schema, &cache->entries[index], out);
}

enum schema_status schema_cache_get_output(struct schema_cache *cache, const struct mcpp_tool *tool,
                                           const struct schema **out)
{
    size_t index = (size_t)(tool - cache->policy->tools) + cache->policy->tool_count;
    return get(cache, tool, tool->output_schema, &cache->entries[index], out);
}
