/*
 * Plain scalars of YAML 1.2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/core_schema.h"

#include <inttypes.h>

static bool is_one_of(struct str text, const char *lower, const char *title, const char *upper)
{
    return str_is(text, lower) || str_is(text, title) || str_is(text, upper);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t digits_end(struct str text, size_t at)
{
    while (at < text.len && is_digit(text.at[at]))
        at++;
    return at;
}

/* The parts of a decimal number; all of `text` belongs to one of them. */
struct decimal {
    bool is_negative;
    struct str whole, fraction, exponent; /* the exponent with its sign */
    bool has_point, has_exponent;
};

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool decimal_parse(struct str text, struct decimal *out)
{
    size_t at = 0, end;
    *out = (struct decimal){0};
    if (at < text.len && (text.at[at] == '-' || text.at[at] == '+'))
        out->is_negative = text.at[at++] == '-';
    end = digits_end(text, at);
    out->whole = str_part(text, at, end);
    if (end < text.len && text.at[end] == '.') {
        out->has_point = true;
        at = end + 1;
        end = digits_end(text, at);
        out->fraction = str_part(text, at, end);
    }
    if (out->whole.len + out->fraction.len == 0)
        return false;
    if (end < text.len && (text.at[end] == 'e' || text.at[end] == 'E')) {
        out->has_exponent = true;
        at = end + 1;
        bool is_signed = at < text.len && (text.at[at] == '-' || text.at[at] == '+');
        end = digits_end(text, at + is_signed);
        out->exponent = str_part(text, at, end);
        if (out->exponent.len == is_signed)
            return false;
    }
    return end == text.len;
}

static bool is_json_number(const struct decimal *number, struct str text)
{
    return text.at[0] != '+' && number->whole.len != 0 &&
           (number->whole.len == 1 || number->whole.at[0] != '0') &&
           number->has_point == (number->fraction.len != 0);
}

static struct str decimal_text(struct arena *arena, struct decimal number)
{
    while (number.whole.len > 1 && number.whole.at[0] == '0')
        number.whole = str_from(number.whole, 1);
    struct str_builder out = {.arena = arena};
    str_add_text(&out, number.is_negative ? "-" : "");
    str_add(&out, number.whole.len ? number.whole : STR("0"));
    if (number.fraction.len) {
        str_add_byte(&out, '.');
        str_add(&out, number.fraction);
    }
    if (number.has_exponent) {
        str_add_byte(&out, 'e');
        str_add(&out, number.exponent);
    }
    return str_built(&out);
}

static unsigned digit_value(char byte)
{
    if (is_digit(byte))
        return (unsigned)(byte - '0');
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : 99;
}

/* 0o17 and 0x1f, which have no sign. */
static bool resolve_based(struct arena *arena, struct str text, struct core_scalar *out)
{
    if (text.len < 3 || text.at[0] != '0' || (text.at[1] != 'o' && text.at[1] != 'x'))
        return false;
    unsigned base = text.at[1] == 'o' ? 8 : 16;
    uint64_t value = 0;
    bool is_large = false;
    for (size_t i = 2; i < text.len; i++) {
        unsigned digit = digit_value(text.at[i]);
        if (digit >= base)
            return false;
        is_large |= value > (UINT64_MAX - digit) / base;
        value = value * base + digit;
    }
    out->kind = NODE_NUMBER;
    out->is_integer = true;
    out->text = str_format(arena, "%" PRIu64, value);
    out->problem = is_large ? "has more than 64 bits" : NULL;
    return true;
}

static bool resolve_unbounded(struct str text, struct core_scalar *out)
{
    struct str unsigned_text = text;
    if (text.len && (text.at[0] == '-' || text.at[0] == '+'))
        unsigned_text = str_from(text, 1);
    if (!is_one_of(unsigned_text, ".inf", ".Inf", ".INF") &&
        !is_one_of(text, ".nan", ".NaN", ".NAN"))
        return false;
    out->kind = NODE_NUMBER;
    out->problem = "is not finite, which JSON cannot say";
    return true;
}

struct core_scalar core_schema_resolve(struct arena *arena, struct str plain)
{
    struct core_scalar scalar = {.kind = NODE_STRING, .text = plain};
    struct decimal number;
    if (plain.len == 0 || str_is(plain, "~") || is_one_of(plain, "null", "Null", "NULL")) {
        scalar = (struct core_scalar){.kind = NODE_NULL};
    } else if (is_one_of(plain, "true", "True", "TRUE")) {
        scalar = (struct core_scalar){.kind = NODE_BOOLEAN, .is_true = true};
    } else if (is_one_of(plain, "false", "False", "FALSE")) {
        scalar = (struct core_scalar){.kind = NODE_BOOLEAN};
    } else if (decimal_parse(plain, &number)) {
        scalar.kind = NODE_NUMBER;
        scalar.is_integer = !number.has_point && !number.has_exponent;
        if (!is_json_number(&number, plain))
            scalar.text = decimal_text(arena, number);
    } else if (!resolve_based(arena, plain, &scalar)) {
        resolve_unbounded(plain, &scalar);
    }
    return scalar;
}
