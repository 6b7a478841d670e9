/*
 * Swagger 2.0 in the shape of OpenAPI 3.0: each thing that moves, and the real 2.0 documents.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/swagger2.h"

#include <stdlib.h>

#include "compiler/openapi/reference.h"
#include "tests/unit/read_text.h"

static struct reading reading;
static struct document converted;

static bool convert(const char *text)
{
    CHECK(read_text(&reading, text));
    bool is_right = swagger2_convert(&reading.document, &reading.arena, &reading.diags, &converted);
    CHECK(is_right == (reading.diags.error_count == 0));
    return is_right;
}

static void done(void)
{
    arena_free(&reading.arena);
}

/* The node at a path of names and indices that '|' separates. */
static const struct node *at_path(const char *path)
{
    const struct node *node = converted.root;
    struct str rest = str_of(path);
    while (node && rest.len) {
        size_t end = str_find(rest, '|');
        struct str name = str_part(rest, 0, end);
        if (node->kind == NODE_SEQUENCE) {
            size_t index = strtoul(str_text(&reading.arena, name), NULL, 10);
            node = index < node->count ? node->items[index] : NULL;
        } else {
            const struct member *member = node_member(node, name);
            node = member ? member->value : NULL;
        }
        rest = str_from(rest, end + 1);
    }
    return node;
}

static void check_text(const char *path, const char *wanted, int line)
{
    const struct node *node = at_path(path);
    struct str actual = !node                        ? STR("(nothing)")
                        : node->kind == NODE_BOOLEAN ? str_of(node->is_true ? "true" : "false")
                                                     : node->text;
    if (!check_that(str_is(actual, wanted), __FILE__, line, path))
        fprintf(stderr, "    got '%.*s', wanted '%s'\n", STR_ARG(actual), wanted);
}
#define CHECK_TEXT(path, wanted) check_text((path), (wanted), __LINE__)
#define CHECK_NOTHING(path) check_text((path), "(nothing)", __LINE__)

static void test_servers(void)
{
    CHECK(convert(
        "--- {swagger: '2.0', host: 'e.example:8080', basePath: /v1, schemes: [http, https],"
        " paths: {/a: {get: {schemes: [http], responses: {}}}}, x-own: 1}"));
    CHECK_TEXT("openapi", "3.0.4");
    CHECK_TEXT("servers|0|url", "https://e.example:8080/v1");
    CHECK_TEXT("servers|1|url", "http://e.example:8080/v1");
    CHECK_TEXT("paths|/a|get|servers|0|url", "http://e.example:8080/v1");
    CHECK_TEXT("x-own", "1");
    CHECK_NOTHING("host");
    CHECK_NOTHING("swagger");
    CHECK_INT(at_path("servers|0|url")->span.start, 27);
    done();
    CHECK(convert("--- {swagger: '2.0', host: e.example, paths: {}}"));
    CHECK_TEXT("servers|0|url", "https://e.example");
    done();
    CHECK(convert("--- {swagger: '2.0', basePath: /v1, schemes: [http], paths: {}}"));
    CHECK_TEXT("servers|0|url", "/v1");
    CHECK_NOTHING("servers|1");
    done();
    CHECK(convert("--- {swagger: '2.0', paths: {}}"));
    CHECK_TEXT("servers|0|url", "/");
    done();
}

static void test_parameters(void)
{
    CHECK(convert("swagger: '2.0'\n"
                  "parameters:\n"
                  "  limit: {name: limit, in: query, type: integer, format: int32, maximum: 9}\n"
                  "paths:\n"
                  "  /a/{id}:\n"
                  "    parameters:\n"
                  "      - {name: id, in: path, required: true, type: string, x-own: 1}\n"
                  "    get:\n"
                  "      operationId: getA\n"
                  "      parameters:\n"
                  "        - $ref: '#/parameters/limit'\n"
                  "        - {name: m, in: query, type: array, items: {type: string},"
                  " collectionFormat: multi}\n"
                  "        - {name: c, in: query, type: array, items: {type: string}}\n"
                  "        - {name: p, in: query, type: array, collectionFormat: pipes}\n"
                  "        - {name: s, in: query, type: array, collectionFormat: ssv}\n"
                  "        - {name: h, in: header, type: array}\n"
                  "      responses: {}\n"));
    CHECK_TEXT("paths|/a/{id}|parameters|0|name", "id");
    CHECK_TEXT("paths|/a/{id}|parameters|0|required", "true");
    CHECK_TEXT("paths|/a/{id}|parameters|0|schema|type", "string");
    CHECK_TEXT("paths|/a/{id}|parameters|0|x-own", "1");
    CHECK_NOTHING("paths|/a/{id}|parameters|0|type");
    CHECK_NOTHING("paths|/a/{id}|parameters|0|style");
    CHECK_TEXT("paths|/a/{id}|get|operationId", "getA");
    CHECK_TEXT("paths|/a/{id}|get|parameters|0|name", "limit");
    CHECK_TEXT("paths|/a/{id}|get|parameters|0|schema|format", "int32");
    CHECK_TEXT("paths|/a/{id}|get|parameters|0|schema|maximum", "9");
    CHECK_TEXT("paths|/a/{id}|get|parameters|1|style", "form");
    CHECK_TEXT("paths|/a/{id}|get|parameters|1|explode", "true");
    CHECK_TEXT("paths|/a/{id}|get|parameters|1|schema|items|type", "string");
    CHECK_NOTHING("paths|/a/{id}|get|parameters|1|collectionFormat");
    CHECK_TEXT("paths|/a/{id}|get|parameters|2|style", "form");
    CHECK_TEXT("paths|/a/{id}|get|parameters|2|explode", "false");
    CHECK_TEXT("paths|/a/{id}|get|parameters|3|style", "pipeDelimited");
    CHECK_TEXT("paths|/a/{id}|get|parameters|4|style", "spaceDelimited");
    CHECK_TEXT("paths|/a/{id}|get|parameters|5|style", "simple");
    CHECK_INT(source_position(reading.document.source,
                              at_path("paths|/a/{id}|get|parameters|0|schema|type")->span.start)
                  .line,
              3);
    CHECK_INT(reading.diags.items.count, 0);
    done();
    CHECK(convert("--- {paths: {/a: {get: {parameters: [{name: t, in: query, type: array,"
                  " collectionFormat: tsv}], responses: {}}}}}"));
    CHECK_INT(reading.diags.warning_count, 0);
    CHECK_TEXT("paths|/a|get|parameters|0|style", "tabDelimited");
    CHECK_TEXT("paths|/a|get|parameters|0|explode", "false");
    done();
}

