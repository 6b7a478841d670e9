/*
 * Documents as APIs: versions, servers, paths, methods, responses; and the real documents.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/model.h"

#include <stdlib.h>

#include "compiler/openapi/model_dump.h"
#include "tests/unit/api_fixture.h"

/* ---- versions ---- */

static void check_version(const char *text, bool is_built, const char *message)
{
    struct fixture fixture;
    fixture_read(&fixture, text);
    CHECK_INT(fixture.is_built, is_built);
    CHECK_STR(fixture_diag(&fixture, "unknown-version"), message);
    arena_free(&fixture.arena);
}

#define REST "info: {title: t, version: '1'}\npaths: {}\n"

static void test_versions(void)
{
    check_version("openapi: 3.0.0\n" REST, true, "");
    check_version("openapi: 3.1.2\n" REST, true, "");
    check_version("openapi: 3.2.0\n" REST, true, "");
    check_version("openapi: 3.1\n" REST, true, "");
    check_version("swagger: '2.0'\n" REST, true, "");
    check_version("openapi: 4.0.0\n" REST, false, "1: OpenAPI '4.0.0' is not supported");
    check_version("openapi: 3.10.0\n" REST, false, "1: OpenAPI '3.10.0' is not supported");
    check_version("swagger: '1.2'\n" REST, false, "1: OpenAPI '1.2' is not supported");
    check_version("openapi: [3]\n" REST, false, "1: the version is a sequence");
    check_version(REST, false,
                  "1: this is no OpenAPI document: it has neither 'openapi' nor 'swagger'");
    check_version("- 1\n", false,
                  "1: this is no OpenAPI document: it has neither 'openapi' nor 'swagger'");
}

static void test_information(void)
{
    struct fixture fixture;
    fixture_read(&fixture, "openapi: 3.1.0\n"
                           "info: {title: 'T', version: 1.10, description: D}\n"
                           "tags: [{name: a, description: A}, {name: b}]\n"
                           "paths: {}\nwebhooks: {w: {}}\n");
    CHECK_STR(fixture.api.openapi, "3.1.0");
    CHECK_STR(fixture.api.title, "T");
    CHECK_STR(fixture.api.version, "1.10");
    CHECK_STR(fixture.api.description, "D");
    CHECK_INT(fixture.api.tag_count, 2);
    CHECK_STR(fixture.api.tags[0].description, "A");
    CHECK_INT(fixture.api.input_count, 1);
    CHECK_STR(fixture_diag(&fixture, "webhooks"),
              "5: webhooks are requests of the backend and no tools; they are left out");
    CHECK_INT(fixture.diags.items.count, 1);
    arena_free(&fixture.arena);
}

/* ---- servers ---- */

static void check_server(const char *servers, const char *server, const char *text,
                         const char *message)
{
    struct fixture fixture;
    struct arena arena = {0};
    struct str document = str_format(&arena, API_HEAD("3.0.0") "servers: %s\npaths: {}\n", servers);
    fixture_read(&fixture, document.at);
    CHECK_STR(fixture.api.server, server);
    CHECK_STR(fixture.api.server_text, text);
    CHECK_STR(fixture_diag(&fixture, "bad-server"), message);
    arena_free(&fixture.arena);
    arena_free(&arena);
}

static void test_servers(void)
{
    check_server("[]", "", "", "");
    check_server("[{url: 'https://a.example/v1/'}]", "https://a.example/v1",
                 "https://a.example/v1/", "");
    check_server("[{url: /v1}]", "", "/v1", "");
    check_server(
        "[{url: '{s}://a.example:{port}/', variables: {s: {default: http}, port: {default: "
        "8080}}}]",
        "http://a.example:8080", "http://a.example:8080/", "");
    check_server("[{url: 'https://{x}.example'}]", "", "https://{x}.example",
                 "3: the server URL has a variable without a default; it is left out");
    check_server("[{url: 'https://a.example/\"; x'}]", "", "https://a.example/\"; x",
                 "3: the server URL has a character that a base URL cannot have; it is left out");
    check_server("[{url: 'https://me:pw@a.example'}]", "", "https://me:pw@a.example",
                 "3: the server URL holds a name or password; it is left out");
    check_server("[{url: 'file:///etc'}]", "", "file:///etc",
                 "3: the server URL is not an http or https URL; it is left out");
    check_server("[{description: d}]", "", "", "3: a server has no URL");
}

