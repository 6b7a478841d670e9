/*
 * The one layout: what it looks like, that it changes nothing but the layout, and that comments
 * stay.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"

#include "tests/unit/policy_fixture.h"

/* Formats the text; checks that it means the same, keeps its comments, and stays as it is when it
 * is formatted again. */
static struct str formatted(struct fixture *fixture, const char *text)
{
    fixture_parse(fixture, text);
    if (!CHECK(fixture->is_parsed)) {
        diag_print(&fixture->diags, stderr);
        return (struct str){0};
    }
    const char *before = str_text(&fixture->arena, fixture_dump(fixture));
    struct str once = policy_format(&fixture->ast, &fixture->arena);
    fixture_parse(fixture, str_text(&fixture->arena, once));
    if (!CHECK(fixture->is_parsed))
        diag_print(&fixture->diags, stderr);
    CHECK_STR(fixture_dump(fixture), before);
    struct str twice = policy_format(&fixture->ast, &fixture->arena);
    CHECK_STR(twice, str_text(&fixture->arena, once));
    return once;
}

static void test_layout(void)
{
    struct fixture fixture = {0};
    CHECK_STR(formatted(&fixture,
                        "\n\n  # head   \n\n\n\n#two\nmcpp   1 # version\napi \"a.yaml\"\n"
                        "  # about tools\n\n"
                        "tool getPetById GET /pet/{petId} needs \"read:pets\"\n"
                        "   # between\n"
                        "tool addPet POST /pet needs (\"w\" and \"r\") or token { title \"x\" }\n"
                        "omit POST /internal/reindex \"no\"   # reason\n\n"
                        "omit GET /a\nscope \"a\"\nscope \"abc\" \"d\" implies \"a\",\"b\"#end\n"
                        "verifier v jwt{# first\n\n#second\nissuer \"x\"#third\n\n\n"
                        "algorithms RS256   ES256\n#last\n}\n#tail\n\n\n"),
              "# head\n\n#two\nmcpp 1  # version\napi \"a.yaml\"\n"
              "# about tools\n\n"
              "tool getPetById GET  /pet/{petId}      needs \"read:pets\"\n"
              "# between\n"
              "tool addPet     POST /pet              needs \"w\" and \"r\" or token {\n"
              "    title \"x\"\n"
              "}\n"
              "omit            POST /internal/reindex \"no\"  # reason\n\n"
              "omit GET /a\n"
              "scope \"a\"\n"
              "scope \"abc\" \"d\" implies \"a\", \"b\"  #end\n"
              "verifier v jwt {\n"
              "    # first\n\n"
              "    #second\n"
              "    issuer     \"x\"  #third\n\n"
              "    algorithms RS256 ES256\n"
              "    #last\n"
              "}\n"
              "#tail\n");
    arena_free(&fixture.arena);
}

static void test_conditions(void)
{
    struct fixture fixture = {0};
    CHECK_STR(
        formatted(&fixture, "tool a GET / needs ((\"a\" or (\"b\")) and (\"c\" and \"d\"))\n"),
        "tool a GET / needs (\"a\" or \"b\") and (\"c\" and \"d\")\n");
    CHECK_STR(formatted(&fixture, "tool a GET / needs \"a\" or (\"b\" or (\"c\" and token))\n"),
              "tool a GET / needs \"a\" or (\"b\" or \"c\" and token)\n");
    CHECK_STR(
        formatted(&fixture, "tool a GET / needs \"a\" and \"b\" and \"c\" or \"d\" or \"e\"\n"),
        "tool a GET / needs \"a\" and \"b\" and \"c\" or \"d\" or \"e\"\n");
    arena_free(&fixture.arena);
}

static void test_texts(void)
{
    struct fixture fixture = {0};
    CHECK_STR(formatted(&fixture, "scope \"\\\"\\\\\\n\\t\\u{1}\\u{202e}\\u{1F600} */ ?\?/ %s\"\n"),
              "scope \"\\\"\\\\\\n\\t\\u{1}\\u{202e}\xf0\x9f\x98\x80 */ ?\?/ %s\"\n");
    CHECK_STR(
        formatted(&fixture, "omit \"GET\" \"/pet\"\nomit \"A B\" \"/a b\"\nomit GET \"/a{\"\n"),
        "omit GET   /pet\nomit \"A B\" \"/a b\"\nomit GET   \"/a{\"\n");
    CHECK_STR(formatted(&fixture, "tool tool tool /{a}{b}/c.d,e needs nothing\n"),
              "tool tool tool /{a}{b}/c.d,e needs nothing\n");
    CHECK_STR(formatted(&fixture, "send bearer file \"/a b\" for send, for, or\n"),
              "send bearer file \"/a b\" for send, for, or\n");
    CHECK_STR(formatted(&fixture, ""), "");
    CHECK_STR(formatted(&fixture, "\n \n"), "");
    CHECK_STR(formatted(&fixture, "# only\n\n# comments"), "# only\n\n# comments\n");
    CHECK_STR(formatted(&fixture, "verifier v jwt {}\n"), "verifier v jwt {\n}\n");
    CHECK_STR(formatted(&fixture, "# a {\n\nmcpp 1\n"), "# a {\n\nmcpp 1\n");
    arena_free(&fixture.arena);
}

static void test_long_lists(void)
{
    struct fixture fixture = {0};
    CHECK_STR(formatted(&fixture,
                        "# before\nsend query \"key\" env KEY for anOperationWithALongName, # why\n"
                        "\n# more\n"
                        "  anotherOperationWithALongName, yetAnotherOperation, theLast # end\n"),
              "# before\n# why\n# more\n"
              "send query \"key\" env KEY for anOperationWithALongName, "
              "anotherOperationWithALongName,\n"
              "    yetAnotherOperation, theLast  # end\n");
    arena_free(&fixture.arena);
}

static void test_one_statement(void)
{
    struct fixture fixture = {0};
    fixture_parse(&fixture, "# c\ntool   a  GET /x needs   token { timeout 1s\n } # d\n");
    struct str_builder out = {.arena = &fixture.arena};
    policy_format_statement(&fixture.ast.statements[0], &out);
    CHECK_STR(str_built(&out), "tool a GET /x needs token {\n    timeout 1s\n}");
    arena_free(&fixture.arena);
}

int main(void)
{
    test_layout();
    test_conditions();
    test_texts();
    test_long_lists();
    test_one_statement();
    return check_report();
}
