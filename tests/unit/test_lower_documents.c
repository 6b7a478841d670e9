/*
 * Lowering real documents: what is written reads back as what was lowered, is laid out already, and
 * checks without an error. The documents are in the folder openapi of MCPP_DATA.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"

#include <stdlib.h>

#include "compiler/lower/lower.h"
#include "tests/unit/policy_fixture.h"

static const struct {
    const char *name;
    uint32_t tools_at_least;
} documents[] = {
    {"petstore-3.0.json", 19},
    {"swagger-petstore.yaml", 19},
    {"adyen-management-3.1.yaml", 100},
    {"box.json", 200},
    {"docusign-rooms-2.0.json", 80},
    {"figma.yaml", 40},
    {"slack-2.0.json", 170},
    {"twilio-2010.yaml", 190},
    {"xero-accounting.yaml", 200},
    {"xero-projects.yaml", 16},
    {"digitalocean/specification/DigitalOcean-public.v2.yaml", 600},
    {"learn/v3.1-tictactoe.yaml", 3},
    {"learn/v3.1-non-oauth-scopes.yaml", 1},
    {"learn/v3.1-webhook-example.yaml", 0},
    {"learn/v3.2-3.2-tags-example.yaml", 4},
    {"learn/v2.0-yaml-uber.yaml", 5},
    {"learn/petstore-separate/spec/swagger.yaml", 4},
};

static bool read_api(struct fixture *fixture, const char *name, struct api *api)
{
    const char *error;
    struct document document;
    struct source *source = source_read(&fixture->arena, name, &error);
    return CHECK(source != NULL) &&
           CHECK(document_read(source, &fixture->arena, &fixture->diags, &document)) &&
           CHECK(model_build(&document, &fixture->arena, &fixture->diags, api));
}

/* Every operation that is not omitted is a tool, under a name of its own. */
static void check_names(const struct fixture *fixture, const struct api *api)
{
    uint32_t omitted = 0;
    struct map seen = {.arena = fixture->diags.arena};
    for (uint32_t i = 0; i < fixture->ast.statement_count; i++)
        omitted += fixture->ast.statements[i].kind == STATEMENT_OMIT;
    CHECK_INT(fixture->policy.tool_count + omitted, api->operation_count);
    for (uint32_t i = 0; i < fixture->policy.tool_count; i++)
        CHECK(!map_add(&seen, fixture->policy.tools[i].name, (void *)&fixture->policy.tools[i]));
}

static void check_document(const char *name, uint32_t tools_at_least)
{
    struct fixture fixture = {.diags = {.arena = &fixture.arena}};
    struct lower_options options = {.api_name = str_of(name)};
    struct policy_ast ast;
    struct api api;
    if (!read_api(&fixture, name, &api) ||
        !CHECK(lower_api(&api, &options, &fixture.arena, &fixture.diags, &ast))) {
        diag_print(&fixture.diags, stderr);
        arena_free(&fixture.arena);
        return;
    }
    struct str_builder lowered = {.arena = &fixture.arena};
    ast_dump(&ast, &lowered);
    struct str text = policy_format(&ast, &fixture.arena);
    fixture_check(&fixture, &api, str_text(&fixture.arena, text));
    if (CHECK(fixture.is_checked)) {
        CHECK(str_equal(fixture_dump(&fixture), str_built(&lowered)));
        CHECK(str_equal(policy_format(&fixture.ast, &fixture.arena), text));
        CHECK(fixture.policy.tool_count >= tools_at_least);
        check_names(&fixture, &api);
    } else {
        fprintf(stderr, "%s:\n", name);
        diag_print(&fixture.diags, stderr);
    }
    arena_free(&fixture.arena);
}

int main(void)
{
    const char *folder = getenv("MCPP_DATA");
    if (!folder) {
        printf("skipped: MCPP_DATA is not set\n");
        return 0;
    }
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
        check_document(str_format(&arena, "%s/openapi/%s", folder, documents[i].name).at,
                       documents[i].tools_at_least);
    arena_free(&arena);
    return check_report();
}
