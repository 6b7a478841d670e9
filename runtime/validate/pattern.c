/*
 * Reads an ECMA-262 pattern and writes its program. Jumps are relative, so that a piece of program
 * can be moved and, for counted repetition, copied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/pattern.h"

enum { COUNT_UNBOUNDED = -1, COUNT_MAX = PATTERN_SIZE_MAX, RANGES_MAX = 4096 };

struct parser {
    const char *at, *end;
    struct pattern_instruction *program;
    struct pattern_instruction *piece; /* what is repeated */
    struct pattern_range *ranges;
    uint32_t size, range_count, nesting;
    bool failed; /* not supported */
};

static bool fail(struct parser *parser)
{
    parser->failed = true;
    return false;
}

static bool is_next(const struct parser *parser, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(parser->end - parser->at) >= len && memcmp(parser->at, text, len) == 0;
}

static bool accept(struct parser *parser, const char *text)
{
    if (!is_next(parser, text))
        return false;
    parser->at += strlen(text);
    return true;
}

/* ---- writing ---- */

static void emit(struct parser *parser, enum pattern_operation operation, int32_t first,
                 int32_t second)
{
    if (parser->size >= PATTERN_SIZE_MAX)
        fail(parser);
    if (!parser->failed)
        parser->program[parser->size++] =
            (struct pattern_instruction){(uint32_t)operation, first, second};
}

static void insert_split(struct parser *parser, uint32_t at, int32_t first, int32_t second)
{
    emit(parser, PATTERN_SPLIT, 0, 0);
    if (parser->failed)
        return;
    struct pattern_instruction *program = parser->program;
    memmove(&program[at + 1], &program[at], (parser->size - 1 - at) * sizeof *program);
    program[at] = (struct pattern_instruction){PATTERN_SPLIT, first, second};
}

static void add_range(struct parser *parser, uint32_t low, uint32_t high)
{
    if (parser->range_count >= RANGES_MAX)
        fail(parser);
    if (!parser->failed)
        parser->ranges[parser->range_count++] = (struct pattern_range){low, high};
}

/* ---- \d \w \s and their opposites ---- */

