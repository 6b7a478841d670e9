/*
 * Origin and Host.
 *
 * A page of another site that makes its own name resolve to this machine sends that name in both
 * headers, so that comparing them with each other proves nothing. What counts is whether the name
 * can be ours: on a loopback address only loopback names and the public URL's are; elsewhere a name
 * is ours when it is an address (which cannot be rebound) or the public URL's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/origin.h"

#include <arpa/inet.h>
#include <strings.h>

#include "runtime/protocol/exchange.h"

enum { ADDRESS_MAX = 64 };

/* What a name is made of (RFC 9110, section 5.6.2). */
static const char header_characters[] = "!#$%&'*+-.^_`|~0123456789"
                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool equal_names(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

/* "https://host:8000/path" -> "https://host:8000"; *authority is what follows "//". */
static struct slice origin_of(struct slice url, struct slice *authority)
{
    for (size_t i = 0; i + 2 < url.len; i++) {
        if (memcmp(url.at + i, "://", 3) != 0)
            continue;
        size_t end = i + 3;
        while (end < url.len && url.at[end] != '/' && url.at[end] != '?' && url.at[end] != '#')
            end++;
        *authority = (struct slice){url.at + i + 3, end - i - 3};
        return (struct slice){url.at, end};
    }
    *authority = (struct slice){0};
    return (struct slice){0};
}

/* Without the port; an IPv6 address keeps its brackets. */
static struct slice host_of(struct slice authority)
{
    size_t end = authority.len;
    while (end > 0 && authority.at[end - 1] >= '0' && authority.at[end - 1] <= '9')
        end--;
    if (end == 0 || authority.at[end - 1] != ':')
        return authority;
    return (struct slice){authority.at, end - 1};
}

enum address { ADDRESS_NONE, ADDRESS_LOOPBACK, ADDRESS_OTHER };

/* What a host name is as an address, with or without the brackets of IPv6. */
static enum address address_of(struct slice host)
{
    char text[ADDRESS_MAX];
    struct in_addr four;
    struct in6_addr six;
    if (equal_names(host, SLICE("localhost")))
        return ADDRESS_LOOPBACK;
    if (host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = (struct slice){host.at + 1, host.len - 2};
    if (host.len >= sizeof text)
        return ADDRESS_NONE;
    if (host.len)
        memcpy(text, host.at, host.len);
    text[host.len] = '\0';
    if (inet_pton(AF_INET, text, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127 ? ADDRESS_LOOPBACK : ADDRESS_OTHER;
    if (inet_pton(AF_INET6, text, &six) != 1)
        return ADDRESS_NONE;
    bool is_mapped = IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&six) || is_mapped ? ADDRESS_LOOPBACK : ADDRESS_OTHER;
}

/* Without tokens the transport listens on a loopback address only, however the host is spelled:
 * "127.1", or a name from /etc/hosts. */
static bool is_loopback_server(const struct options *options)
{
    return address_of(slice_of(options->host)) == ADDRESS_LOOPBACK ||
           (!options->validate_tokens && !options->allow_unauthenticated);
}

static bool is_public_host(const struct options *options, struct slice host)
{
    struct slice authority;
    if (!options->public_url)
        return false;
    origin_of(slice_of(options->public_url), &authority);
    return equal_names(host_of(authority), host);
}

/* Whether the name in Host can be meant for this server. */
static bool is_own_host(const struct options *options, struct slice host)
{
    enum address address = address_of(host);
    if (address == ADDRESS_LOOPBACK || is_public_host(options, host) ||
        equal_names(host, slice_of(options->host)))
        return true;
    return !is_loopback_server(options) && address == ADDRESS_OTHER;
}

static bool is_listed(const struct options *options, struct slice origin)
{
    for (const char *const *listed = options->allow_origins; listed && *listed; listed++)
        if (equal_names(origin, slice_of(*listed)))
            return true;
    return false;
}

static bool is_own_origin(const struct options *options, struct slice origin, struct slice host)
{
    struct slice authority, public_authority, name;
    struct slice whole = origin_of(origin, &authority);
    if (authority.len == 0 || whole.len != origin.len) /* "null", or more than an origin */
        return false;
    if (options->public_url &&
        equal_names(origin, origin_of(slice_of(options->public_url), &public_authority)))
        return true;
    name = host_of(authority);
    if (is_loopback_server(options))
        return address_of(name) == ADDRESS_LOOPBACK; /* a page of this machine, any port */
    return equal_names(authority, host) && is_own_host(options, name);
}

const char *origin_fault(const struct options *options, const struct http_request *http,
                         struct slice *origin)
{
    uint32_t count;
    struct slice host = http_header_get(http, "Host", NULL);
    struct slice found = http_header_get(http, "Origin", &count);
    *origin = (struct slice){0};
    if (is_loopback_server(options) && !is_own_host(options, host_of(host)))
        return "the Host header names another server (--public-url tells this one its name)";
    if (count == 0)
        return NULL;
    if (count > 1 || (!is_listed(options, found) && !is_own_origin(options, found, host)))
        return "the origin is not allowed (--allow-origin allows it)";
    *origin = found;
    return NULL;
}

void origin_add_headers(struct slice origin, struct text *out)
{
    if (!origin.len)
        return;
    text_add_literal(out, "Access-Control-Allow-Origin: ");
    text_add(out, origin);
    text_add_literal(out, "\r\nVary: Origin\r\n"
                          "Access-Control-Expose-Headers: DPoP-Nonce, Mcp-Session-Id, Retry-After, "
                          "WWW-Authenticate\r\n");
}

/* Headers that repeat an argument are allowed by their prefix, whether a tool has them or not: a
 * list of the right ones would tell anybody of tools that are hidden. */
static void add_parameter_names(struct slice asked, struct text *out)
{
    static const char prefix[] = "mcp-param-";
    while (asked.len) {
        struct slice name = slice_trimmed(slice_cut(&asked, ','));
        bool is_one =
            name.len > sizeof prefix - 1 && strncasecmp(name.at, prefix, sizeof prefix - 1) == 0;
        for (size_t i = 0; is_one && i < name.len; i++)
            is_one = strchr(header_characters, name.at[i]) && name.at[i];
        if (!is_one)
            continue;
        text_add_literal(out, ", ");
        text_add(out, name);
    }
}

void origin_add_preflight(const struct http_request *http, struct text *out)
{
    text_add_literal(out, "Access-Control-Allow-Methods: POST, GET, DELETE\r\n"
                          "Access-Control-Allow-Headers: Accept, Authorization, Content-Type, "
                          "DPoP, Last-Event-ID, Mcp-Method, MCP-Protocol-Version, Mcp-Name, "
                          "Mcp-Session-Id");
    add_parameter_names(http_header_get(http, "Access-Control-Request-Headers", NULL), out);
    text_add_literal(out, "\r\nAccess-Control-Max-Age: 600\r\n");
}
