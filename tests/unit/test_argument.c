/*
 * Parameters and bodies as one flat object of arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/argument.h"

#include "tests/unit/api_fixture.h"

#define OPERATION(path, rest) API_HEAD("3.0.3") "paths:\n  " path ":\n    post:\n" rest

/* "name place wire_name" of all arguments, with ", " between them; '!' marks required ones. */
static struct str listed(struct fixture *fixture)
{
    static const char *const places[] = {"path",        "query", "header", "cookie",
                                         "querystring", "body",  "whole"};
    const struct operation *operation = fixture_operation(fixture);
    struct str_builder out = {.arena = &fixture->arena};
    for (uint32_t i = 0; i < operation->argument_count; i++) {
        const struct argument *argument = &operation->arguments[i];
        str_add_format(&out, "%s%.*s%s %s %.*s", i ? ", " : "", STR_ARG(argument->name),
                       argument->is_required ? "!" : "", places[argument->place],
                       STR_ARG(argument->wire_name));
    }
    return str_built(&out);
}

static void check_list(const char *text, const char *wanted)
{
    struct fixture fixture;
    fixture_read(&fixture, text);
    CHECK(fixture.is_built);
    CHECK_STR(listed(&fixture), wanted);
    arena_free(&fixture.arena);
}

static void check_report_of(const char *text, const char *wanted, const char *slug,
                            const char *message)
{
    struct fixture fixture;
    fixture_read(&fixture, text);
    CHECK_STR(listed(&fixture), wanted);
    CHECK_STR(fixture_diag(&fixture, slug), message);
    CHECK_INT(fixture_count(&fixture, slug), 1);
    arena_free(&fixture.arena);
}

static void test_places(void)
{
    check_list(OPERATION("/a/{id}", "      parameters:\n"
                                    "      - {name: q, in: query, schema: {}}\n"
                                    "      - {name: id, in: path, required: true, schema: {}}\n"
                                    "      - {name: X-H, in: header, required: true, schema: {}}\n"
                                    "      - {name: c, in: cookie, schema: {}}\n"),
               "q query q, id! path id, X-H! header X-H, c cookie c");
}

static void test_collisions(void)
{
    check_list(OPERATION("/a/{id}", "      parameters:\n"
                                    "      - {name: id, in: query, schema: {}}\n"
                                    "      - {name: id, in: header, schema: {}}\n"
                                    "      - {name: id_query, in: query, schema: {}}\n"
                                    "      - {name: id, in: path, required: true, schema: {}}\n"),
               "id_2 query id, id_header header id, id_query query id_query, id! path id");
}

static void test_names(void)
{
    struct fixture fixture;
    fixture_read(&fixture,
                 OPERATION("/a",
                           "      parameters:\n"
                           "      - {name: 'filter[name]', in: query, schema: {}}\n"
                           "      - {name: 'filter_name', in: query, schema: {}}\n"
                           "      - {name: '[]', in: query, schema: {}}\n"
                           "      - {name: 'Größe', in: query, schema: {}}\n"
                           "      - {name: "
                           "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb12345, "
                           "in: query, schema: {}}\n"));
    const struct operation *operation = fixture_operation(&fixture);
    CHECK_INT(operation->argument_count, 5);
    CHECK_STR(operation->arguments[0].name, "filter_name_query");
    CHECK_STR(operation->arguments[0].wire_name, "filter[name]");
    CHECK_STR(operation->arguments[1].name, "filter_name");
    CHECK_STR(operation->arguments[2].name, "argument");
    CHECK_STR(operation->arguments[3].name, "Gr_e");
    CHECK_INT(operation->arguments[4].name.len, 64);
    CHECK(str_starts(operation->arguments[4].name, "aaaaaaaaaabbbbbbbbbb"));
    arena_free(&fixture.arena);
}

