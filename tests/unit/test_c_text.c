/*
 * Texts as C. That compilers read them back as they were is tested in tests/golden and
 * tests/test_hostile.py; here is how they look.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"

#include "compiler/emit/c_text.h"

static struct arena arena;

static struct str literal(struct str text)
{
    struct str_builder out = {.arena = &arena};
    c_text_literal(text, &out);
    return str_built(&out);
}

static struct str wrapped(const char *text)
{
    struct str_builder out = {.arena = &arena};
    c_text_wrapped(str_of(text), 4, &out);
    return str_built(&out);
}

static struct str comment(const char *text)
{
    struct str_builder out = {.arena = &arena};
    c_text_comment(str_of(text), 2, &out);
    return str_built(&out);
}

static void check_literals(void)
{
    CHECK_STR(literal(STR("")), "\"\"");
    CHECK_STR(literal(STR("plain %s %n")), "\"plain %s %n\"");
    CHECK_STR(literal(STR("\"\\")), "\"\\\"\\\\\"");
    CHECK_STR(literal(STR("a\nb\tc\rd")), "\"a\\nb\\tc\\015d\"");
    CHECK_STR(literal((struct str){"\0001", 2}), "\"\\0001\"");
    CHECK_STR(literal(STR("\177\200\377")), "\"\\177\\200\\377\"");
    CHECK_STR(literal(STR("\xc3\xa9"
                          "1")),
              "\"\\303\\2511\"");
    CHECK_STR(literal(STR("?")), "\"?\"");
    CHECK_STR(literal(STR("\?\?/")), "\"?\\?/\"");
    CHECK_STR(literal(STR("\?\?\?=")), "\"?\\?\\?=\"");
}

static void check_wrapping(void)
{
    CHECK_STR(wrapped(""), "\"\"");
    CHECK_STR(wrapped("one\n"), "\"one\\n\"");
    CHECK_STR(wrapped("one\ntwo"), "\"one\\n\"\n    \"two\"");
    CHECK_STR(wrapped("?\n?/"), "\"?\\n\"\n    \"?/\"");
    char words[400], *at = words;
    for (int i = 0; i < 60; i++, at += 6)
        memcpy(at, "words ", 7);
    struct str text = wrapped(words);
    size_t widest = 0, width = 0;
    for (size_t i = 0; i < text.len; i++) {
        width = text.at[i] == '\n' ? 0 : width + 1;
        widest = width > widest ? width : widest;
    }
    CHECK(widest > 80 && widest <= 120);
    memset(words, 'x', 399);
    words[399] = '\0';
    CHECK(str_find(wrapped(words), '\n') == 401);
}

static void check_comments(void)
{
    CHECK_STR(comment("tool a"), "  /* tool a */\n");
    CHECK_STR(comment("a {\n    b\n}"), "  /* a {\n   *     b\n   * } */\n");
    CHECK_STR(comment("*/ int x; /*"), "  /* * / int x; / * */\n");
    CHECK_STR(comment("/*/"), "  /* / * / */\n");
    CHECK_STR(comment("**/"), "  /* ** / */\n");
    CHECK_STR(comment("end\\"), "  /* end\\134 */\n");
    CHECK_STR(comment("one\\\ntwo"), "  /* one\\134\n   * two */\n");
    CHECK_STR(comment("\?\?/"), "  /* ? ?/ */\n");
    CHECK_STR(comment("\r\x1b\xe2\x80\xae"), "  /* \\015\\033\\342\\200\\256 */\n");
    CHECK_STR(comment("*"), "  /* * */\n");
    CHECK_STR(comment("/"), "  /* / */\n");
}

int main(void)
{
    check_literals();
    check_wrapping();
    check_comments();
    arena_free(&arena);
    return check_report();
}
