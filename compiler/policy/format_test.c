/*
 * What a caller holds, JSON values and test blocks as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/format_part.h"

#include "compiler/policy/text.h"

/* ---- values ---- */

static void put_value(const struct value *value, struct str_builder *out)
{
    static const char *const words[] = {
        [VALUE_TRUE] = "true", [VALUE_FALSE] = "false", [VALUE_NULL] = "null"};
    bool is_object = value->kind == VALUE_OBJECT;
    switch (value->kind) {
    case VALUE_STRING:
        text_quote(value->word.text, out);
        return;
    case VALUE_NUMBER:
        str_add(out, value->word.text);
        return;
    case VALUE_TRUE:
    case VALUE_FALSE:
    case VALUE_NULL:
        str_add_text(out, words[value->kind]);
        return;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        break;
    }
    bool has_space = is_object && value->count;
    str_add_text(out, is_object ? "{" : "[");
    for (uint32_t i = 0; i < value->count; i++) {
        struct str name = value->members[i].name.text;
        str_add_text(out, i ? ", " : has_space ? " " : "");
        if (is_object)
            str_add(out, text_is_word(name) ? name : format_quoted(out->arena, name));
        str_add_text(out, is_object ? ": " : "");
        put_value(&value->members[i].value, out);
    }
    str_add_text(out, has_space ? " }" : is_object ? "}" : "]");
}

/* ---- what a caller holds ---- */

static void put_strings(const char *keyword, struct words words, struct str_builder *out)
{
    str_add_text(out, words.count ? keyword : "");
    for (uint32_t i = 0; i < words.count; i++)
        format_named(out, " ", words.at[i].text);
}

static void put_names(struct words words, struct str_builder *out)
{
    for (uint32_t i = 0; i < words.count; i++)
        str_add_format(out, "%s%.*s", i ? ", " : " ", STR_ARG(words.at[i].text));
}

void format_holdings(const struct holdings *holdings, bool is_test, struct str_builder *out)
{
    put_strings(" scopes", holdings->scopes, out);
    str_add_text(out, holdings->roles.count ? " roles" : "");
    put_names(holdings->roles, out);
    for (uint32_t i = 0; i < holdings->claim_count; i++) {
        format_named(out, " claim ", holdings->claims[i].path.text);
        str_add_text(out, is_test ? " == " : " ");
        put_value(&holdings->claims[i].value, out);
    }
    if (holdings->verifier.text.len)
        str_add_format(out, " verifier %.*s", STR_ARG(holdings->verifier.text));
}

/* ---- tests ---- */

static const char *const line_words[] = {[TEST_TOKEN] = "token",
                                         [TEST_TRANSPORT] = "transport",
                                         [TEST_CALL] = "call",
                                         [TEST_LIST] = "list",
                                         [TEST_EXPECT] = "expect"};

static void put_expectation(const struct test_line *line, struct str_builder *out)
{
    static const char *const outcomes[] = {
        [EXPECT_ALLOW] = "allow",     [EXPECT_DENY] = "deny",     [EXPECT_TOKEN] = "token",
        [EXPECT_REFUSED] = "refused", [EXPECT_HIDDEN] = "hidden", [EXPECT_SHOWN] = "shown"};
    str_add_format(out, " %s", outcomes[line->outcome]);
    if (line->outcome == EXPECT_DENY)
        put_strings(" needs", line->list, out);
    else
        put_names(line->list, out);
    if (line->message.is_string)
        format_named(out, " ", line->message.text);
}

void format_test_line(const struct test_line *line, size_t column, struct str_builder *out)
{
    struct str word = str_of(line_words[line->kind]);
    bool is_alone =
        line->kind == TEST_LIST ||
        (line->kind == TEST_TOKEN && !line->holdings.scopes.count && !line->holdings.roles.count &&
         !line->holdings.claim_count && !line->holdings.verifier.text.len);
    format_column(out, word, is_alone ? 0 : column);
    switch (line->kind) {
    case TEST_TOKEN:
        format_holdings(&line->holdings, true, out);
        break;
    case TEST_TRANSPORT:
    case TEST_CALL:
        str_add_format(out, " %.*s", STR_ARG(line->name.text));
        if (line->arguments.count) {
            str_add_byte(out, ' ');
            put_value(&line->arguments, out);
        }
        break;
    case TEST_LIST:
        break;
    case TEST_EXPECT:
        put_expectation(line, out);
        break;
    }
}

void format_test(const struct statement *statement, struct str_builder *out)
{
    struct test_lines lines = statement->lines;
    size_t column = 0;
    for (uint32_t i = 0; i < lines.count; i++) {
        size_t width = str_of(line_words[lines.at[i].kind]).len;
        column = width > column ? width : column;
    }
    format_named(out, "test ", statement->name.text);
    str_add_text(out, " {\n");
    for (uint32_t i = 0; i < lines.count; i++) {
        format_comments(lines.at[i].comments, FORMAT_INDENT, i == 0 ? EDGE_START : EDGE_NONE, out);
        format_pad(out, 0, FORMAT_INDENT);
        format_test_line(&lines.at[i], column, out);
        format_comment_at_end(lines.at[i].comment_at_end, out);
        str_add_byte(out, '\n');
    }
    format_comments(statement->comments_at_block_end, FORMAT_INDENT,
                    EDGE_END | (lines.count ? EDGE_NONE : EDGE_START), out);
    str_add_byte(out, '}');
}
