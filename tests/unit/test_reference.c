/*
 * References inside a document and into other files: pointers, encodings, circles, what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/reference.h"

#include <stdlib.h>
#include <unistd.h>

#include "compiler/base/file.h"
#include "tests/unit/read_text.h"

static const char *folder;
static struct arena arena;
static struct diag_list diags;
static struct document document;
static struct references *references;

static void write_text(const char *name, const char *text)
{
    const char *error;
    struct str path = str_format(&arena, "%s/%s", folder, name);
    CHECK(file_write(&arena, path.at, str_of(text), 0600, &error));
}

static void open_text(const char *text)
{
    const char *error;
    write_text("main.yaml", text);
    diags = (struct diag_list){.arena = &arena};
    struct source *source =
        source_read(&arena, str_format(&arena, "%s/main.yaml", folder).at, &error);
    CHECK(document_read(source, &arena, &diags, &document));
    references = references_open(&document, &arena, &diags);
}

static const struct node *place(const char *name)
{
    return node_get(document.root, name);
}

static void check_follow(const char *reference, const char *wanted, int line)
{
    struct str text = str_format(&arena,
                                 "a/b: {'c~d': [zero, {x y: deep}], '': empty}\n"
                                 "plain: 5\n"
                                 "many: {$ref: '#/a~1b'}\n"
                                 "ref: {$ref: '%s'}\n",
                                 reference);
    open_text(text.at);
    const struct node *target = reference_follow(references, place("ref"));
    struct str actual = target ? target->text : first_diag(&arena, &diags);
    if (!check_that(str_is(actual, wanted), __FILE__, line, reference))
        fprintf(stderr, "    got '%.*s', wanted '%s'\n", STR_ARG(actual), wanted);
    uint32_t errors = diags.error_count;
    CHECK(reference_follow(references, place("ref")) == target);
    CHECK_INT(diags.error_count, errors);
    CHECK_INT(errors, target ? 0 : 1);
}
#define CHECK_FOLLOW(reference, wanted) check_follow((reference), (wanted), __LINE__)

static void test_pointers(void)
{
    CHECK_FOLLOW("#/plain", "5");
    CHECK_FOLLOW("#/a~1b/c~0d/0", "zero");
    CHECK_FOLLOW("#/a~1b/c~0d/1/x%20y", "deep");
    CHECK_FOLLOW("#/a%7E1b/c~0d/1/x y", "deep");
    CHECK_FOLLOW("#/a~1b/", "empty");
    CHECK_FOLLOW("#/many/c~0d/0", "zero");
    CHECK_FOLLOW("main.yaml#/plain", "5");
    CHECK_FOLLOW("./x/../main.yaml#/plain", "5");
    CHECK_FOLLOW("#/plai", "4:13 unknown-reference: there is nothing at '#/plai'");
    CHECK_FOLLOW("#/a~1b/c~0d/2", "4:13 unknown-reference: there is nothing at '#/a~1b/c~0d/2'");
    CHECK_FOLLOW("#/a~1b/c~0d/01", "4:13 unknown-reference: there is nothing at '#/a~1b/c~0d/01'");
    CHECK_FOLLOW("#/a~1b/c~0d/-", "4:13 unknown-reference: there is nothing at '#/a~1b/c~0d/-'");
    CHECK_FOLLOW("#/plain/x", "4:13 unknown-reference: there is nothing at '#/plain/x'");
    CHECK_FOLLOW("#plain", "4:13 unknown-reference: no schema has the anchor 'plain'");
    CHECK_FOLLOW("#/%zz", "4:13 bad-reference: '#/%zz' has a malformed percent-encoding");
    CHECK_FOLLOW("#/%4", "4:13 bad-reference: '#/%4' has a malformed percent-encoding");
    CHECK_FOLLOW("x%00.yaml", "4:13 bad-reference: 'x%00.yaml' has a malformed percent-encoding");
    CHECK_FOLLOW("https://e.example/x.yaml#/a",
                 "4:13 remote-reference: 'https://e.example/x.yaml' is remote, and remote "
                 "references are not followed");
    CHECK_FOLLOW("//e.example/x.yaml",
                 "4:13 remote-reference: '//e.example/x.yaml' is not a relative file name");
    CHECK_FOLLOW("/etc/hostname",
                 "4:13 remote-reference: '/etc/hostname' is not a relative file name");
    CHECK_FOLLOW("file:x.yaml", "4:13 remote-reference: 'file:x.yaml' is not a relative file name");
    CHECK_FOLLOW("#/ref", "4:13 circular-reference: '#/ref' leads in a circle");
    CHECK_FOLLOW("#/ref/x", "4:13 circular-reference: '#/ref/x' leads in a circle");
}

static void test_suggestion(void)
{
    open_text("schemas: {Customer: 1, Order: 2}\nref: {$ref: '#/schemas/Custommer'}\n");
    CHECK(!reference_follow(references, place("ref")));
    CHECK_STR(diags.items.at[0].help, "there is a key with a similar name: 'Customer'");
}

static void test_steps(void)
{
    open_text("one: {$ref: '#/two'}\ntwo: {$ref: '#/three'}\nthree: {a: 1}\n"
              "x: {$ref: '#/y'}\ny: {$ref: '#/x'}\nz: {$ref: [1]}\n");
    CHECK(reference_target(references, place("one")) == place("two"));
    CHECK(reference_follow(references, place("one")) == place("three"));
    CHECK(reference_follow(references, place("three")) == place("three"));
    CHECK(reference_target(references, place("three")) == NULL);
    CHECK_INT(diags.error_count, 0);
    CHECK(!reference_follow(references, place("x")));
    CHECK(!reference_follow(references, place("x")));
    CHECK(!reference_follow(references, place("y")));
    CHECK_INT(diags.error_count, 2);
    CHECK(reference_target(references, place("x")) == place("y"));
    CHECK(!reference_follow(references, place("z")));
    CHECK_INT(diags.error_count, 3);
}

static void test_files(void)
{
    write_text("other file.json",
               "{\"a\": {\"$ref\": \"#/b\"}, \"b\": {\"$ref\": \"main.yaml#/c\"}}");
    write_text("broken.yaml", "a: [\n");
    open_text("one: {$ref: 'other%20file.json#/a'}\ntwo: {$ref: './other file.json'}\nc: end\n"
              "bad: {$ref: 'broken.yaml#/a'}\nbad2: {$ref: 'broken.yaml#/b'}\n"
              "none: {$ref: 'nothing.yaml'}\nnone2: {$ref: 'nothing.yaml'}\n");
    CHECK(reference_follow(references, place("one")) == place("c"));
    CHECK_INT(reference_follow(references, place("two"))->count, 2);
    uint32_t count;
    const struct source *const *sources = references_sources(references, &count);
    CHECK_INT(count, 2);
    CHECK(sources[0] == document.source);
    CHECK_INT(diags.error_count, 0);
    CHECK(!reference_follow(references, place("bad")));
    CHECK(!reference_follow(references, place("bad2")));
    CHECK_INT(diags.error_count, 1);
    CHECK(!reference_follow(references, place("none")));
    CHECK(!reference_follow(references, place("none")));
    CHECK(!reference_follow(references, place("none2")));
    CHECK_INT(diags.error_count, 3);
    CHECK(strcmp(diags.items.at[2].slug, "unreadable-file") == 0);
}

static void test_anchors(void)
{
    open_text("a: {$anchor: one, x: {$dynamicAnchor: two}}\n"
              "b: {$id: 'urn:b', $anchor: one, in: {$ref: '#one'}, to: {$ref: '#/deep'}, deep: 1,\n"
              "    whole: {$ref: '#'}, away: {$ref: '#/a/x'}, inner: {$id: '#x', $anchor: three}}\n"
              "properties: {$id: {$anchor: four}, example: {$anchor: five}}\n"
              "example: {$anchor: six}\n"
              "r1: {$ref: '#one'}\nr2: {$ref: '#tw%6f'}\nr3: {$ref: 'urn:b#one'}\n"
              "r4: {$ref: 'urn:b#three'}\nr5: {$ref: '#four'}\nr6: {$ref: '#five'}\n"
              "r7: {$ref: '#six'}\nr8: {$ref: 'urn:b#two'}\n");
    const struct node *a = place("a"), *b = place("b"), *names = place("properties");
    CHECK(reference_follow(references, place("r1")) == a);
    CHECK(reference_follow(references, place("r2")) == node_get(a, "x"));
    CHECK(reference_follow(references, place("r3")) == b);
    CHECK(reference_follow(references, place("r4")) == node_get(b, "inner"));
    CHECK(reference_follow(references, place("r5")) == node_get(names, "$id"));
    CHECK(reference_follow(references, place("r6")) == node_get(names, "example"));
    CHECK(reference_follow(references, node_get(b, "in")) == b);
    CHECK(reference_follow(references, node_get(b, "to")) == node_get(b, "deep"));
    CHECK(reference_follow(references, node_get(b, "away")) == node_get(a, "x"));
    CHECK(reference_follow(references, node_get(b, "whole")) == b);
    CHECK_INT(diags.error_count, 0);
    CHECK(!reference_follow(references, place("r7")));
    CHECK(!reference_follow(references, place("r8")));
    CHECK_INT(diags.error_count, 2);
}

static void test_self(void)
{
    write_text("part.yaml", "$self: 'https://e.example/v1/part.yaml'\n"
                            "up: {$ref: 'https://e.example/v1/main.yaml#/c'}\n");
    open_text("$self: https://e.example/v1/main.yaml\nc: end\n"
              "own: {$ref: 'https://e.example/v1/main.yaml#/c'}\n"
              "part: {$ref: 'part.yaml#/up'}\n"
              "called: {$ref: 'https://e.example/v1/part.yaml#/up'}\n"
              "other: {$ref: 'https://e.example/v1/other.yaml'}\n");
    CHECK(reference_follow(references, place("own")) == place("c"));
    CHECK(reference_follow(references, place("part")) == place("c"));
    CHECK(reference_follow(references, place("called")) == place("c"));
    CHECK_INT(diags.error_count, 0);
    CHECK(!reference_follow(references, place("other")));
    CHECK(strcmp(diags.items.at[0].slug, "remote-reference") == 0);
}

/* Each reference needs the next one to be followed first. */
static void test_nesting(void)
{
    struct str_builder text = {.arena = &arena};
    for (int i = 0; i < 100000; i++)
        str_add_format(&text, "a%d: {$ref: '#/a%d/x'}\n", i, i + 1);
    str_add_text(&text, "a100000: {x: 1}\n");
    open_text(text.at);
    CHECK(!reference_follow(references, place("a0")));
    CHECK(strcmp(diags.items.at[0].slug, "too-deep") == 0);
}

