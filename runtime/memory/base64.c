/*
 * Base64. Decoding takes the canonical text alone, so that two texts never mean the same bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct text *out, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t count = bytes.len - i < 3 ? bytes.len - i : 3;
        unsigned group = 0;
        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (j < count ? (unsigned char)bytes.at[i + j] : 0);
        char digits[4] = {alphabet[group >> 18 & 63], alphabet[group >> 12 & 63],
                          count > 1 ? alphabet[group >> 6 & 63] : '=',
                          count > 2 ? alphabet[group & 63] : '='};
        text_add(out, (struct slice){digits, sizeof digits});
    }
}

static int value_of(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

bool base64_decode(struct text *out, struct slice base64)
{
    if (base64.len % 4)
        return false;
    size_t len = base64.len;
    size_t padding = 0;
    while (padding < 2 && len > 0 && base64.at[len - 1] == '=') {
        len--;
        padding++;
    }
    unsigned group = 0;
    for (size_t i = 0; i < len; i++) {
        int digit = value_of(base64.at[i]);
        if (digit < 0)
            return false;
        group = (group << 6 | (unsigned)digit) & 0xffffff;
        if (i % 4 > 0)
            text_add_byte(out, (char)(group >> (6 - 2 * (i % 4)) & 0xff));
    }
    unsigned stray = padding == 2 ? 15 : padding == 1 ? 3 : 0;
    return (group & stray) == 0;
}
