/*
 * Overlays: what targets select, how updates merge, what is refused, and where messages point.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/overlay.h"

#include "compiler/openapi/json_write.h"
#include "compiler/openapi/model.h"
#include "tests/unit/read_text.h"

struct case_run {
    struct arena arena;
    struct diag_list diags;
    struct document document;
    bool is_applied;
};

static struct document read_named(struct case_run *run, const char *name, const char *text)
{
    struct document document;
    struct source *source =
        source_of(&run->arena, str_of(name), str_copy(&run->arena, str_of(text)));
    CHECK(document_read(source, &run->arena, &run->diags, &document));
    return document;
}

static void apply(struct case_run *run, const char *document, const char *overlay)
{
    *run = (struct case_run){.is_applied = false};
    run->diags.arena = &run->arena;
    run->document = read_named(run, "api.json", document);
    struct document changes = read_named(run, "overlay.json", overlay);
    run->is_applied = overlay_apply(&run->document, &changes, &run->arena, &run->diags);
    CHECK(run->is_applied == (run->diags.error_count == 0));
}

/* The document after one action, as JSON; the action without its braces. */
static void check_action(const char *document, const char *action, const char *wanted, int line)
{
    struct case_run run;
    struct arena arena = {0};
    struct str text =
        str_format(&arena, "{\"overlay\": \"1.0.0\", \"info\": {}, \"actions\": [{%s}]}", action);
    apply(&run, document, text.at);
    struct str_builder out = {.arena = &run.arena};
    json_write_value(&out, run.document.root, 10000);
    if (!check_that(str_is(str_built(&out), wanted), __FILE__, line, action)) {
        fprintf(stderr, "    got '%.*s', wanted '%s'\n", STR_ARG(str_built(&out)), wanted);
        diag_print(&run.diags, stderr);
    }
    check_that(run.is_applied, __FILE__, line, "it is applied");
    arena_free(&run.arena);
    arena_free(&arena);
}
#define CHECK_ACTION(document, action, wanted) \
    check_action((document), (action), (wanted), __LINE__)

static void check_refusal(const char *document, const char *overlay, const char *wanted, int line)
{
    struct case_run run;
    apply(&run, document, overlay);
    check_that(!run.is_applied, __FILE__, line, "it is refused");
    check_that(run.document.overlay_count == 0, __FILE__, line, "the document is as it was");
    struct str actual = first_diag(&run.arena, &run.diags);
    if (!check_that(str_is(actual, wanted), __FILE__, line, wanted))
        fprintf(stderr, "    got '%.*s'\n", STR_ARG(actual));
    arena_free(&run.arena);
}
#define CHECK_REFUSAL(document, overlay, wanted) \
    check_refusal((document), (overlay), (wanted), __LINE__)

/* A target that is refused, alone in an overlay: what is said, from the target's place on. */
static void check_target(const char *target, const char *wanted, int line)
{
    struct arena arena = {0};
    struct str text = str_format(
        &arena, "{\"overlay\":\"1.0.0\",\"actions\":[{\"remove\":true,\"target\":\"%s\"}]}",
        target);
    struct str full = str_format(&arena, "bad-target: the target has %s", wanted);
    struct case_run run;
    apply(&run, "{}", text.at);
    check_that(!run.is_applied, __FILE__, line, "it is refused");
    const struct diag *diag = run.diags.items.at;
    struct str actual =
        str_format(&arena, "%s: %.*s", diag ? diag->slug : "", STR_ARG(diag->message));
    if (!check_that(str_is(actual, full.at), __FILE__, line, target))
        fprintf(stderr, "    got '%.*s'\n", STR_ARG(actual));
    arena_free(&run.arena);
    arena_free(&arena);
}
#define CHECK_TARGET(target, wanted) check_target((target), (wanted), __LINE__)

#define UPDATE(target, value) "\"target\": \"" target "\", \"update\": " value
#define REMOVE(target) "\"target\": \"" target "\", \"remove\": true"