static void test_path_item(void)
{
    check_list(API_HEAD("3.1.0") "paths:\n  /a:\n    parameters:\n"
                                 "    - {name: p, in: query, schema: {}}\n"
                                 "    - {name: r, in: query, schema: {}}\n"
                                 "    - {name: X-A, in: header, schema: {}}\n"
                                 "    get:\n      parameters:\n"
                                 "      - {name: r, in: query, required: true, schema: {}}\n"
                                 "      - {name: x-a, in: header, required: true, schema: {}}\n"
                                 "      - {name: p, in: cookie, schema: {}}\n",
               "p query p, r! query r, x-a! header x-a, p_cookie cookie p");
}

static void test_templates(void)
{
    check_report_of(OPERATION("/a/{id}", "      responses: {}\n"), "id! path id",
                    "undeclared-path-parameter",
                    "5: '{id}' in '/a/{id}' is not declared; it is taken as a string");
    check_report_of(OPERATION("/a", "      parameters: [{name: id, in: path, schema: {}}]\n"), "",
                    "unknown-path-parameter",
                    "6: the path parameter 'id' has no place in '/a'; it is left out");
}

static void test_left_out(void)
{
    check_report_of(OPERATION("/a", "      parameters: [{name: accept, in: header, schema: {}}]\n"),
                    "", "reserved-header",
                    "6: header parameters 'accept' are ignored, as OpenAPI says");
    check_report_of(
        OPERATION("/a", "      parameters: [{name: Content-Length, in: header, schema: {}}]\n"), "",
        "reserved-header", "6: the header 'Content-Length' cannot be an argument; it is left out");
    check_report_of(
        OPERATION("/a",
                  "      parameters: [{name: x-http-method-override, in: header, schema: {}}]\n"),
        "", "reserved-header",
        "6: the header 'x-http-method-override' cannot be an argument; it is left out");
    check_report_of(OPERATION("/a", "      parameters: [{name: 'a: b', in: header, schema: {}}]\n"),
                    "", "bad-parameter",
                    "6: 'a: b' is no name of a header or cookie; the parameter is left out");
    check_report_of(OPERATION("/a", "      parameters: [{name: q, in: body, schema: {}}]\n"), "",
                    "bad-parameter",
                    "6: the parameter 'q' has no place that is known; it is left out");
    check_report_of(OPERATION("/a", "      parameters: [{name: q, in: query, schema: {}}, "
                                    "{name: q, in: query, schema: {}}]\n"),
                    "q query q", "duplicate-parameter",
                    "6: the parameter 'q' is there twice; the second is left out");
}

static void test_credentials(void)
{
    check_report_of(
        OPERATION("/a", "      parameters:\n"
                        "      - {name: x-api-KEY, in: header, schema: {}}\n"
                        "      - {name: X-Api-Key, in: query, schema: {}}\n"
                        "      security: [{key: []}]\n"
                        "components: {securitySchemes: {key: {type: apiKey, in: header, name: "
                        "X-Api-Key}}}\n"),
        "X-Api-Key query X-Api-Key", "credential-parameter",
        "7: 'x-api-KEY' is an API key of a security scheme: a credential, no argument");
}

static void test_styles(void)
{
    struct fixture fixture;
    fixture_read(&fixture,
                 OPERATION("/a/{p}/{m}",
                           "      parameters:\n"
                           "      - {name: p, in: path, schema: {}}\n"
                           "      - {name: m, in: path, style: matrix, explode: true, schema: {}}\n"
                           "      - {name: q, in: query, schema: {}, allowReserved: true}\n"
                           "      - {name: d, in: query, style: deepObject, schema: {}}\n"
                           "      - {name: j, in: query, content: {application/json: {schema: "
                           "{type: object}}}}\n"
                           "      - {name: w, in: query, style: simple, schema: {}}\n"));
    const struct operation *operation = fixture_operation(&fixture);
    CHECK_INT(fixture_argument(operation, "p")->style, STYLE_SIMPLE);
    CHECK(!fixture_argument(operation, "p")->explode);
    CHECK_INT(fixture_argument(operation, "m")->style, STYLE_MATRIX);
    CHECK(fixture_argument(operation, "m")->explode);
    CHECK_INT(fixture_argument(operation, "q")->style, STYLE_FORM);
    CHECK(fixture_argument(operation, "q")->explode);
    CHECK(fixture_argument(operation, "q")->allow_reserved);
    CHECK_INT(fixture_argument(operation, "d")->style, STYLE_DEEP_OBJECT);
    CHECK(!fixture_argument(operation, "d")->explode);
    CHECK_INT(fixture_argument(operation, "j")->style, STYLE_JSON);
    CHECK_INT(fixture_argument(operation, "w")->style, STYLE_FORM);
    CHECK_STR(fixture_diag(&fixture, "unsupported-style"),
              "12: the style 'simple' is not for this place; the default is used");
    arena_free(&fixture.arena);
}