static void test_servers_of_operations(void)
{
    struct fixture fixture;
    fixture_read(&fixture, API_HEAD("3.0.0") "servers: [{url: 'https://a.example'}]\n"
                                             "paths:\n"
                                             "  /a:\n"
                                             "    servers: [{url: 'https://b.example/'}]\n"
                                             "    get: {}\n"
                                             "    put: {servers: [{url: 'https://c.example'}]}\n"
                                             "    post: {servers: [{url: /d}]}\n"
                                             "  /b: {get: {}}\n");
    CHECK_INT(fixture.api.operation_count, 4);
    CHECK_STR(fixture.api.operations[0].server, "https://b.example");
    CHECK_STR(fixture.api.operations[1].server, "https://c.example");
    CHECK_STR(fixture.api.operations[2].server, "");
    CHECK_STR(fixture.api.operations[3].server, "");
    CHECK_STR(fixture_diag(&fixture, "relative-server"),
              "9: the server '/d' of this operation is relative; requests go to the backend of the "
              "policy");
    arena_free(&fixture.arena);
}

/* ---- paths and methods ---- */

static void test_methods(void)
{
    static const char *const methods[] = {"GET",  "PUT",   "POST",  "DELETE", "OPTIONS",
                                          "HEAD", "PATCH", "TRACE", "QUERY",  "COPY"};
    struct fixture fixture;
    fixture_read(&fixture,
                 API_HEAD("3.2.0") "paths:\n  /a:\n"
                                   "    get: {}\n    put: {}\n    post: {}\n"
                                   "    delete: {}\n    options: {}\n    head: {}\n"
                                   "    patch: {}\n    trace: {}\n    query: {}\n"
                                   "    additionalOperations: {COPY: {}, get: {}, 'A B': {}}\n"
                                   "  x-b: {get: {}}\n");
    CHECK_INT(fixture.api.operation_count, 10);
    for (uint32_t i = 0; i < 10 && i < fixture.api.operation_count; i++)
        CHECK_STR(fixture.api.operations[i].method, methods[i]);
    CHECK_STR(fixture_diag(&fixture, "bad-method"),
              "14: 'get' is no additional HTTP method; the operation is left out");
    CHECK_INT(fixture_count(&fixture, "bad-method"), 2);
    CHECK(api_operation(&fixture.api, STR("COPY"), STR("/a")) == &fixture.api.operations[9]);
    CHECK(!api_operation(&fixture.api, STR("COPY"), STR("/b")));
    arena_free(&fixture.arena);
    fixture_read(&fixture, API_HEAD("3.1.0") "paths: {/a: {query: {}, get: {}}}\n");
    CHECK_INT(fixture.api.operation_count, 1);
    CHECK_STR(fixture_diag(&fixture, "unknown-key"),
              "3: 'query' has no meaning in a path item; it is left out");
    arena_free(&fixture.arena);
}

static void check_path(const char *path, const char *problem)
{
    struct fixture fixture;
    struct arena arena = {0};
    struct str text = str_format(&arena, API_HEAD("3.0.0") "paths: {\"%s\": {get: {}}}\n", path);
    struct str message =
        str_format(&arena, "3: the path '%s' %s; its operations are left out", path, problem);
    fixture_read(&fixture, text.at);
    CHECK(fixture.is_built);
    CHECK_INT(fixture.api.operation_count, 0);
    CHECK_STR(fixture_diag(&fixture, "bad-path"), message.at);
    arena_free(&fixture.arena);
    arena_free(&arena);
}

static void test_paths(void)
{
    check_path("a", "does not begin with '/'");
    check_path("/a/{b", "has braces that do not match");
    check_path("/a/b}", "has braces that do not match");
    check_path("/{a{b}}", "has braces that do not match");
    check_path("/{}", "has a parameter without a name");
    check_path("/a#{b}", "has a parameter in its query or fragment");
    check_path("/a?b={b}", "has a parameter in its query or fragment");
    check_path("/a/{b}?c#{d}", "has a parameter in its query or fragment");
}