static void test_merging(void)
{
    CHECK_ACTION("{\"a\":{\"b\":1,\"c\":2}}", UPDATE("$", "{\"a\":{\"c\":3,\"d\":4},\"e\":5}"),
                 "{\"a\":{\"b\":1,\"c\":3,\"d\":4},\"e\":5}");
    CHECK_ACTION("{\"a\":[1]}", UPDATE("$", "{\"a\":[2,3]}"), "{\"a\":[1,2,3]}");
    CHECK_ACTION("{\"a\":[1]}", UPDATE("$.a", "{\"b\":2}"), "{\"a\":[1,{\"b\":2}]}");
    CHECK_ACTION("{\"a\":{\"b\":1},\"c\":[1]}", UPDATE("$", "{\"a\":null,\"c\":null}"),
                 "{\"a\":{\"b\":1},\"c\":[1]}");
    CHECK_ACTION("{\"a\":null,\"b\":1}", UPDATE("$", "{\"a\":{\"c\":1},\"b\":null}"),
                 "{\"a\":{\"c\":1},\"b\":null}");
    CHECK_ACTION("{\"a\":{\"b\":1}}", "\"target\":\"$.a\",\"update\":{\"b\":2},\"remove\":true",
                 "{}");
    CHECK_ACTION("{\"a\":{\"b\":1}}", "\"target\":\"$.a\",\"update\":{\"b\":2},\"remove\":false",
                 "{\"a\":{\"b\":2}}");
}

static void test_targets(void)
{
    const char *document = "{\"p\":{\"/x\":{\"n\":1,\"s\":\"u\"},\"/y\":{\"n\":2}},\"l\":[1,2,3]}";
    CHECK_ACTION(document, REMOVE("$.p['/x']"), "{\"p\":{\"/y\":{\"n\":2}},\"l\":[1,2,3]}");
    CHECK_ACTION(document, REMOVE("$['p'].*.n"),
                 "{\"p\":{\"/x\":{\"s\":\"u\"},\"/y\":{}},\"l\":[1,2,3]}");
    CHECK_ACTION(document, REMOVE("$.p[*]"), "{\"p\":{},\"l\":[1,2,3]}");
    CHECK_ACTION(document, REMOVE("$..n"),
                 "{\"p\":{\"/x\":{\"s\":\"u\"},\"/y\":{}},\"l\":[1,2,3]}");
    CHECK_ACTION(document, REMOVE("$.l[0,-1]"),
                 "{\"p\":{\"/x\":{\"n\":1,\"s\":\"u\"},\"/y\":{\"n\":2}},\"l\":[2]}");
    CHECK_ACTION(document, REMOVE("$.p[?@.s]"), "{\"p\":{\"/y\":{\"n\":2}},\"l\":[1,2,3]}");
    CHECK_ACTION(document, REMOVE("$.p[?(@.n == 2.0)]"),
                 "{\"p\":{\"/x\":{\"n\":1,\"s\":\"u\"}},\"l\":[1,2,3]}");
    CHECK_ACTION(document, REMOVE("$.p[?@.n >= 1 && !(@['s'] == 'u')]"),
                 "{\"p\":{\"/x\":{\"n\":1,\"s\":\"u\"}},\"l\":[1,2,3]}");
    CHECK_ACTION(document, REMOVE("$.l[?@ < 2 || @ > 2]"),
                 "{\"p\":{\"/x\":{\"n\":1,\"s\":\"u\"},\"/y\":{\"n\":2}},\"l\":[2]}");
    CHECK_ACTION(document, UPDATE("$..[?@.n==1]", "{\"n\":9}"),
                 "{\"p\":{\"/x\":{\"n\":9,\"s\":\"u\"},\"/y\":{\"n\":2}},\"l\":[1,2,3]}");
    /* what `..` reaches in two ways is changed once */
    CHECK_ACTION("{\"a\":{\"a\":{\"a\":{\"l\":[]}}}}", UPDATE("$..a..l", "1"),
                 "{\"a\":{\"a\":{\"a\":{\"l\":[1]}}}}");
    CHECK_ACTION("{\"x-y\":{\"caf\\u00e9\":1}}", REMOVE("$.x-y.café"), "{\"x-y\":{}}");
    /* missing is unequal, and neither less nor more */
    CHECK_ACTION("{\"l\":[{}]}", REMOVE("$.l[?@.n != 1]"), "{\"l\":[]}");
    CHECK_ACTION("{\"l\":[{\"n\":\"a\"}]}", UPDATE("$.l[?@.n == 'a' ]", "{\"n\":true}"),
                 "{\"l\":[{\"n\":true}]}");
}