static void test_bodies(void)
{
    CHECK(
        convert("swagger: '2.0'\n"
                "consumes: [application/xml, application/json]\n"
                "parameters: {pet: {name: pet, in: body, required: true, description: A pet,"
                " schema: {$ref: '#/definitions/Pet'}}}\n"
                "definitions: {Pet: {type: object}}\n"
                "paths:\n"
                "  /a:\n"
                "    parameters: [{name: f, in: formData, type: string}]\n"
                "    post: {parameters: [{$ref: '#/parameters/pet'}], responses: {}}\n"
                "    put: {consumes: [text/csv], parameters: [{$ref: '#/parameters/pet'}],"
                " responses: {}}\n"
                "    patch: {parameters: [{name: g, in: formData, type: array, required: true,"
                " description: G, collectionFormat: multi}], responses: {}}\n"
                "    delete: {consumes: [multipart/form-data], responses: {}}\n"
                "  /b:\n"
                "    post: {parameters: [{name: up, in: formData, type: file}], responses: {}}\n"));
    CHECK_NOTHING("paths|/a|parameters");
    CHECK_NOTHING("paths|/a|post|parameters");
    CHECK_TEXT("paths|/a|post|requestBody|required", "true");
    CHECK_TEXT("paths|/a|post|requestBody|description", "A pet");
    CHECK_NOTHING("paths|/a|post|requestBody|in");
    const struct node *schema =
        at_path("paths|/a|post|requestBody|content|application/json|schema");
    CHECK(schema == at_path("paths|/a|post|requestBody|content|application/xml|schema"));
    CHECK(at_path("paths|/a|put|requestBody|content|text/csv|schema"));
    CHECK_NOTHING("paths|/a|put|requestBody|content|application/json");
    struct references *references = references_open(&converted, &reading.arena, &reading.diags);
    CHECK(reference_follow(references, schema) == at_path("components|schemas|Pet"));
#define PATCH "paths|/a|patch|requestBody|content|application/x-www-form-urlencoded|"
    CHECK_TEXT(PATCH "schema|properties|f|type", "string");
    CHECK_TEXT(PATCH "schema|properties|g|type", "array");
    CHECK_TEXT(PATCH "schema|properties|g|description", "G");
    CHECK_TEXT(PATCH "schema|required|0", "g");
    CHECK_NOTHING(PATCH "schema|required|1");
    CHECK_TEXT(PATCH "encoding|g|explode", "true");
    CHECK_TEXT("paths|/a|patch|requestBody|required", "true");
    CHECK(at_path("paths|/a|delete|requestBody|content|multipart/form-data"));
    CHECK_TEXT("paths|/b|post|requestBody|content|multipart/form-data|schema|properties|up|format",
               "binary");
    CHECK_INT(reading.diags.items.count, 0);
    done();
    CHECK(!convert("--- {paths: {/a: {post: {parameters: [{name: a, in: body, schema: {}},"
                   " {name: b, in: formData, type: string}], responses: {}}}}}"));
    CHECK(strcmp(reading.diags.items.at[0].slug, "second-body") == 0);
    done();
}