static void test_operation(void)
{
    struct fixture fixture;
    fixture_read(
        &fixture,
        API_HEAD("3.1.0") "paths:\n"
                          "  /a: {$ref: '#/components/pathItems/A'}\n"
                          "  /b: {get: {operationId: one}}\n"
                          "components:\n  pathItems:\n    A:\n      summary: Shared\n"
                          "      get:\n        operationId: one\n        deprecated: true\n"
                          "        tags: [t, 1]\n        wat: 1\n"
                          "        callbacks: {}\n");
    CHECK(fixture.is_built);
    CHECK_INT(fixture.api.operation_count, 2);
    const struct operation *operation = &fixture.api.operations[0];
    CHECK_STR(operation->path, "/a");
    CHECK_STR(operation->id, "one");
    CHECK_STR(operation->summary, "Shared");
    CHECK(operation->is_deprecated);
    CHECK_INT(operation->tag_count, 1);
    CHECK_STR(fixture_diag(&fixture, "bad-value"),
              "13: a tag is a number, not a string; it is left out");
    CHECK_STR(fixture_diag(&fixture, "unknown-key"),
              "14: 'wat' has no meaning in an operation; it is left out");
    CHECK_STR(fixture_diag(&fixture, "callbacks"),
              "15: callbacks are requests of the backend and no tools; they are left out");
    CHECK_STR(fixture_diag(&fixture, "duplicate-operation-id"),
              "5: the operationId 'one' is there twice");
    arena_free(&fixture.arena);
}

/* Text of the document goes into the dump as JSON strings: one line each, whatever is in it. */
static void test_dump(void)
{
    struct fixture fixture;
    fixture_read(&fixture, "openapi: 3.1.0\n"
                           "info: {title: \"a\\n\\\"b\\0\", version: '1'}\n"
                           "paths: {\"/a\": {get: {security: [{}]}}}\n");
    struct str_builder out = {.arena = &fixture.arena};
    api_dump(&fixture.api, &out);
    CHECK_STR(str_built(&out),
              "openapi \"3.1.0\"\ntitle \"a\\n\\\"b\\u0000\"\nversion \"1\"\n"
              "operation GET \"/a\"\n  security anonymous\n"
              "  input {\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}\n");
    arena_free(&fixture.arena);
}

/* ---- real documents ---- */

static const struct real {
    const char *name;
    uint32_t operation_count;
} real_documents[] = {
    {"petstore-3.0.json", 19},
    {"swagger-petstore.yaml", 19},
    {"adyen-management-3.1.yaml", 134},
    {"box.json", 296},
    {"docusign-rooms-2.0.json", 89},
    {"figma.yaml", 47},
    {"slack-2.0.json", 174},
    {"twilio-2010.yaml", 197},
    {"xero-accounting.yaml", 235},
    {"xero-projects.yaml", 16},
    {"digitalocean/specification/DigitalOcean-public.v2.yaml", 659},
    {"learn/v2.0-yaml-uber.yaml", 5},
    {"learn/v2.0-json-petstore-simple.json", 4},
    {"learn/petstore-separate/spec/swagger.yaml", 4},
    {"learn/v3.0-callback-example.yaml", 1},
    {"learn/v3.0-link-example.yaml", 6},
    {"learn/v3.0-petstore-expanded.yaml", 4},
    {"learn/v3.0-uspto.yaml", 3},
    {"learn/v3.1-non-oauth-scopes.yaml", 1},
    {"learn/v3.1-tictactoe.yaml", 3},
    {"learn/v3.1-webhook-example.yaml", 0},
    {"learn/v3.2-3.2-tags-example.yaml", 4},
};

static void test_real_document(const char *folder, const struct real *real)
{
    struct arena arena = {0};
    struct diag_list diags = {.arena = &arena};
    struct document document;
    struct api api = {0};
    const char *error;
    struct str path = str_format(&arena, "%s/openapi/%s", folder, real->name);
    struct source *source = source_read(&arena, path.at, &error);
    if (!check_that(source != NULL, __FILE__, __LINE__, real->name))
        return;
    check_that(document_read(source, &arena, &diags, &document) &&
                   model_build(&document, &arena, &diags, &api),
               __FILE__, __LINE__, real->name);
    CHECK_INT(api.operation_count, real->operation_count);
    for (uint32_t i = 0; i < api.operation_count; i++)
        CHECK(str_starts(api.operations[i].input_schema, "{\"type\":\"object\",\"properties\":{"));
    arena_free(&arena);
}

static void test_real_documents(void)
{
    const char *folder = getenv("MCPP_DATA");
    if (!folder)
        printf("skipped: real documents (MCPP_DATA is not set)\n");
    for (size_t i = 0; folder && i < sizeof real_documents / sizeof *real_documents; i++)
        test_real_document(folder, &real_documents[i]);
}

int main(void)
{
    test_versions();
    test_information();
    test_servers();
    test_servers_of_operations();
    test_methods();
    test_paths();
    test_operation();
    test_dump();
    test_real_documents();
    return check_report();
}