static void test_refused_targets(void)
{
    CHECK_TARGET("a", "an unexpected 'a'");
    CHECK_TARGET("", "an end too early");
    CHECK_TARGET("$.a[1:2]", "a slice ':', which is not supported");
    CHECK_TARGET("$.a[(@.length-1)]", "a script '(', which is not supported");
    CHECK_TARGET("$.a[?length(@.b) > 1]", "the function 'length', which is not supported");
    CHECK_TARGET("$.a[?@.b == $.c]", "'$' on the right of a comparison, which is not supported");
    CHECK_TARGET("$.a[?$.c]", "'$' inside a filter, which is not supported");
    CHECK_TARGET("$.a[?@..b]", "'..' inside a filter, which is not supported");
    CHECK_TARGET("$.a[?@.b =~ /x/]", "an unexpected '=~ /x/]'");
    CHECK_TARGET("$.a[?@.b == maybe]", "an unexpected 'maybe'");
    CHECK_TARGET("$.a['b", "an end too early");
    CHECK_TARGET("$.a^", "an unexpected '^'");
    CHECK_TARGET("$.a[99999999999]", "an index that is too large");
    CHECK_TARGET("$.a[?((((((((((((((((((@.b))))))))))))))))))]",
                 "a filter that is nested too deep");
}

static void test_places(void)
{
    CHECK_REFUSAL(
        "{\"a\":1}",
        "{\"overlay\":\"1.0.0\",\n\"actions\":[{\"target\":\"$.b[1:2]\",\"remove\":true}]}",
        "2:28 bad-target: the target has a slice ':', which is not supported");
    CHECK_REFUSAL("{\"a\":{\"b\":1}}",
                  "{\"overlay\":\"1.0.0\",\n"
                  "\"actions\":[{\"target\":\"$.a\",\"update\":{\"b\":[]}}]}",
                  "2:42 bad-update: a sequence, where the document has a number");
    CHECK_REFUSAL("{\"a\":1}",
                  "{\"overlay\":\"1.0.0\",\n\"actions\":[{\"target\":\"$.a\",\"update\":2}]}",
                  "2:22 bad-update: the target selects a number, which cannot be updated");
    CHECK_REFUSAL("{\"a\":{}}",
                  "{\"overlay\":\"1.0.0\",\n\"actions\":[{\"target\":\"$.a\",\"update\":2}]}",
                  "2:37 bad-update: the update of a mapping is a number");
}

static void test_refused_overlays(void)
{
    CHECK_REFUSAL("{}", "{}", "1:1 bad-overlay: this is no overlay: it has no 'overlay'");
    CHECK_REFUSAL("{}", "{\"overlay\":\"2.0.0\"}",
                  "1:12 bad-overlay: this version of overlays is not supported");
    CHECK_REFUSAL("{}", "{\"overlay\":\"1.0.0\"}", "1:1 bad-overlay: the overlay has no 'actions'");
    CHECK_REFUSAL("{}", "{\"overlay\":\"1.0.0\",\"actions\":[]}",
                  "1:30 bad-overlay: 'actions' is not a sequence of actions");
    CHECK_REFUSAL("{}", "{\"overlay\":\"1.0.0\",\"actions\":[{\"target\":\"$\"}]}",
                  "1:31 bad-overlay: an action with neither 'update' nor 'remove: true'");
    CHECK_REFUSAL("{}", "{\"overlay\":\"1.0.0\",\"actions\":[{\"target\":\"$\",\"remove\":true}]}",
                  "1:41 bad-target: the target is the whole document, which cannot be removed");
}

