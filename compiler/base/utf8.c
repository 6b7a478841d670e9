/*
 * Characters of UTF-8 texts (RFC 3629).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/utf8.h"

size_t utf8_decode(struct str text, size_t at, uint32_t *point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)text.at[at];
    size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (size == 0 || lead > 0xf4 || size > text.len - at)
        return 0;
    *point = size == 1 ? lead : lead & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (!utf8_is_continuation(text.at[at + i]))
            return 0;
        *point = *point << 6 | ((unsigned char)text.at[at + i] & 0x3f);
    }
    bool is_surrogate = *point >= 0xd800 && *point < 0xe000;
    return *point < smallest[size] || is_surrogate || *point > 0x10ffff ? 0 : size;
}

bool utf8_is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

bool utf8_is_direction(uint32_t point)
{
    return point == 0x061c || point == 0x200e || point == 0x200f ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}
