/*
 * Encodings of a request's places. Bytes come from callers: whatever they are, the result has only
 * characters that its place allows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/upstream/encode.h"

static bool is_alphanumeric(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

static bool is_one_of(unsigned char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

int encode_triple_at(struct slice bytes, size_t i)
{
    if (bytes.at[i] != '%' || bytes.len - i < 3)
        return -1;
    int high = hex_value(bytes.at[i + 1]), low = hex_value(bytes.at[i + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static void write_triple(char out[3], unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    out[0] = '%';
    out[1] = digits[byte >> 4];
    out[2] = digits[byte & 15];
}

static void add_triple(struct text *out, unsigned char byte)
{
    char triple[3];
    write_triple(triple, byte);
    text_add(out, (struct slice){triple, sizeof triple});
}

/* With allowReserved '#', '[', ']' still cannot stand in a query, '&' would begin another parameter
 * (';' too, for servers that follow HTML 4) and '+' would be read as a space (OpenAPI 3.2, 4.12.2.2
 * leaves these to us). */
static bool stays(unsigned char byte, enum encode_set set)
{
    if (is_alphanumeric(byte))
        return true;
    switch (set) {
    case ENCODE_URI:
        return is_one_of(byte, "-._~");
    case ENCODE_RESERVED:
        return is_one_of(byte, "-._~:/?@!$'()*,=");
    case ENCODE_FORM:
        return is_one_of(byte, "*-._");
    case ENCODE_NONE:
        break;
    }
    return true;
}

void encode_add(struct text *out, struct slice bytes, enum encode_set set)
{
    if (set == ENCODE_NONE) {
        text_add(out, bytes);
        return;
    }
    size_t from = 0; /* what stays is added in runs */
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.at[i];
        if (stays(byte, set) || (set == ENCODE_RESERVED && encode_triple_at(bytes, i) >= 0))
            continue;
        text_add(out, (struct slice){bytes.at + from, i - from});
        if (set == ENCODE_FORM && byte == ' ')
            text_add_byte(out, '+');
        else
            add_triple(out, byte);
        from = i + 1;
    }
    if (from < bytes.len)
        text_add(out, (struct slice){bytes.at + from, bytes.len - from});
}

size_t encode_uri_into(char *out, struct slice bytes)
{
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.at[i];
        if (stays(byte, ENCODE_URI)) {
            out[len++] = bytes.at[i];
        } else {
            write_triple(out + len, byte);
            len += 3;
        }
    }
    return len;
}

void encode_add_path_literal(struct text *out, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.at[i];
        if (is_alphanumeric(byte) || is_one_of(byte, "-._~:@!$&'()*+,;=/") ||
            encode_triple_at(bytes, i) >= 0)
            text_add_byte(out, bytes.at[i]);
        else
            add_triple(out, byte);
    }
}

/* ---- what a path may not become ---- */

static bool segments_are_safe(struct slice path)
{
    for (size_t start = 0; start <= path.len;) {
        size_t end = start;
        while (end < path.len && !is_one_of((unsigned char)path.at[end], "/\\"))
            end++;
        size_t len = 0; /* up to a ';' */
        while (start + len < end && path.at[start + len] != ';')
            len++;
        if ((len == 1 || len == 2) && memcmp(path.at + start, "..", len) == 0)
            return false;
        start = end + 1;
    }
    return true;
}

/* Replaces each %XX once, in place; gives the new length. */
static size_t decode_once(char *bytes, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; kept++) {
        int byte = encode_triple_at((struct slice){bytes, len}, i);
        bytes[kept] = byte >= 0 ? (char)byte : bytes[i];
        i += byte >= 0 ? 3 : 1;
    }
    return kept;
}

/* Each round but the last shortens the text, so that this ends; a text made to take many rounds
 * ("%252525…") is refused after a few. */
bool encode_path_is_safe(struct slice path, struct pool *pool)
{
    enum { ROUNDS_MAX = 8 };
    char *decoded = pool_text(pool, path);
    if (!decoded)
        return false;
    size_t len = path.len;
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        if (!segments_are_safe((struct slice){decoded, len}) || memchr(decoded, '\0', len))
            return false;
        size_t shorter = decode_once(decoded, len);
        if (shorter == len)
            return true;
        len = shorter;
    }
    return false;
}

/* ---- headers ---- */

bool encode_is_header_value(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.at[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

bool encode_is_token(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = (unsigned char)name.at[i];
        if (!is_alphanumeric(byte) && !is_one_of(byte, "!#$%&'*+-.^_`|~"))
            return false;
    }
    return name.len > 0;
}
