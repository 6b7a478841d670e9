/*
 * Comparing and dividing decimal texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/decimal.h"

enum {
    DIVISOR_DIGITS_MAX = 18, /* ten times the remainder plus a digit fits into 64 bits */
    TENS_MAX = 60,           /* a divisor below 10^18 < 2^60 has no more factors 2 or 5 */
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static int64_t read_exponent(struct slice text)
{
    int64_t exponent = 0;
    bool is_negative = text.len && text.at[0] == '-';
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.at[i]))
            continue;
        if (exponent < DECIMAL_EXPONENT_MAX)
            exponent = exponent * 10 + (text.at[i] - '0');
        if (exponent > DECIMAL_EXPONENT_MAX)
            exponent = DECIMAL_EXPONENT_MAX;
    }
    return is_negative ? -exponent : exponent;
}

struct decimal decimal_read(struct slice number)
{
    struct decimal out = {.sign = 0};
    size_t at = number.len && number.at[0] == '-', end = at, first = 0, last = 0;
    int64_t power = -1, exponent = 0;
    while (end < number.len && (is_digit(number.at[end]) || number.at[end] == '.'))
        end++;
    if (end < number.len)
        exponent = read_exponent((struct slice){number.at + end + 1, number.len - end - 1});
    for (size_t i = at; i < end && number.at[i] != '.'; i++)
        power++;
    for (size_t i = at; i < end; i++) {
        if (number.at[i] == '.')
            continue;
        if (number.at[i] != '0') {
            if (!out.sign) {
                out.sign = at ? -1 : 1;
                out.first = power + exponent;
                first = i;
            }
            out.last = power + exponent;
            last = i + 1;
        }
        power--;
    }
    if (out.sign)
        out.digits = (struct slice){number.at + first, last - first};
    return out;
}

static int compare_digits(struct slice left, struct slice right)
{
    size_t i = 0, at = 0;
    for (;;) {
        if (i < left.len && left.at[i] == '.')
            i++;
        if (at < right.len && right.at[at] == '.')
            at++;
        if (i >= left.len || at >= right.len)
            return (i < left.len) - (at < right.len);
        if (left.at[i] != right.at[at])
            return left.at[i] < right.at[at] ? -1 : 1;
        i++;
        at++;
    }
}

int decimal_compare(const struct decimal *left, const struct decimal *right)
{
    if (left->sign != right->sign)
        return left->sign < right->sign ? -1 : 1;
    if (left->sign == 0)
        return 0;
    if (left->first != right->first)
        return left->first < right->first ? -left->sign : left->sign;
    return left->sign * compare_digits(left->digits, right->digits);
}

bool decimal_is_integer(const struct decimal *number)
{
    return number->sign == 0 || number->last >= 0;
}

uint32_t decimal_count(const struct decimal *number)
{
    uint64_t count = 0;
    if (number->sign <= 0)
        return 0;
    if (number->first > 9)
        return UINT32_MAX;
    size_t at = 0;
    for (int64_t power = number->first; power >= 0; power--) {
        if (at < number->digits.len && number->digits.at[at] == '.')
            at++;
        count *= 10;
        if (at < number->digits.len)
            count += (uint64_t)(number->digits.at[at++] - '0');
    }
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

bool decimal_is_divisor(const struct decimal *number)
{
    return number->sign > 0 && number->first - number->last < DIVISOR_DIGITS_MAX;
}

/* digits % divisor; the point counts for nothing */
static uint64_t reduce(struct slice digits, uint64_t divisor)
{
    uint64_t remainder = 0;
    for (size_t i = 0; i < digits.len; i++)
        if (digits.at[i] != '.')
            remainder = (remainder * 10 + (uint64_t)(digits.at[i] - '0')) % divisor;
    return remainder;
}

bool decimal_is_multiple(const struct decimal *number, const struct decimal *divisor)
{
    if (number->sign == 0)
        return true;
    /* the last digit is not 0, so what is left of it cannot be divided by ten */
    if (number->last < divisor->last)
        return false;
    uint64_t whole = reduce(divisor->digits, UINT64_MAX / 10);
    if (whole == 0) /* no divisor at all */
        return false;
    uint64_t remainder = reduce(number->digits, whole);
    int64_t tens = number->last - divisor->last;
    for (int64_t i = 0; i < tens && i < TENS_MAX; i++)
        remainder = remainder * 10 % whole;
    return remainder == 0;
}

uint64_t decimal_hash(const struct decimal *number)
{
    uint64_t hash = (uint64_t)number->first * 31 + (uint64_t)(number->sign + 1);
    for (size_t i = 0; i < number->digits.len; i++)
        if (number->digits.at[i] != '.')
            hash = (hash ^ (uint8_t)number->digits.at[i]) * UINT64_C(1099511628211);
    return hash;
}
