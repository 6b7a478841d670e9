/*
 * A small checked policy made by hand, for tests of tables and emitter that must not depend on
 * parsing. Everything lives in one arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_SAMPLE_POLICY_H
#define UNIT_SAMPLE_POLICY_H

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/check.h"
#include "compiler/tables/layout.h"

enum { SAMPLE_SCOPES_MAX = 256, SAMPLE_TOOLS_MAX = 64 };

struct sample {
    struct arena arena;
    struct diag_list diags;
    struct api api;
    struct policy policy;
    struct logic logic;
    struct source *source;
    struct scope scopes[SAMPLE_SCOPES_MAX];
    struct tool tools[SAMPLE_TOOLS_MAX];
};

static inline struct sample *sample_open(void)
{
    struct sample *sample = calloc(1, sizeof *sample);
    if (!sample)
        exit(3);
    sample->diags.arena = &sample->arena;
    sample->source = source_of(&sample->arena, STR("sample.mcpp"), STR("mcpp 1\n"));
    sample->api.source = sample->source;
    sample->api.title = STR("Sample");
    sample->api.version = STR("1");
    sample->policy = (struct policy){.api = &sample->api,
                                     .server_name = STR("sample"),
                                     .backend = STR("https://api.example"),
                                     .scopes = sample->scopes,
                                     .tools = sample->tools,
                                     .scope_index = {.arena = &sample->arena}};
    return sample;
}

static inline bool sample_tables(struct sample *sample, struct tables *out)
{
    return logic_build(&sample->policy, &sample->arena, &sample->diags, &sample->logic) &&
           tables_build(&sample->logic, &sample->arena, &sample->diags, out);
}

static inline void sample_close(struct sample *sample)
{
    arena_free(&sample->arena);
    free(sample);
}

/* Adds a scope that implies those at the indices in `implies` (and what they imply). */
static inline uint32_t sample_scope(struct sample *sample, const char *name,
                                    const uint32_t *implies, uint32_t count)
{
    uint32_t index = sample->policy.scope_count++;
    bool holds[SAMPLE_SCOPES_MAX] = {false};
    uint32_t *closed = arena_array(&sample->arena, SAMPLE_SCOPES_MAX, sizeof *closed);
    struct scope *scope = &sample->scopes[index];
    *scope = (struct scope){.name = str_of(name), .implies = closed};
    holds[index] = true;
    for (uint32_t i = 0; i < count; i++) {
        const struct scope *other = &sample->scopes[implies[i]];
        for (uint32_t j = 0; j < other->implies_count; j++)
            holds[other->implies[j]] = true;
    }
    for (uint32_t i = 0; i < SAMPLE_SCOPES_MAX; i++)
        if (holds[i])
            closed[scope->implies_count++] = i;
    map_add(&sample->policy.scope_index, scope->name, scope);
    return index;
}

static inline const struct condition *sample_condition(struct sample *sample,
                                                       enum condition_kind kind,
                                                       const struct condition *left,
                                                       const struct condition *right)
{
    struct condition *condition = arena_new(&sample->arena, struct condition);
    *condition = (struct condition){.kind = kind, .left = left, .right = right};
    return condition;
}

static inline const struct condition *sample_has(struct sample *sample, const char *scope)
{
    struct condition *condition = arena_new(&sample->arena, struct condition);
    condition->kind = CONDITION_SCOPE;
    condition->word = (struct word){.text = str_of(scope), .is_string = true};
    return condition;
}

static inline const struct condition *
sample_and(struct sample *sample, const struct condition *left, const struct condition *right)
{
    return sample_condition(sample, CONDITION_AND, left, right);
}

static inline const struct condition *sample_or(struct sample *sample, const struct condition *left,
                                                const struct condition *right)
{
    return sample_condition(sample, CONDITION_OR, left, right);
}

/* Adds a tool for GET /NAME; the operation may be changed through the pointer that it gives. */
static inline struct operation *sample_tool(struct sample *sample, const char *name,
                                            const struct condition *needs)
{
    struct operation *operation = arena_new(&sample->arena, struct operation);
    *operation = (struct operation){.method = STR("GET"),
                                    .path = str_format(&sample->arena, "/%s", name),
                                    .accept = STR("application/json"),
                                    .input_schema = STR("{\"type\":\"object\"}")};
    sample->tools[sample->policy.tool_count++] =
        (struct tool){.name = str_of(name), .operation = operation, .needs = needs};
    return operation;
}

#endif
