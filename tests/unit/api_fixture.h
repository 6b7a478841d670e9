/*
 * For unit tests of the model: an API from an OpenAPI text, and what was reported on the way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_API_FIXTURE_H
#define UNIT_API_FIXTURE_H

#include "compiler/openapi/model.h"
#include "tests/unit/check.h"

struct fixture {
    struct arena arena;
    struct diag_list diags;
    struct api api;
    bool is_built;
};

/* In place, because the diagnostics point to the arena in it. */
static inline void fixture_read(struct fixture *fixture, const char *text)
{
    struct document document;
    *fixture = (struct fixture){.is_built = false};
    fixture->diags.arena = &fixture->arena;
    struct source *source = source_of(&fixture->arena, STR("test.yaml"), str_of(text));
    if (CHECK(document_read(source, &fixture->arena, &fixture->diags, &document)))
        fixture->is_built = model_build(&document, &fixture->arena, &fixture->diags, &fixture->api);
}

/* The only operation; an empty one when there is none. */
static inline const struct operation *fixture_operation(const struct fixture *fixture)
{
    static const struct operation none;
    return CHECK(fixture->api.operation_count == 1) ? &fixture->api.operations[0] : &none;
}

/* How many diagnostics have this slug. */
static inline unsigned fixture_count(const struct fixture *fixture, const char *slug)
{
    unsigned count = 0;
    for (size_t i = 0; i < fixture->diags.items.count; i++)
        count += strcmp(fixture->diags.items.at[i].slug, slug) == 0;
    return count;
}

/* Line and message of the first diagnostic with this slug: "12: text"; empty: none. */
static inline struct str fixture_diag(struct fixture *fixture, const char *slug)
{
    for (size_t i = 0; i < fixture->diags.items.count; i++) {
        const struct diag *diag = &fixture->diags.items.at[i];
        if (strcmp(diag->slug, slug) != 0)
            continue;
        struct position position = source_position(diag->span.source, diag->span.start);
        return str_format(&fixture->arena, "%u: %.*s", (unsigned)position.line,
                          STR_ARG(diag->message));
    }
    return STR("");
}

static inline const struct argument *fixture_argument(const struct operation *operation,
                                                      const char *name)
{
    static const struct argument none;
    for (uint32_t i = 0; i < operation->argument_count; i++)
        if (str_is(operation->arguments[i].name, name))
            return &operation->arguments[i];
    check_that(false, __FILE__, __LINE__, name);
    return &none;
}

#define API_HEAD(version) "openapi: " version "\ninfo: {title: Test, version: '1'}\n"

#endif