/* ---- bodies ---- */

#define BODY(type, schema)                                             \
    OPERATION("/a/{id}",                                               \
              "      parameters: [{name: id, in: path, schema: {}}]\n" \
              "      requestBody: {required: true, content: {" type ": {schema: " schema "}}}\n")

static void check_body(const char *text, enum body_kind kind, const char *content_type,
                       const char *wanted)
{
    struct fixture fixture;
    fixture_read(&fixture, text);
    CHECK_STR(listed(&fixture), wanted);
    CHECK_INT(fixture_operation(&fixture)->body, kind);
    CHECK_STR(fixture_operation(&fixture)->content_type, content_type);
    arena_free(&fixture.arena);
}

static void test_json_bodies(void)
{
    const char *type = "application/json";
    check_body(BODY("application/json",
                    "{type: object, required: [a], properties: {a: {}, b: {}, c: "
                    "{readOnly: true}}}"),
               BODY_JSON, type, "id! path id, a! body a, b body b");
    check_body(BODY("application/json", "{allOf: [{properties: {a: {}}}, {properties: {b: {}}, "
                                        "required: [a]}]}"),
               BODY_JSON, type, "id! path id, a! body a, b body b");
    check_body(BODY("application/json", "{type: object, properties: {id: {}}}"), BODY_JSON, type,
               "id! path id, body! whole body");
    check_body(BODY("application/json", "{oneOf: [{properties: {a: {}}}]}"), BODY_JSON, type,
               "id! path id, body! whole body");
    check_body(
        BODY("application/json", "{properties: {a: {}}, additionalProperties: {type: string}}"),
        BODY_JSON, type, "id! path id, body! whole body");
    check_body(BODY("application/json", "{properties: {a: {}}, additionalProperties: false}"),
               BODY_JSON, type, "id! path id, a body a");
    check_body(BODY("application/json", "{properties: {a: {}}, minProperties: 1}"), BODY_JSON, type,
               "id! path id, body! whole body");
    check_body(BODY("application/json", "{type: array, items: {}}"), BODY_JSON, type,
               "id! path id, body! whole body");
    check_body(BODY("application/merge-patch+json", "{}"), BODY_JSON,
               "application/merge-patch+json", "id! path id, body! whole body");
    check_body(BODY("'*/*'", "{type: object}"), BODY_JSON, type, "id! path id, body! whole body");
}

static void test_other_bodies(void)
{
    check_body(BODY("application/x-www-form-urlencoded", "{required: [id], properties: {id: {}}}"),
               BODY_FORM, "application/x-www-form-urlencoded", "id! path id, id_body! body id");
    check_body(BODY("text/plain", "{type: string}"), BODY_TEXT, "text/plain",
               "id! path id, body! whole body");
    check_body(BODY("application/xml", "{type: object}"), BODY_TEXT, "application/xml",
               "id! path id, body! whole body");
    check_body(BODY("image/*", "{}"), BODY_BASE64, "application/octet-stream",
               "id! path id, body! whole body");
    check_body(OPERATION("/a", "      requestBody: {content: {application/xml: {}, "
                               "multipart/form-data: {schema: {properties: {a: {}}}}, "
                               "text/plain: {}}}\n"),
               BODY_MULTIPART, "multipart/form-data", "a body a");
}