static void test_responses(void)
{
    CHECK(convert("swagger: '2.0'\n"
                  "produces: [application/json, text/plain, text/plain]\n"
                  "responses: {Gone: {description: gone, schema: {type: string}}}\n"
                  "paths:\n"
                  "  /a:\n"
                  "    get:\n"
                  "      produces: [application/pdf]\n"
                  "      responses:\n"
                  "        200: {description: ok, schema: {type: file},"
                  " headers: {X-A: {type: integer, description: A}}}\n"
                  "        204: {description: none}\n"
                  "    put:\n"
                  "      responses:\n"
                  "        200: {description: ok, schema: {type: string},"
                  " examples: {text/plain: hi}}\n"
                  "        410: {$ref: '#/responses/Gone'}\n"
                  "        x-own: {schema: 1}\n"));
    CHECK_TEXT("paths|/a|get|responses|200|description", "ok");
    CHECK_TEXT("paths|/a|get|responses|200|content|application/pdf|schema|format", "binary");
    CHECK_TEXT("paths|/a|get|responses|200|headers|X-A|schema|type", "integer");
    CHECK_TEXT("paths|/a|get|responses|200|headers|X-A|description", "A");
    CHECK_NOTHING("paths|/a|get|responses|204|content");
    CHECK_TEXT("paths|/a|put|responses|200|content|application/json|schema|type", "string");
    CHECK_TEXT("paths|/a|put|responses|200|content|text/plain|example", "hi");
    CHECK_NOTHING("paths|/a|put|responses|200|content|application/json|example");
    CHECK_TEXT("paths|/a|put|responses|410|description", "gone");
    CHECK_TEXT("paths|/a|put|responses|410|content|text/plain|schema|type", "string");
    CHECK_TEXT("paths|/a|put|responses|x-own|schema", "1");
    done();
}

static void test_security(void)
{
    CHECK(convert("swagger: '2.0'\n"
                  "securityDefinitions:\n"
                  "  b: {type: basic, description: B}\n"
                  "  k: {type: apiKey, name: K, in: header}\n"
                  "  c: {type: oauth2, flow: accessCode, authorizationUrl: 'https://a',"
                  " tokenUrl: 'https://t', scopes: {r: Read}, x-own: 1}\n"
                  "  a: {type: oauth2, flow: application, tokenUrl: 'https://t', scopes: {}}\n"
                  "security: [{c: [r]}]\n"
                  "paths: {}\n"));
#define SCHEMES "components|securitySchemes|"
    CHECK_TEXT(SCHEMES "b|type", "http");
    CHECK_TEXT(SCHEMES "b|scheme", "basic");
    CHECK_TEXT(SCHEMES "b|description", "B");
    CHECK_TEXT(SCHEMES "k|in", "header");
    CHECK_TEXT(SCHEMES "c|type", "oauth2");
    CHECK_TEXT(SCHEMES "c|flows|authorizationCode|authorizationUrl", "https://a");
    CHECK_TEXT(SCHEMES "c|flows|authorizationCode|scopes|r", "Read");
    CHECK_TEXT(SCHEMES "c|x-own", "1");
    CHECK_NOTHING(SCHEMES "c|flow");
    CHECK_TEXT(SCHEMES "a|flows|clientCredentials|tokenUrl", "https://t");
    CHECK_TEXT("security|0|c|0", "r");
    done();
    CHECK(!convert("--- {securityDefinitions: {a: {type: oauth2, flow: magic}}, paths: {}}"));
    CHECK(strcmp(reading.diags.items.at[0].slug, "unknown-flow") == 0);
    done();
    CHECK(!convert("--- {paths: [], host: 5, consumes: text/plain}"));
    CHECK_INT(reading.diags.error_count, 3);
    done();
    CHECK(!convert("[]"));
    done();
}

/* The converted document, and every local reference in it. */
static uint32_t follow_all(struct references *references, const struct node *node)
{
    uint32_t count = 0;
    if (node_string(node_get(node, "$ref")).len) {
        CHECK(reference_follow(references, node));
        count++;
    }
    for (uint32_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++)
        count += follow_all(references, node->members[i].value);
    for (uint32_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
        count += follow_all(references, node->items[i]);
    return count;
}

static void test_real(const char *data)
{
    static const char *const names[] = {"docusign-rooms-2.0.json", "slack-2.0.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *error;
        reading = (struct reading){0};
        reading.diags.arena = &reading.arena;
        struct str path = str_format(&reading.arena, "%s/openapi/%s", data, names[i]);
        struct source *source = source_read(&reading.arena, path.at, &error);
        if (!CHECK(source))
            continue;
        document_read(source, &reading.arena, &reading.diags, &reading.document);
        CHECK(swagger2_convert(&reading.document, &reading.arena, &reading.diags, &converted));
        struct references *references = references_open(&converted, &reading.arena, &reading.diags);
        uint32_t count = follow_all(references, converted.root);
        printf("%s: %u paths, %u references\n", names[i], at_path("paths")->count, count);
        CHECK(at_path("paths")->count > 10);
        CHECK(at_path("components|securitySchemes"));
        diag_print(&reading.diags, stderr);
        done();
    }
}

int main(void)
{
    test_servers();
    test_parameters();
    test_bodies();
    test_responses();
    test_security();
    const char *data = getenv("MCPP_DATA");
    if (data)
        test_real(data);
    else
        printf("skipped: real documents, MCPP_DATA is not set\n");
    return check_report();
}
