/*
 * Reading JSONPath expressions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/json_path.h"

#include "compiler/base/utf8.h"

#include <string.h>

#include "compiler/openapi/node.h"

/* Tests inside tests, and in one target: walking them costs stack. */
enum { TEST_DEPTH_MAX = 16, TEST_MAX = 200, SHOWN_MAX = 24 };

struct reader {
    const struct node *node;
    struct arena *arena;
    struct diag_list *diags;
    size_t at;
    unsigned depth, test_count; /* of tests inside tests; of tests so far */
    bool is_failed;
};

/* ---- reporting ---- */

/* The place of a part of the text: exact when the text stands in the document as it is. */
static struct span part_span(const struct reader *reader, size_t start, size_t end)
{
    const struct node *node = reader->node;
    size_t raw = node->span.end - node->span.start;
    size_t quote = raw == node->text.len + 2 ? 1 : 0;
    if (raw != node->text.len + 2 * quote)
        return node->span;
    size_t last = end < node->text.len ? end : node->text.len;
    return (struct span){node->span.source, (uint32_t)(node->span.start + quote + start),
                         (uint32_t)(node->span.start + quote + last)};
}

static bool fail(struct reader *reader, size_t start, const char *format, struct str subject)
{
    if (!reader->is_failed) {
        struct str what = str_format(reader->arena, format, STR_ARG(subject));
        struct diag *diag =
            diag_error(reader->diags, "bad-target",
                       part_span(reader, start, start + (subject.len ? subject.len : 1)),
                       "the target has %.*s", STR_ARG(what));
        diag_help(reader->diags, diag,
                  "a target is made of $ .name ['name'] [0] [*] ..name and [?@.name == 'value']");
    }
    reader->is_failed = true;
    return false;
}

static struct str rest(const struct reader *reader)
{
    return str_from(reader->node->text, reader->at);
}

static bool fail_unexpected(struct reader *reader)
{
    struct str text = rest(reader);
    size_t end = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    while (end < text.len && utf8_is_continuation(text.at[end]))
        end++;
    if (text.len == 0)
        return fail(reader, reader->at, "an end too early%.*s", (struct str){0});
    return fail(reader, reader->at, "an unexpected '%.*s'", str_part(text, 0, end));
}

/* ---- characters ---- */

static char peek(const struct reader *reader)
{
    struct str text = rest(reader);
    return text.len ? text.at[0] : '\0';
}

static void skip_space(struct reader *reader)
{
    while (peek(reader) && strchr(" \t\r\n", peek(reader)))
        reader->at++;
}

static bool accept(struct reader *reader, const char *word)
{
    if (!str_starts(rest(reader), word))
        return false;
    reader->at += strlen(word);
    return true;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* More than the RFC's: '-' too, because extensions are called x-… and overlays write them so. */
static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte) ||
           byte == '_' || byte == '-' || (unsigned char)byte >= 0x80;
}

static bool read_name(struct reader *reader, struct str *name)
{
    size_t start = reader->at;
    while (is_name_byte(peek(reader)))
        reader->at++;
    *name = str_part(reader->node->text, start, reader->at);
    return name->len || fail_unexpected(reader);
}

static bool read_integer(struct reader *reader, int64_t *number)
{
    size_t start = reader->at;
    bool is_negative = accept(reader, "-");
    *number = 0;
    for (int digits = 0; is_digit(peek(reader)); digits++) {
        if (digits == 9)
            return fail(reader, start, "an index that is too large%.*s", (struct str){0});
        *number = *number * 10 + (peek(reader) - '0');
        reader->at++;
    }
    *number = is_negative ? -*number : *number;
    return is_digit(reader->node->text.at[reader->at - 1]) || fail_unexpected(reader);
}

/* After the quote. */
static bool read_string(struct reader *reader, char quote, struct str *text)
{
    static const char escapes[] = "bfnrt", values[] = "\b\f\n\r\t";
    struct str_builder out = {.arena = reader->arena};
    for (; reader->at < reader->node->text.len && peek(reader) != quote; reader->at++) {
        char byte = peek(reader);
        if (byte == '\\') {
            reader->at++;
            byte = peek(reader);
            const char *escape = byte ? strchr(escapes, byte) : NULL;
            if (escape)
                byte = values[escape - escapes];
            else if (byte != '\\' && byte != '/' && byte != '\'' && byte != '"')
                return fail(reader, reader->at - 1, "the escape '%.*s', which is not supported",
                            str_part(reader->node->text, reader->at - 1, reader->at + 1));
        }
        str_add_byte(&out, byte);
    }
    if (reader->at >= reader->node->text.len)
        return fail_unexpected(reader);
    reader->at++;
    *text = str_built(&out);
    return true;
}