static void test_encodings(void)
{
    struct fixture fixture;
    fixture_read(&fixture,
                 OPERATION("/a", "      requestBody:\n        content:\n"
                                 "          application/x-www-form-urlencoded:\n"
                                 "            schema: {properties: {o: {type: object}, l: {type: "
                                 "array}, d: {type: object}}}\n"
                                 "            encoding: {d: {style: deepObject}, l: {explode: "
                                 "false}}\n"));
    const struct operation *operation = fixture_operation(&fixture);
    CHECK_INT(fixture_argument(operation, "o")->style, STYLE_JSON);
    CHECK_INT(fixture_argument(operation, "l")->style, STYLE_FORM);
    CHECK(!fixture_argument(operation, "l")->explode);
    CHECK_INT(fixture_argument(operation, "d")->style, STYLE_DEEP_OBJECT);
    arena_free(&fixture.arena);
}

static void test_multipart_bytes(void)
{
    struct fixture fixture;
    fixture_read(
        &fixture,
        OPERATION("/a",
                  "      requestBody:\n        content:\n"
                  "          multipart/form-data:\n"
                  "            schema: {properties: {file: {$ref: "
                  "'#/components/schemas/F'}, more: {type: array, items: {type: string, "
                  "format: binary}}, meta: {type: object}}}\n"
                  "            encoding: {file: {contentType: image/png}, meta: {contentType: "
                  "application/json}}\n"
                  "components: {schemas: {F: {type: string, format: binary, description: "
                  "A picture}}}\n"));
    CHECK_STR(
        fixture_operation(&fixture)->input_schema,
        "{\"type\":\"object\",\"properties\":{\"file\":{\"type\":\"string\",\"contentEncoding\":"
        "\"base64\",\"contentMediaType\":\"image/png\",\"description\":\"A picture (Base64; sent "
        "as a "
        "file named file)\"},\"more\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
        "\"contentEncoding\":\"base64\"},\"description\":\"Base64; each is sent as a file named "
        "more\"},"
        "\"meta\":{\"type\":\"object\"}},\"additionalProperties\":false}");
    CHECK_STR(fixture_argument(fixture_operation(&fixture), "file")->content_type, "image/png");
    CHECK_STR(fixture_argument(fixture_operation(&fixture), "more")->content_type, "");
    arena_free(&fixture.arena);
}

#define PARTS(properties, encoding)                                        \
    OPERATION("/a", "      requestBody:\n        content:\n"               \
                    "          multipart/form-data:\n"                     \
                    "            schema: {properties: {" properties "}}\n" \
                    "            encoding: {" encoding "}\n")

/* What the part's media type is, whether JSON goes in it, and whether the argument is a file. */
static void check_part(const char *text, const char *type, enum parameter_style style, bool is_file)
{
    struct fixture fixture;
    fixture_read(&fixture, text);
    const struct operation *operation = fixture_operation(&fixture);
    const struct argument *argument = fixture_argument(operation, "p");
    CHECK_STR(argument->content_type, type);
    CHECK_INT(argument->style, style);
    struct str file = STR("\"p\":{\"type\":\"string\",\"contentEncoding\":\"base64\"");
    struct str schema = operation->input_schema;
    CHECK((memmem(schema.at, schema.len, file.at, file.len) != NULL) == is_file);
    arena_free(&fixture.arena);
}