/* Doubling what is there, again and again, ends with a message. */
static void test_growth(void)
{
    struct arena arena = {0};
    struct str_builder text = {.arena = &arena};
    str_add_text(&text, "{\"overlay\":\"1.0.0\",\"actions\":[");
    for (int i = 0; i < 60; i++)
        str_add_format(&text, "%s{\"target\":\"$..*\",\"update\":{\"k%d\":{}}}", i ? "," : "", i);
    str_add_text(&text, "]}");
    CHECK_REFUSAL("{\"a\":{}}", str_built(&text).at,
                  "1:30 too-large: the overlay makes a document that is too large or too deep");
    text = (struct str_builder){.arena = &arena};
    str_add_text(&text,
                 "{\"overlay\":\"1.0.0\",\"actions\":[{\"target\":\"$.a\",\"update\":{\"a\":");
    for (int i = 0; i < 90; i++)
        str_add_text(&text, "[");
    for (int i = 0; i < 90; i++)
        str_add_text(&text, "]");
    str_add_text(&text, "}}]}");
    struct str_builder deep = {.arena = &arena};
    for (int i = 0; i < 20; i++)
        str_add_text(&deep, "{\"a\":");
    str_add_text(&deep, "{}");
    for (int i = 0; i < 20; i++)
        str_add_text(&deep, "}");
    struct case_run run;
    apply(&run, "{\"a\":{}}", str_built(&text).at);
    CHECK(run.is_applied);
    arena_free(&run.arena);
    arena_free(&arena);
}

/* Overlays are inputs, and their references lead into the document. */
static void test_model(void)
{
    struct case_run run;
    struct api api;
    apply(&run,
          "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"T\",\"version\":\"1\"},\"paths\":{\"/a\":"
          "{\"get\":{\"responses\":{}}}},\"components\":{\"parameters\":{\"P\":{\"name\":\"p\","
          "\"in\":\"query\",\"schema\":{\"type\":\"string\"}}}}}",
          "{\"overlay\":\"1.0.0\",\"actions\":[{\"target\":\"$.paths.*.get\",\"update\":"
          "{\"parameters\":[{\"$ref\":\"#/components/parameters/P\"}]}}]}");
    CHECK(run.is_applied);
    CHECK(model_build(&run.document, &run.arena, &run.diags, &api));
    CHECK_INT(api.operation_count, 1);
    CHECK_INT(api.operations[0].argument_count, 1);
    CHECK_INT(api.input_count, 2);
    CHECK_STR(api.inputs[1]->name, "overlay.json");
    arena_free(&run.arena);
}

static void test_unmatched(void)
{
    struct case_run run;
    apply(
        &run, "{\"a\":1}",
        "{\"overlay\":\"1.0.0\",\"bogus\":1,\n\"actions\":[{\"target\":\"$.b\",\"remove\":true}]}");
    CHECK(run.is_applied);
    CHECK_INT(run.diags.warning_count, 2);
    CHECK_STR(str_of(run.diags.items.at[0].slug), "unknown-key");
    CHECK_STR(str_of(run.diags.items.at[1].slug), "unmatched-target");
    arena_free(&run.arena);
}

int main(void)
{
    test_merging();
    test_targets();
    test_refused_targets();
    test_places();
    test_refused_overlays();
    test_growth();
    test_model();
    test_unmatched();
    return check_report();
}
