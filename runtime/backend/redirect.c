/*
 * Judging redirects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/redirect.h"

#include <strings.h>

#include "runtime/backend/sibling.h"
#include "runtime/upstream/encode.h"

static bool is_followed(const struct request *request, unsigned status)
{
    const char *method = request->upstream.method;
    return (status == 301 || status == 302 || status == 307 || status == 308) &&
           (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0);
}

static bool has_query_credential(const struct request_source *source)
{
    for (uint32_t i = 0; i < source->sending->count; i++)
        if (source->sending->items[i].credential->kind == MCPP_SEND_QUERY)
            return true;
    return false;
}

/* The length of "https://host:port". */
static size_t origin_size(struct slice url)
{
    const char *scheme = memmem(url.at, url.len, "://", 3);
    size_t start = scheme ? (size_t)(scheme - url.at) + 3 : 0;
    const char *end = memchr(url.at + start, '/', url.len - start);
    return end ? (size_t)(end - url.at) : url.len;
}

/* The path and query of a Location (RFC 9110, 10.2.2) of the same origin; empty: another one. */
static struct slice own_path(struct slice location, struct slice origin)
{
    const struct slice none = {NULL, 0};
    if (location.len > origin.len && strncasecmp(location.at, origin.at, origin.len) == 0)
        location = (struct slice){location.at + origin.len, location.len - origin.len};
    if (!location.len || location.at[0] != '/' || (location.len > 1 && location.at[1] == '/'))
        return none;
    const char *fragment = memchr(location.at, '#', location.len);
    location.len = fragment ? (size_t)(fragment - location.at) : location.len;
    for (size_t i = 0; i < location.len; i++)
        if (location.at[i] <= ' ' || location.at[i] > '~' || strchr("\"<>\\^`{|}", location.at[i]))
            return none;
    return location;
}

static struct slice without_end_slash(struct slice path)
{
    while (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    return path;
}

/* Whether the path, behind the backend's own, is this tool's operation and no other. */
static bool is_operation(const struct request_source *source, struct slice base_path,
                         struct slice path)
{
    const char *query = memchr(path.at, '?', path.len);
    struct slice template = slice_of(source->call->tool->path);
    path.len = query ? (size_t)(query - path.at) : path.len;
    template.len = strcspn(template.at, "?#");
    if (path.len < base_path.len || memcmp(path.at, base_path.at, base_path.len) != 0 ||
        !encode_path_is_safe(path, source->pool))
        return false;
    path = (struct slice){path.at + base_path.len, path.len - base_path.len};
    path = without_end_slash(path);
    return path.len && path.at[0] == '/' && sibling_matches(without_end_slash(template), path) &&
           !sibling_named(source->call->tool, path);
}

const char *redirect_follow(const struct request_source *source, const struct request *request,
                            const struct upstream_response *response)
{
    struct slice base = request->base;
    struct slice origin = {base.at, origin_size(base)};
    struct slice base_path = {base.at + origin.len, base.len - origin.len};
    struct text url = {.pool = source->pool};
    if (!is_followed(request, response->status) || has_query_credential(source))
        return NULL;
    struct slice path = own_path(response->location, origin);
    if (!path.len || !is_operation(source, base_path, path))
        return NULL;
    text_add(&url, origin);
    text_add(&url, path);
    text_add_byte(&url, '\0');
    return url.failed ? NULL : url.at;
}