static bool read_quoted(struct reader *reader, struct str *text)
{
    char quote = peek(reader);
    reader->at++;
    return read_string(reader, quote, text);
}

/* ---- filters ---- */

static const struct path_test *read_alternatives(struct reader *reader);

static bool read_bracket_step(struct reader *reader, struct path_step *step)
{
    skip_space(reader);
    bool is_string = peek(reader) == '\'' || peek(reader) == '"';
    step->is_index = !is_string;
    if (!(is_string ? read_quoted(reader, &step->name) : read_integer(reader, &step->index)))
        return false;
    skip_space(reader);
    return accept(reader, "]") || fail_unexpected(reader);
}

/* What follows '@'. */
static bool read_steps(struct reader *reader, struct path_test *test)
{
    LIST(struct path_step) steps = {0};
    for (;;) {
        struct path_step step = {.is_index = false};
        if (str_starts(rest(reader), ".."))
            return fail(reader, reader->at, "'%.*s' inside a filter, which is not supported",
                        STR(".."));
        bool is_name = accept(reader, ".");
        if (!is_name && !accept(reader, "["))
            break;
        if (!(is_name ? read_name(reader, &step.name) : read_bracket_step(reader, &step)))
            return false;
        *list_add(reader->arena, &steps) = step;
    }
    test->steps = steps.at;
    test->step_count = (uint32_t)steps.count;
    return true;
}

static bool read_comparison(struct reader *reader, enum path_comparison *comparison)
{
    static const char *const words[] = {
        [COMPARE_EQUAL] = "==",         [COMPARE_NOT_EQUAL] = "!=", [COMPARE_LESS_EQUAL] = "<=",
        [COMPARE_GREATER_EQUAL] = ">=", [COMPARE_LESS] = "<",       [COMPARE_GREATER] = ">",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!accept(reader, words[i]))
            continue;
        *comparison = (enum path_comparison)i;
        return true;
    }
    return false;
}

static bool read_number(struct reader *reader, struct node *literal)
{
    size_t start = reader->at;
    accept(reader, "-");
    while (is_digit(peek(reader)) || (peek(reader) && strchr(".eE+-", peek(reader))))
        reader->at++;
    literal->kind = NODE_NUMBER;
    literal->text = str_part(reader->node->text, start, reader->at);
    return is_digit(literal->text.at[literal->text.len - 1]) || fail_unexpected(reader);
}

static const struct node *read_literal(struct reader *reader)
{
    struct node *literal = node_new(reader->arena, NODE_STRING, reader->node->span);
    size_t start = reader->at;
    if (peek(reader) == '\'' || peek(reader) == '"')
        return read_quoted(reader, &literal->text) ? literal : NULL;
    if (peek(reader) == '-' || is_digit(peek(reader)))
        return read_number(reader, literal) ? literal : NULL;
    struct str word;
    if (peek(reader) == '@' || peek(reader) == '$') {
        fail(reader, start, "'%.*s' on the right of a comparison, which is not supported",
             str_part(rest(reader), 0, 1));
        return NULL;
    }
    if (!read_name(reader, &word))
        return NULL;
    literal->is_true = str_is(word, "true");
    literal->kind = str_is(word, "null") ? NODE_NULL : NODE_BOOLEAN;
    if (literal->kind == NODE_BOOLEAN && !literal->is_true && !str_is(word, "false")) {
        fail(reader, start, "an unexpected '%.*s'", word);
        return NULL;
    }
    return literal;
}

static struct path_test *test_new(struct reader *reader, enum path_test_kind kind,
                                  const struct path_test *left, const struct path_test *right)
{
    struct path_test *test = arena_new(reader->arena, struct path_test);
    if (++reader->test_count > TEST_MAX)
        fail(reader, reader->at, "a filter that is too long%.*s", (struct str){0});
    *test = (struct path_test){.kind = kind, .left = left, .right = right};
    return test;
}

static const struct path_test *read_query(struct reader *reader)
{
    struct path_test *test = test_new(reader, TEST_EXISTS, NULL, NULL);
    if (!read_steps(reader, test))
        return NULL;
    skip_space(reader);
    if (!read_comparison(reader, &test->comparison))
        return test;
    test->kind = TEST_COMPARE;
    skip_space(reader);
    test->literal = read_literal(reader);
    return test->literal ? test : NULL;
}

static const struct path_test *negated(struct reader *reader, const struct path_test *inside)
{
    return inside ? test_new(reader, TEST_NOT, inside, NULL) : NULL;
}

static const struct path_test *read_bracketed(struct reader *reader)
{
    const struct path_test *inside = read_alternatives(reader);
    skip_space(reader);
    if (inside && !accept(reader, ")")) {
        fail_unexpected(reader);
        return NULL;
    }
    return inside;
}

