/*
 * The place of a Redis.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/quota/redis_place.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool take(const char **text, const char *start)
{
    size_t size = strlen(start);
    if (strncasecmp(*text, start, size) != 0)
        return false;
    *text += size;
    return true;
}

static const char *take_user(const char **text, struct redis_place *out)
{
    const char *at = strchr(*text, '@');
    size_t size = at ? (size_t)(at - *text) : 0;
    if (!at)
        return NULL;
    if (memchr(*text, ':', size))
        return "a password belongs into MCPP_REDIS_PASSWORD";
    if (!size || size >= sizeof out->user || memchr(*text, '%', size))
        return "the user's name is empty, too long or encoded";
    memcpy(out->user, *text, size);
    *text = at + 1;
    return NULL;
}

/* "HOST:PORT" or "[ADDRESS]:PORT". */
static bool take_host(const char *text, struct redis_place *out)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : 0;
    if (!size || colon[1] < '0' || colon[1] > '9')
        return false;
    char *end;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
        text++;
        size -= 2;
    } else if (memchr(text, ':', size)) {
        return false; /* an IPv6 address without its brackets */
    }
    if (!size || size >= sizeof out->host || memchr(text, '/', size) || port == 0 ||
        port > UINT16_MAX || *end)
        return false;
    memcpy(out->host, text, size);
    out->port = (uint16_t)port;
    return true;
}

const char *redis_place_read(const char *text, struct redis_place *out)
{
    *out = (struct redis_place){0};
    out->is_secure = take(&text, "rediss://");
    if (out->is_secure || take(&text, "redis://")) {
        const char *fault = take_user(&text, out);
        if (fault)
            return fault;
    }
    return take_host(text, out) ? NULL : "it is no HOST:PORT, nor a URL of one";
}