static void test_parts(void)
{
    check_part(PARTS("p: {type: string}", ""), "", STYLE_PART, false);
    check_part(PARTS("p: {type: object}", ""), "", STYLE_PART, false);
    check_part(PARTS("p: {type: string}", "p: {contentType: text/csv}"), "text/csv", STYLE_PART,
               false);
    check_part(PARTS("p: {type: string}", "p: {contentType: application/json}"), "application/json",
               STYLE_JSON, false);
    check_part(PARTS("p: {type: object}", "p: {contentType: application/xml}"), "", STYLE_PART,
               false);
    check_part(PARTS("p: {type: string}", "p: {contentType: image/png}"), "image/png", STYLE_PART,
               true);
    check_part(PARTS("p: {}", "p: {contentType: application/pdf}"), "application/pdf", STYLE_PART,
               true);
    check_part(PARTS("p: {type: string, contentEncoding: base64}", ""), "", STYLE_PART, true);
    check_part(PARTS("p: {type: string, contentMediaType: image/gif}", ""), "image/gif", STYLE_PART,
               true);
    check_part(
        PARTS("p: {type: string, contentMediaType: application/json, contentSchema: {}}", ""),
        "application/json", STYLE_PART, false);
    check_part(PARTS("p: {type: string, format: binary}", "p: {contentType: 'image/*, image/png'}"),
               "image/png", STYLE_PART, true);
    check_part(PARTS("p: {type: string, format: binary}", "p: {contentType: 'image/*'}"), "",
               STYLE_PART, true);
    check_part(PARTS("p: {type: string, format: binary}", "p: {contentType: \"a/b\\r\\nX: y\"}"),
               "", STYLE_PART, true);
}

static void test_ignored_bodies(void)
{
    struct fixture fixture;
    fixture_read(&fixture,
                 API_HEAD("3.1.0") "paths: {/a: {get: {requestBody: {content: {text/plain: "
                                   "{}}}}}}\n");
    CHECK_INT(fixture_operation(&fixture)->body, BODY_NONE);
    CHECK_STR(fixture_diag(&fixture, "ignored-body"),
              "3: a body of GET has no meaning in HTTP; it is left out");
    arena_free(&fixture.arena);
    fixture_read(&fixture, OPERATION("/a", "      requestBody: {content: {}}\n"));
    CHECK_STR(fixture_diag(&fixture, "unsupported-body"),
              "6: the request body has no media type; the request goes without one");
    arena_free(&fixture.arena);
}

/* ---- the rest ---- */

static void test_querystring(void)
{
    check_list(
        API_HEAD(
            "3.2.0") "paths: {/a: {get: {parameters: [{name: q, in: querystring, required: true, "
                     "content: "
                     "{application/x-www-form-urlencoded: {schema: {type: object, required: [a], "
                     "properties: {a: {}, b: {}}}}}}]}}}\n",
        "a! query a, b query b");
    check_report_of(
        API_HEAD("3.2.0") "paths: {/a: {get: {parameters: [{name: q, in: querystring, content: "
                          "{application/json: {schema: {type: array}}}}]}}}\n",
        "", "unsupported-parameter", "3: the query string 'q' is no object; it is left out");
}

static void test_notes(void)
{
    struct fixture fixture;
    fixture_read(&fixture,
                 OPERATION("/a",
                           "      parameters:\n"
                           "      - {name: q, in: query, description: Ours, deprecated: true, "
                           "example: 5, schema: {type: integer, description: Theirs, example: "
                           "7}}\n"
                           "      - {name: n, in: query, schema: {$ref: "
                           "'#/components/schemas/N'}}\n"
                           "components: {schemas: {N: {type: string, nullable: true}}}\n"));
    CHECK_STR(
        fixture_operation(&fixture)->input_schema,
        "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"integer\",\"description\":"
        "\"Ours\",\"examples\":[5],\"deprecated\":true},\"n\":{\"type\":[\"string\",\"null\"]}},"
        "\"additionalProperties\":false}");
    arena_free(&fixture.arena);
}

int main(void)
{
    test_places();
    test_collisions();
    test_names();
    test_path_item();
    test_templates();
    test_left_out();
    test_credentials();
    test_styles();
    test_json_bodies();
    test_other_bodies();
    test_encodings();
    test_multipart_bytes();
    test_parts();
    test_ignored_bodies();
    test_querystring();
    test_notes();
    return check_report();
}