static const struct path_test *read_basic(struct reader *reader)
{
    const struct path_test *inside = NULL;
    struct str name = {0};
    skip_space(reader);
    size_t start = reader->at;
    if (++reader->depth > TEST_DEPTH_MAX)
        fail(reader, start, "a filter that is nested too deep%.*s", name);
    else if (accept(reader, "!"))
        inside = negated(reader, read_basic(reader));
    else if (accept(reader, "("))
        inside = read_bracketed(reader);
    else if (accept(reader, "@"))
        inside = read_query(reader);
    else if (peek(reader) == '$')
        fail(reader, start, "'%.*s' inside a filter, which is not supported", STR("$"));
    else if (read_name(reader, &name))
        fail(reader, start,
             peek(reader) == '(' ? "the function '%.*s', which is not supported"
                                 : "an unexpected '%.*s'",
             name);
    reader->depth--;
    return inside;
}

static const struct path_test *read_all(struct reader *reader)
{
    const struct path_test *left = read_basic(reader);
    for (skip_space(reader); left && !reader->is_failed && accept(reader, "&&");
         skip_space(reader)) {
        const struct path_test *right = read_basic(reader);
        left = right ? test_new(reader, TEST_AND, left, right) : NULL;
    }
    return left;
}

static const struct path_test *read_alternatives(struct reader *reader)
{
    const struct path_test *left = read_all(reader);
    for (skip_space(reader); left && !reader->is_failed && accept(reader, "||");
         skip_space(reader)) {
        const struct path_test *right = read_all(reader);
        left = right ? test_new(reader, TEST_OR, left, right) : NULL;
    }
    return left;
}

/* ---- segments ---- */

static bool read_selector(struct reader *reader, struct path_selector *selector)
{
    char first = peek(reader);
    if (first == '\'' || first == '"')
        return read_quoted(reader, &selector->step.name);
    if (accept(reader, "*")) {
        selector->kind = SELECTOR_ALL;
        return true;
    }
    if (accept(reader, "?")) {
        selector->kind = SELECTOR_FILTER;
        selector->test = read_alternatives(reader);
        return selector->test && !reader->is_failed;
    }
    if (first == '(')
        return fail(reader, reader->at, "a script '%.*s', which is not supported", STR("("));
    if (first != ':' && first != '-' && !is_digit(first))
        return fail_unexpected(reader);
    selector->step.is_index = true;
    if (first != ':' && !read_integer(reader, &selector->step.index))
        return false;
    skip_space(reader);
    return peek(reader) != ':' ||
           fail(reader, reader->at, "a slice '%.*s', which is not supported", STR(":"));
}

static bool read_bracket(struct reader *reader, struct path_segment *segment)
{
    LIST(struct path_selector) selectors = {0};
    do {
        struct path_selector selector = {.kind = SELECTOR_STEP};
        skip_space(reader);
        if (!read_selector(reader, &selector))
            return false;
        *list_add(reader->arena, &selectors) = selector;
        skip_space(reader);
    } while (accept(reader, ","));
    segment->selectors = selectors.at;
    segment->selector_count = (uint32_t)selectors.count;
    return accept(reader, "]") || fail_unexpected(reader);
}

static bool read_dotted(struct reader *reader, struct path_segment *segment)
{
    struct path_selector *selector = arena_new(reader->arena, struct path_selector);
    segment->selectors = selector;
    segment->selector_count = 1;
    if (!accept(reader, "*"))
        return read_name(reader, &selector->step.name);
    selector->kind = SELECTOR_ALL;
    return true;
}

static bool read_segment(struct reader *reader, struct path_segment *segment)
{
    *segment = (struct path_segment){.is_descendant = accept(reader, "..")};
    if (accept(reader, "["))
        return read_bracket(reader, segment);
    if (!segment->is_descendant && !accept(reader, "."))
        return fail_unexpected(reader);
    return read_dotted(reader, segment);
}

bool json_path_parse(const struct node *text, struct arena *arena, struct diag_list *diags,
                     struct json_path *out)
{
    struct reader reader = {.node = text, .arena = arena, .diags = diags};
    struct path_segment *segments = arena_array(arena, JSON_PATH_SEGMENT_MAX, sizeof *segments);
    *out = (struct json_path){.segments = segments};
    if (!accept(&reader, "$"))
        return fail_unexpected(&reader);
    for (skip_space(&reader); reader.at < text->text.len; skip_space(&reader)) {
        if (out->segment_count == JSON_PATH_SEGMENT_MAX)
            return fail(&reader, reader.at, "too many steps%.*s", (struct str){0});
        if (!read_segment(&reader, &segments[out->segment_count++]))
            return false;
    }
    return !reader.is_failed;
}
