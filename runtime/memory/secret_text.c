/*
 * Growing by hand: realloc would leave the old copy behind, unwiped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/memory/secret_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/memory/secret.h"

enum { CAPACITY_MIN = 256 };

char *secret_text_reserve(struct secret_text *out, size_t size)
{
    if (out->failed || size > SIZE_MAX / 4 - out->len) {
        out->failed = true;
        return NULL;
    }
    size_t wanted = out->len + size + 1, capacity = out->capacity ? out->capacity : CAPACITY_MIN;
    if (wanted <= out->capacity)
        return out->at + out->len;
    while (capacity < wanted)
        capacity *= 2;
    char *larger = malloc(capacity);
    if (!larger) {
        out->failed = true;
        return NULL;
    }
    if (out->len)
        memcpy(larger, out->at, out->len);
    if (out->at)
        secret_wipe(out->at, out->capacity);
    free(out->at);
    out->at = larger;
    out->capacity = capacity;
    out->at[out->len] = '\0';
    return out->at + out->len;
}

void secret_text_grew(struct secret_text *out, size_t size)
{
    out->len += size;
    out->at[out->len] = '\0';
}

void secret_text_add(struct secret_text *out, struct slice bytes)
{
    char *room = secret_text_reserve(out, bytes.len);
    if (!room)
        return;
    if (bytes.len)
        memcpy(room, bytes.at, bytes.len);
    secret_text_grew(out, bytes.len);
}

void secret_text_add_literal(struct secret_text *out, const char *text)
{
    secret_text_add(out, slice_of(text));
}

void secret_text_add_byte(struct secret_text *out, char byte)
{
    secret_text_add(out, (struct slice){&byte, 1});
}

void secret_text_add_number(struct secret_text *out, uint64_t number)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    secret_text_add(out, (struct slice){digits, (size_t)size});
}

void secret_text_add_json(struct secret_text *out, struct slice characters)
{
    secret_text_add_byte(out, '"');
    for (size_t i = 0; i < characters.len; i++) {
        unsigned char byte = (unsigned char)characters.at[i];
        char escape[8];
        if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f) {
            secret_text_add_byte(out, (char)byte);
            continue;
        }
        int size = snprintf(escape, sizeof escape, "\\u%04x", byte);
        secret_text_add(out, (struct slice){escape, (size_t)size});
    }
    secret_text_add_byte(out, '"');
}

struct slice secret_text_slice(const struct secret_text *text)
{
    return (struct slice){text->at, text->len};
}

void secret_text_clear(struct secret_text *text)
{
    if (text->at)
        secret_wipe(text->at, text->capacity);
    text->len = 0;
    text->failed = false;
}

void secret_text_close(struct secret_text *text)
{
    secret_text_clear(text);
    free(text->at);
    *text = (struct secret_text){0};
}
