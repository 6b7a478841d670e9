/*
 * Matching. A variable ends where the literal text behind it first occurs, at the latest with its
 * path segment, so that matching is linear.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/template.h"

#include "runtime/backend/content.h"

static size_t find(struct slice text, size_t from, char wanted)
{
    const char *found = from < text.len ? memchr(text.at + from, wanted, text.len - from) : NULL;
    return found ? (size_t)(found - text.at) : text.len;
}

struct slice template_path(struct slice template)
{
    size_t end = 0;
    while (end < template.len && !(template.at[end] == '{' && template.at[end + 1] == '?'))
        end++;
    return (struct slice){template.at, end};
}

bool template_has_variables(struct slice template)
{
    struct slice path = template_path(template);
    return find(path, 0, '{') < path.len;
}

static bool add_value(struct template_match *out, struct slice name, struct slice value)
{
    if (out->count == TEMPLATE_VALUES_MAX)
        return false;
    out->values[out->count++] = (struct template_value){name, value};
    return true;
}

/* Where the variable that begins at `at` ends: `next` is the literal text behind it. */
static size_t end_of_variable(struct slice uri, size_t at, struct slice next)
{
    for (; at < uri.len && uri.at[at] != '/'; at++)
        if (next.len && next.len <= uri.len - at && memcmp(uri.at + at, next.at, next.len) == 0)
            break;
    return at;
}

static bool match_path(struct slice path, struct slice uri, struct template_match *out)
{
    size_t at = 0;
    for (size_t i = 0; i < path.len;) {
        size_t end = find(path, i, path.at[i] == '{' ? '}' : '{');
        if (path.at[i] != '{') {
            if (end - i > uri.len - at || memcmp(path.at + i, uri.at + at, end - i) != 0)
                return false;
            at += end - i;
            out->literals += end - i;
            i = end;
            continue;
        }
        struct slice next = {path.at + end + 1, find(path, end, '{') - end - 1};
        size_t stop = end_of_variable(uri, at, next);
        struct slice name = {path.at + i + 1, end - i - 1}, value = {uri.at + at, stop - at};
        if (!value.len || !add_value(out, name, value))
            return false;
        at = stop;
        i = end + 1;
    }
    return at == uri.len;
}

/* Whether `names` ("a,b") has the name, and the match has no value for it yet. */
static bool is_free(struct slice names, struct slice name, const struct template_match *match)
{
    for (size_t i = 0; i < match->count; i++)
        if (slice_equal(match->values[i].name, name))
            return false;
    for (size_t i = 0; i <= names.len;) {
        size_t end = find(names, i, ',');
        if (slice_equal((struct slice){names.at + i, end - i}, name))
            return true;
        i = end + 1;
    }
    return false;
}

static bool match_query(struct slice names, struct slice query, struct template_match *out)
{
    for (size_t i = 0; i <= query.len;) {
        size_t end = find(query, i, '&');
        struct slice pair = {query.at + i, end - i};
        size_t equals = find(pair, 0, '=');
        struct slice name = {pair.at, equals};
        if (equals == pair.len || !is_free(names, name, out) ||
            !add_value(out, name, (struct slice){pair.at + equals + 1, pair.len - equals - 1}))
            return false;
        i = end + 1;
    }
    return true;
}

bool template_match(struct slice template, struct slice uri, struct template_match *out)
{
    struct slice path = template_path(template), names = {0};
    size_t question = find(uri, 0, '?');
    out->count = out->literals = 0;
    if (path.len < template.len)
        names = (struct slice){template.at + path.len + 2, template.len - path.len - 3};
    if (!match_path(path, (struct slice){uri.at, question}, out))
        return false;
    return question == uri.len ||
           (names.len &&
            match_query(names, (struct slice){uri.at + question + 1, uri.len - question - 1}, out));
}

static int digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool template_decode(struct slice value, struct pool *pool, struct slice *out)
{
    char *decoded = pool_alloc(pool, value.len + 1);
    size_t size = 0;
    if (!decoded)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char byte = value.at[i];
        if (byte == '%') {
            int high = value.len - i > 2 ? digit(value.at[i + 1]) : -1;
            int low = high < 0 ? -1 : digit(value.at[i + 2]);
            if (low < 0)
                return false;
            byte = (char)(high << 4 | low);
            i += 2;
        }
        decoded[size++] = byte;
    }
    *out = (struct slice){decoded, size};
    return content_is_plain_text(*out);
}
