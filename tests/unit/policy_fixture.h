/*
 * For tests of the language: reading texts, and a small API built by hand, so that they do not
 * depend on the reader of OpenAPI documents.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_POLICY_FIXTURE_H
#define UNIT_POLICY_FIXTURE_H

#include "compiler/policy/check.h"
#include "compiler/policy/format.h"
#include "compiler/policy/include.h"
#include "compiler/policy/parse.h"
#include "compiler/policy/policy_dump.h"

struct fixture {
    struct arena arena;
    struct diag_list diags;
    struct policy_ast ast, whole; /* whole: with what the text includes */
    struct policy policy;
    bool is_parsed, is_checked;
};

static inline void fixture_parse(struct fixture *fixture, const char *text)
{
    fixture->diags = (struct diag_list){.arena = &fixture->arena};
    struct source *source =
        source_of(&fixture->arena, STR("test.mcpp"), str_copy(&fixture->arena, str_of(text)));
    fixture->is_parsed = policy_parse(source, &fixture->arena, &fixture->diags, &fixture->ast);
}

/* Tests include the standard library alone. */
static inline struct source *fixture_read(void *context, const char *name, const char **error)
{
    (void)context;
    (void)name;
    *error = "no files in tests";
    return NULL;
}

static inline bool fixture_include(struct fixture *fixture)
{
    struct include_files files = {NULL, fixture_read};
    return policy_include(&fixture->ast, &files, &fixture->arena, &fixture->diags, &fixture->whole);
}

static inline void fixture_check(struct fixture *fixture, const struct api *api, const char *text)
{
    fixture_parse(fixture, text);
    fixture->is_checked =
        fixture->is_parsed && fixture_include(fixture) &&
        policy_check(&fixture->whole, api, &fixture->arena, &fixture->diags, &fixture->policy);
}

static inline struct str fixture_dump(struct fixture *fixture)
{
    struct str_builder out = {.arena = &fixture->arena};
    ast_dump(&fixture->ast, &out);
    return str_built(&out);
}

/* The first diagnostic with this slug, or NULL. */
static inline const struct diag *fixture_diag(const struct fixture *fixture, const char *slug)
{
    for (size_t i = 0; i < fixture->diags.items.count; i++)
        if (strcmp(fixture->diags.items.at[i].slug, slug) == 0)
            return &fixture->diags.items.at[i];
    return NULL;
}

/* ---- an API ---- */

static const struct operation fixture_operations[] = {
    {.id = STR_INIT("getPet"),
     .method = STR_INIT("GET"),
     .path = STR_INIT("/pet/{petId}"),
     .summary = STR_INIT("Find a pet"),
     .description = STR_INIT("By its id.")},
    {.id = STR_INIT("addPet"),
     .method = STR_INIT("POST"),
     .path = STR_INIT("/pet"),
     .summary = STR_INIT("Add a pet")},
    {.id = STR_INIT("health"), .method = STR_INIT("GET"), .path = STR_INIT("/health")},
};

static const struct api fixture_api = {
    .title = STR_INIT("Pet Store 3"),
    .version = STR_INIT("1"),
    .server = STR_INIT("https://petstore.example/v3"),
    .operations = fixture_operations,
    .operation_count = 3,
};

#endif