static const struct pattern_range digits[] = {{'0', '9'}, {0, 0}};
static const struct pattern_range words[] = {
    {'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0, 0}};
/* ECMA-262, WhiteSpace and LineTerminator */
static const struct pattern_range spaces[] = {{9, 13},
                                              {' ', ' '},
                                              {0xa0, 0xa0},
                                              {0x1680, 0x1680},
                                              {0x2000, 0x200a},
                                              {0x2028, 0x2029},
                                              {0x202f, 0x202f},
                                              {0x205f, 0x205f},
                                              {0x3000, 0x3000},
                                              {0xfeff, 0xfeff},
                                              {0, 0}};
static const struct pattern_range line_ends[] = {
    {'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}, {0, 0}};

static const struct pattern_range *class_of(char letter)
{
    switch (letter | 0x20) {
    case 'd':
        return digits;
    case 'w':
        return words;
    case 's':
        return spaces;
    default:
        return NULL;
    }
}

static void add_class(struct parser *parser, const struct pattern_range *class, bool is_negated)
{
    uint32_t low = 0;
    for (; class->high; class ++) {
        if (!is_negated)
            add_range(parser, class->low, class->high);
        else if (class->low > low)
            add_range(parser, low, class->low - 1);
        low = class->high + 1;
    }
    if (is_negated)
        add_range(parser, low, 0x10ffff);
}

static void emit_ranges(struct parser *parser, uint32_t first, bool is_negated)
{
    emit(parser, is_negated ? PATTERN_NOT_IN : PATTERN_IN, (int32_t)first,
         (int32_t)(parser->range_count - first));
}

static void emit_class(struct parser *parser, const struct pattern_range *class, bool is_negated)
{
    uint32_t first = parser->range_count;
    add_class(parser, class, false);
    emit_ranges(parser, first, is_negated);
}

/* ---- escapes ---- */

static bool hex(struct parser *parser, uint32_t count, uint32_t *out)
{
    *out = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *digit = NULL;
        if (parser->at < parser->end && *parser->at)
            digit = strchr("0123456789abcdef", *parser->at | 0x20);
        if (!digit)
            return fail(parser);
        *out = *out * 16 + (uint32_t)(digit - strchr("0123456789abcdef", '0'));
        parser->at++;
    }
    return true;
}

static bool hex_in_braces(struct parser *parser, uint32_t *out)
{
    const char *close = memchr(parser->at, '}', (size_t)(parser->end - parser->at));
    if (!close || close == parser->at || close - parser->at > 6 ||
        !hex(parser, (uint32_t)(close - parser->at), out) || *out > 0x10ffff)
        return fail(parser);
    parser->at++;
    return true;
}

static bool unicode(struct parser *parser, uint32_t *out)
{
    uint32_t low;
    if (accept(parser, "{"))
        return hex_in_braces(parser, out);
    if (!hex(parser, 4, out))
        return false;
    if (*out < 0xd800 || *out > 0xdfff)
        return true;
    if (*out > 0xdbff || !accept(parser, "\\u") || !hex(parser, 4, &low) || low < 0xdc00 ||
        low > 0xdfff)
        return fail(parser);
    *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool control(struct parser *parser, uint32_t *out)
{
    if (parser->at == parser->end || !is_letter(*parser->at))
        return fail(parser);
    *out = (uint32_t)*parser->at++ & 31;
    return true;
}

/* An escape that stands for one character; the backslash is read. */
static bool character_escape(struct parser *parser, uint32_t *out)
{
    static const char letters[] = "tnvfr", meanings[] = "\t\n\v\f\r";
    if (parser->at == parser->end)
        return fail(parser);
    *out = pattern_decode(&parser->at);
    if (*out == 'u')
        return unicode(parser, out);
    if (*out == 'x')
        return hex(parser, 2, out);
    if (*out == 'c')
        return control(parser, out);
    bool is_digit_next = parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9';
    if (*out == '0' && !is_digit_next) {
        *out = 0;
        return true;
    }
    const char *letter = *out && *out < 0x80 ? strchr(letters, (char)*out) : NULL;
    if (letter)
        *out = (uint32_t)meanings[letter - letters];
    else if (*out < 0x80 && (is_letter((char)*out) || (*out >= '0' && *out <= '9') || *out == '_'))
        return fail(parser);
    return true;
}

/* ---- [ ] ---- */

/* One character of a class, or a whole class like \d (then `out` is no character). */
static bool class_item(struct parser *parser, uint32_t *out, bool *is_class)
{
    *is_class = false;
    if (!accept(parser, "\\")) {
        *out = pattern_decode(&parser->at);
        return true;
    }
    if (parser->at == parser->end)
        return fail(parser);
    const struct pattern_range *class = class_of(*parser->at);
    if (class) {
        add_class(parser, class, *parser->at < 'a');
        parser->at++;
        *is_class = true;
        return true;
    }
    *out = '\b';
    if (accept(parser, "b"))
        return true;
    return character_escape(parser, out);
}

static bool class_range(struct parser *parser)
{
    uint32_t low, high;
    bool is_class, ends_with_class;
    if (is_next(parser, "[:") || !class_item(parser, &low, &is_class))
        return fail(parser);
    if (!is_next(parser, "-") || is_next(parser, "-]")) {
        if (!is_class)
            add_range(parser, low, low);
        return true;
    }
    parser->at++;
    if (parser->at == parser->end || !class_item(parser, &high, &ends_with_class))
        return fail(parser);
    if (!is_class && !ends_with_class && low <= high) {
        add_range(parser, low, high);
        return true;
    }
    if (!is_class && !ends_with_class)
        return fail(parser);     /* out of order */
    add_range(parser, '-', '-'); /* as ECMA-262, annex B.1.2, reads [\w-.] */
    if (!is_class)
        add_range(parser, low, low);
    if (!ends_with_class)
        add_range(parser, high, high);
    return true;
}

static bool class(struct parser *parser)
{
    uint32_t first = parser->range_count;
    bool is_negated = accept(parser, "^");
    if (is_next(parser, ":")) /* [:alpha:] */
        return fail(parser);
    while (!accept(parser, "]"))
        if (parser->failed || parser->at == parser->end || !class_range(parser))
            return fail(parser);
    emit_ranges(parser, first, is_negated);
    return !parser->failed;
}

/* ---- quantifiers ---- */

struct repetition {
    int32_t least, most; /* most: COUNT_UNBOUNDED */
};

static bool number(const char **at, const char *end, int32_t *out)
{
    const char *start = *at;
    *out = 0;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at)
        if (*out <= COUNT_MAX)
            *out = *out * 10 + (**at - '0');
    return *at > start;
}

static bool braces(struct parser *parser, struct repetition *out)
{
    const char *at = parser->at + 1, *end = parser->end;
    if (!number(&at, end, &out->least))
        return false;
    out->most = out->least;
    if (at < end && *at == ',') {
        at++;
        if (!number(&at, end, &out->most))
            out->most = COUNT_UNBOUNDED;
    }
    if (at == end || *at != '}')
        return false;
    parser->at = at + 1;
    return true;
}

static bool quantifier(struct parser *parser, struct repetition *out)
{
    *out = (struct repetition){0, COUNT_UNBOUNDED};
    if (accept(parser, "+"))
        out->least = 1;
    else if (accept(parser, "?"))
        out->most = 1;
    else if (!accept(parser, "*") && (!is_next(parser, "{") || !braces(parser, out)))
        return false;
    accept(parser, "?"); /* lazy: finds the same texts */
    if (out->most != COUNT_UNBOUNDED && out->most < out->least)
        fail(parser);
    return true;
}

static void emit_piece(struct parser *parser, uint32_t len)
{
    if (len > PATTERN_SIZE_MAX - parser->size)
        fail(parser);
    if (parser->failed)
        return;
    memcpy(&parser->program[parser->size], parser->piece, len * sizeof *parser->piece);
    parser->size += len;
}

static void repeat(struct parser *parser, uint32_t start, struct repetition repetition)
{
    uint32_t len = parser->size - start;
    int32_t distance = (int32_t)len;
    memcpy(parser->piece, &parser->program[start], len * sizeof *parser->piece);
    parser->size = start;
    for (int32_t i = 0; i < repetition.least && len && !parser->failed; i++)
        emit_piece(parser, len);
    if (repetition.most == COUNT_UNBOUNDED && repetition.least > 0) {
        emit(parser, PATTERN_SPLIT, -distance, 1);
    } else if (repetition.most == COUNT_UNBOUNDED) {
        emit(parser, PATTERN_SPLIT, 1, distance + 2);
        emit_piece(parser, len);
        emit(parser, PATTERN_JUMP, -distance - 1, 0);
    }
    for (int32_t left = repetition.most - repetition.least; left > 0 && len && !parser->failed;
         left--) {
        if (left > COUNT_MAX / (distance + 1)) {
            fail(parser);
            return;
        }
        emit(parser, PATTERN_SPLIT, 1, left * (distance + 1));
        emit_piece(parser, len);
    }
}

/* ---- structure ---- */

static void alternation(struct parser *parser);

/* Behind "(". */
static void group(struct parser *parser)
{
    if (is_next(parser, "?<") && !is_next(parser, "?<=") && !is_next(parser, "?<!")) {
        const char *close = memchr(parser->at, '>', (size_t)(parser->end - parser->at));
        if (!close) {
            fail(parser);
            return;
        }
        parser->at = close + 1;
    } else if (!accept(parser, "?:") && is_next(parser, "?")) {
        fail(parser);
        return;
    }
    if (++parser->nesting > PATTERN_NESTING_MAX) {
        fail(parser);
        return;
    }
    alternation(parser);
    parser->nesting--;
    if (!accept(parser, ")"))
        fail(parser);
}

static void escape(struct parser *parser)
{
    uint32_t character;
    if (accept(parser, "b")) {
        emit(parser, PATTERN_AT_WORD, 0, 0);
        return;
    }
    if (accept(parser, "B")) {
        emit(parser, PATTERN_NOT_AT_WORD, 0, 0);
        return;
    }
    const struct pattern_range *found = parser->at < parser->end ? class_of(*parser->at) : NULL;
    if (found)
        emit_class(parser, found, *parser->at++ < 'a');
    else if (character_escape(parser, &character))
        emit(parser, PATTERN_CHARACTER, (int32_t)character, 0);
}

static void atom(struct parser *parser)
{
    struct repetition repetition;
    if (accept(parser, "("))
        group(parser);
    else if (accept(parser, "["))
        class(parser);
    else if (accept(parser, "."))
        emit_class(parser, line_ends, true);
    else if (accept(parser, "^"))
        emit(parser, PATTERN_AT_START, 0, 0);
    else if (accept(parser, "$"))
        emit(parser, PATTERN_AT_END, 0, 0);
    else if (accept(parser, "\\"))
        escape(parser);
    else if (quantifier(parser, &repetition)) /* of nothing */
        fail(parser);
    else
        emit(parser, PATTERN_CHARACTER, (int32_t)pattern_decode(&parser->at), 0);
}

static void sequence(struct parser *parser)
{
    struct repetition repetition;
    while (!parser->failed && parser->at < parser->end && !is_next(parser, "|") &&
           !is_next(parser, ")")) {
        uint32_t start = parser->size;
        atom(parser);
        if (!parser->failed && quantifier(parser, &repetition) && !parser->failed)
            repeat(parser, start, repetition);
    }
}

static void alternation(struct parser *parser)
{
    static const uint32_t none = UINT32_MAX;
    uint32_t last = none; /* of the jumps to the end; each holds the one before it */
    for (;;) {
        uint32_t start = parser->size;
        sequence(parser);
        if (parser->failed || !accept(parser, "|"))
            break;
        insert_split(parser, start, 1, (int32_t)(parser->size - start) + 2);
        emit(parser, PATTERN_JUMP, (int32_t)last, 0);
        last = parser->size - 1;
    }
    while (!parser->failed && last != none) {
        uint32_t before = (uint32_t)parser->program[last].first;
        parser->program[last].first = (int32_t)(parser->size - last);
        last = before;
    }
}

/* Habits of other languages: the author did not mean what ECMA-262 says. */
static bool is_foreign(struct slice source)
{
    const char *end = source.at + source.len;
    return source.len > 2 && (memcmp(source.at, "/^", 2) == 0 || memcmp(end - 2, "$/", 2) == 0);
}

static enum pattern_status keep_program(const struct parser *parser, struct pool *keep,
                                        struct pattern *out)
{
    struct pattern_instruction *program = pool_alloc(keep, parser->size * sizeof *program);
    struct pattern_range *ranges = pool_alloc(keep, (parser->range_count + 1) * sizeof *ranges);
    if (!program || !ranges)
        return PATTERN_NO_MEMORY;
    memcpy(program, parser->program, parser->size * sizeof *program);
    memcpy(ranges, parser->ranges, parser->range_count * sizeof *ranges);
    *out = (struct pattern){program, ranges, parser->size};
    return PATTERN_COMPILED;
}

static enum pattern_status compile(struct parser *parser, struct pool *keep, struct pool *scratch,
                                   struct pattern *out)
{
    parser->program = pool_alloc(scratch, PATTERN_SIZE_MAX * sizeof *parser->program);
    parser->piece = pool_alloc(scratch, PATTERN_SIZE_MAX * sizeof *parser->piece);
    parser->ranges = pool_alloc(scratch, RANGES_MAX * sizeof *parser->ranges);
    if (!parser->program || !parser->piece || !parser->ranges)
        return PATTERN_NO_MEMORY;
    alternation(parser);
    if (parser->at < parser->end) /* a ) without its ( */
        fail(parser);
    emit(parser, PATTERN_MATCH, 0, 0);
    return parser->failed ? PATTERN_UNSUPPORTED : keep_program(parser, keep, out);
}

enum pattern_status pattern_compile(struct slice source, struct pool *keep, struct pattern *out)
{
    struct parser parser = {.at = source.at, .end = source.at + source.len};
    if (is_foreign(source))
        return PATTERN_UNSUPPORTED;
    struct pool *scratch = pool_open(SIZE_MAX);
    if (!scratch)
        return PATTERN_NO_MEMORY;
    enum pattern_status status = compile(&parser, keep, scratch, out);
    pool_close(scratch);
    return status;
}
