/*
 * Strict base64url decoding.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/base64url.h"

#include <stdint.h>

enum { VALUE_BITS = 0x3f, FIRST = 0x20, COUNT = 0x60 };

/* The value of a character from 0x20 to 0x7f; 255: not of the alphabet. */
static const unsigned char values[COUNT] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 62,  255, 255, /* - */
    52,  53,  54,  55,  56,  57,  58,  59,  60,  61,  255, 255, 255, 255, 255, 255, /* 0-9 */
    255, 0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  14,  /* A-O */
    15,  16,  17,  18,  19,  20,  21,  22,  23,  24,  25,  255, 255, 255, 255, 63,  /* P-Z _ */
    255, 26,  27,  28,  29,  30,  31,  32,  33,  34,  35,  36,  37,  38,  39,  40,  /* a-o */
    41,  42,  43,  44,  45,  46,  47,  48,  49,  50,  51,  255, 255, 255, 255, 255, /* p-z */
};

static unsigned value_of(char character)
{
    unsigned at = (unsigned)(unsigned char)character - FIRST;
    return at < COUNT ? values[at] : 255;
}

/* Two or three characters at the end: one or two bytes, and no bit beyond them (RFC 4648, 3.5). */
static bool decode_tail(const char *at, size_t len, unsigned char *out)
{
    unsigned first = value_of(at[0]), second = value_of(at[1]);
    unsigned third = len == 3 ? value_of(at[2]) : 0;
    if ((first | second | third) & ~(unsigned)VALUE_BITS)
        return false;
    unsigned bits = first << 12 | second << 6 | third;
    out[0] = (unsigned char)(bits >> 10);
    if (len == 2)
        return (bits & 0x3ff) == 0;
    out[1] = (unsigned char)(bits >> 2);
    return (bits & 3) == 0;
}

bool base64url_decode(struct slice text, unsigned char *out, size_t *size)
{
    const char *at = text.at;
    unsigned char *start = out;
    size_t quads = text.len / 4, rest = text.len % 4;
    unsigned seen = 0;
    for (size_t i = 0; i < quads; i++, at += 4, out += 3) {
        unsigned first = value_of(at[0]), second = value_of(at[1]);
        unsigned third = value_of(at[2]), fourth = value_of(at[3]);
        seen |= first | second | third | fourth;
        out[0] = (unsigned char)(first << 2 | second >> 4);
        out[1] = (unsigned char)(second << 4 | third >> 2);
        out[2] = (unsigned char)(third << 6 | fourth);
    }
    if (seen & ~(unsigned)VALUE_BITS || rest == 1)
        return false;
    if (rest && !decode_tail(at, rest, out))
        return false;
    *size = (size_t)(out - start) + (rest ? rest - 1 : 0);
    return true;
}
