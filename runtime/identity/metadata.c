/*
 * Metadata of issuers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/metadata.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "runtime/identity/json_text.h"

static const struct json_bounds bounds = {.depth = 16, .nodes = 16384};

enum { HOST_MAX = 255 };

struct url {
    bool is_https;
    struct slice host; /* of an IPv6 address without its brackets */
    const char *path;  /* from the slash, or where the authority ends */
};

static bool has_odd_bytes(const char *url)
{
    for (; *url; url++)
        if (*url <= ' ' || *url >= 0x7f || strchr("\"<>\\^`{|}#", *url))
            return true;
    return false;
}

static bool is_port(const char *at, const char *end)
{
    if (at == end)
        return true;
    if (*at != ':' || end - at < 2 || end - at > 6)
        return false;
    for (at++; at < end; at++)
        if (*at < '0' || *at > '9')
            return false;
    return true;
}

static bool read_url(const char *text, struct url *out)
{
    out->is_https = strncasecmp(text, "https://", 8) == 0;
    if (has_odd_bytes(text) || (!out->is_https && strncasecmp(text, "http://", 7) != 0))
        return false;
    const char *host = text + (out->is_https ? 8 : 7);
    const char *end = host + strcspn(host, "/?");
    const char *stop;
    if (*host == '[') {
        host++;
        stop = memchr(host, ']', (size_t)(end - host));
        if (!stop || !is_port(stop + 1, end))
            return false;
    } else {
        stop = memchr(host, ':', (size_t)(end - host));
        stop = stop ? stop : end;
        if (!is_port(stop, end))
            return false;
    }
    out->host = (struct slice){host, (size_t)(stop - host)};
    out->path = end;
    return out->host.len && !memchr(host, '@', (size_t)(end - host));
}

static bool is_loopback(struct slice host)
{
    char text[HOST_MAX + 1];
    struct in_addr four;
    struct in6_addr six;
    if (host.len > HOST_MAX)
        return false;
    memcpy(text, host.at, host.len);
    text[host.len] = '\0';
    if (strcasecmp(text, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, text, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

const char *metadata_url_fault(const char *url)
{
    struct url parts;
    if (!read_url(url, &parts))
        return "is no http or https URL";
    if (!parts.is_https && !is_loopback(parts.host))
        return "is not https";
    return NULL;
}

char *metadata_url(const char *issuer, unsigned place)
{
    struct url parts;
    char *url = NULL;
    if (!read_url(issuer, &parts))
        return NULL;
    int path = (int)strlen(parts.path), origin = (int)(parts.path - issuer);
    while (path && parts.path[path - 1] == '/') /* Discovery 1.0, section 4.1 */
        path--;
    int size = place == 0 ? asprintf(&url, "%.*s%.*s/.well-known/openid-configuration", origin,
                                     issuer, path, parts.path)
                          : asprintf(&url, "%.*s/.well-known/oauth-authorization-server%.*s",
                                     origin, issuer, path, parts.path); /* RFC 8414, section 3.1 */
    return size < 0 ? NULL : url;
}

bool metadata_is_local(const char *url)
{
    struct url parts;
    return read_url(url, &parts) && is_loopback(parts.host);
}

/* What an issuer on the net names must not be on this machine. */
static const char *judge_jwks_url(const char *url, const char *issuer)
{
    struct url parts, issuer_parts;
    const char *fault = metadata_url_fault(url);
    if (fault)
        return "jwks_uri is no https URL";
    if (!read_url(url, &parts) || !read_url(issuer, &issuer_parts))
        return "jwks_uri is no URL";
    if (is_loopback(parts.host) && !is_loopback(issuer_parts.host))
        return "jwks_uri points at this machine";
    return NULL;
}

static char *find_jwks_url(const struct json_text *json, const char *issuer, const char **cause)
{
    uint32_t name = json_text_member(json, 0, "issuer");
    uint32_t uri = json_text_member_of(json, 0, "jwks_uri", JSON_STRING);
    if (!name || !json_text_is(json, name, slice_of(issuer))) {
        *cause = "metadata is of another issuer"; /* RFC 8414, section 3.3 */
        return NULL;
    }
    char *url = uri ? json_text_copy(json, uri) : NULL;
    *cause = url ? judge_jwks_url(url, issuer) : "metadata has no jwks_uri";
    if (!*cause)
        return url;
    free(url);
    return NULL;
}

char *metadata_jwks_url(struct slice text, const char *issuer, const char **cause)
{
    struct json_text json = {0};
    char *url = NULL;
    if (json_text_scan(&json, text.at, text.len, bounds))
        url = find_jwks_url(&json, issuer, cause);
    else
        *cause = "metadata is no JSON object";
    json_text_close(&json);
    return url;
}
