/*
 * Finding the parts: delimiter lines, then the heads of parts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/parts.h"

#include <strings.h>

enum { BOUNDARY_MAX = 70 };

static struct slice trim(struct slice text)
{
    while (text.len && strchr(" \t\r", text.at[0]))
        text = (struct slice){text.at + 1, text.len - 1};
    while (text.len && strchr(" \t\r", text.at[text.len - 1]))
        text.len--;
    return text;
}

/* The boundary; empty: this is no multipart type. A boundary has no quotes or semicolons in it. */
static struct slice boundary_of(struct slice content_type)
{
    struct slice rest = content_type, type = slice_cut(&rest, ';');
    if (type.len < 10 || strncasecmp(type.at, "multipart/", 10) != 0)
        return (struct slice){0};
    while (rest.len) {
        struct slice value = slice_cut(&rest, ';');
        struct slice name = trim(slice_cut(&value, '='));
        value = trim(value);
        if (!slice_is_ignoring_case(name, "boundary"))
            continue;
        if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
            value = (struct slice){value.at + 1, value.len - 2};
        return value.len <= BOUNDARY_MAX ? value : (struct slice){0};
    }
    return (struct slice){0};
}

/* ---- delimiter lines ---- */

struct delimiter {
    size_t start, end; /* from the line end before it to behind its own */
    bool is_last;
};

/* Whether `at` begins a line "--boundary", with or without "--" behind it. */
static bool reads_delimiter(struct slice body, size_t at, struct slice boundary,
                            struct delimiter *out)
{
    size_t end = at + 2 + boundary.len;
    if (end > body.len || memcmp(body.at + at, "--", 2) != 0 ||
        memcmp(body.at + at + 2, boundary.at, boundary.len) != 0)
        return false;
    out->is_last = end + 2 <= body.len && memcmp(body.at + end, "--", 2) == 0;
    end += out->is_last ? 2 : 0;
    while (end < body.len && strchr(" \t\r", body.at[end]) && body.at[end])
        end++;
    if (end < body.len && body.at[end] != '\n')
        return false;
    out->end = end < body.len ? end + 1 : end;
    out->start = at;
    if (out->start && body.at[out->start - 1] == '\n')
        out->start--;
    if (out->start && out->start < at && body.at[out->start - 1] == '\r')
        out->start--;
    return out->is_last || out->end < body.len;
}

static bool next_delimiter(struct slice body, size_t from, struct slice boundary,
                           struct delimiter *out)
{
    for (size_t at = from; at < body.len;) {
        if (reads_delimiter(body, at, boundary, out))
            return true;
        const char *end = memchr(body.at + at, '\n', body.len - at);
        if (!end)
            return false;
        at = (size_t)(end - body.at) + 1;
    }
    return false;
}

/* ---- parts ---- */

/* The head's lines up to an empty one; what is behind it is the body. */
static void read_part(struct slice part, struct content *out)
{
    *out = (struct content){.type = SLICE("text/plain")};
    while (part.len) {
        struct slice value = trim(slice_cut(&part, '\n'));
        if (!value.len)
            break;
        struct slice name = trim(slice_cut(&value, ':'));
        if (slice_is_ignoring_case(name, "content-type"))
            out->type = content_media_type(trim(value));
        else if (slice_is_ignoring_case(name, "content-location"))
            out->location = trim(value);
    }
    out->body = part;
}

size_t parts_read(struct slice content_type, struct slice body,
                  struct content out[static PARTS_MAX])
{
    struct slice boundary = boundary_of(content_type);
    struct delimiter before, after;
    size_t count = 0;
    if (!boundary.len || !next_delimiter(body, 0, boundary, &before))
        return 0;
    while (!before.is_last) {
        if (count == PARTS_MAX || !next_delimiter(body, before.end, boundary, &after))
            return 0;
        size_t start = before.end < after.start ? before.end : after.start;
        read_part((struct slice){body.at + start, after.start - start}, &out[count++]);
        before = after;
    }
    return count;
}