/* Every reference of every real document leads somewhere. */
static uint32_t follow_all(const struct node *node)
{
    uint32_t count = 0;
    if (str_starts(node_string(node_get(node, "$ref")), "#")) {
        CHECK(reference_follow(references, node));
        count++;
    }
    for (uint32_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++)
        count += follow_all(node->members[i].value);
    for (uint32_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
        count += follow_all(node->items[i]);
    return count;
}

static void test_real(const char *data)
{
    static const char *const names[] = {"box.json", "twilio-2010.yaml", "xero-accounting.yaml",
                                        "figma.yaml", "docusign-rooms-2.0.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *error;
        struct str path = str_format(&arena, "%s/openapi/%s", data, names[i]);
        struct source *source = source_read(&arena, path.at, &error);
        if (!CHECK(source) || !CHECK(document_read(source, &arena, &diags, &document)))
            continue;
        references = references_open(&document, &arena, &diags);
        uint32_t count = follow_all(document.root);
        printf("%s: %u references\n", names[i], count);
        CHECK(count > 10);
    }
    diag_print(&diags, stderr);
}

int main(void)
{
    char template[] = "/tmp/mcpp-reference-XXXXXX";
    folder = mkdtemp(template);
    if (!CHECK(folder))
        return check_report();
    test_pointers();
    test_suggestion();
    test_steps();
    test_files();
    test_anchors();
    test_self();
    test_nesting();
    static const char *const written[] = {"main.yaml", "other file.json", "broken.yaml",
                                          "part.yaml"};
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        unlink(str_format(&arena, "%s/%s", folder, written[i]).at);
    CHECK(rmdir(folder) == 0);
    const char *data = getenv("MCPP_DATA");
    diags = (struct diag_list){.arena = &arena};
    if (data)
        test_real(data);
    else
        printf("skipped: real documents, MCPP_DATA is not set\n");
    arena_free(&arena);
    return check_report();
}
