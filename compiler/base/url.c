/*
 * Taking URLs apart and putting them together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- parts ---- */

/* The length of the scheme, without its colon; 0: there is none. */
static size_t scheme_size(struct str text)
{
    size_t at = 0;
    while (at < text.len && (isalnum((unsigned char)text.at[at]) ||
                             (at && text.at[at] && strchr("+.-", text.at[at]))))
        at++;
    bool is_scheme = at < text.len && text.at[at] == ':' && isalpha((unsigned char)text.at[0]);
    return is_scheme ? at : 0;
}

/* Cuts what follows the first `mark` off `text`. */
static bool cut(struct str *text, char mark, struct str *rest)
{
    size_t at = str_find(*text, mark);
    if (at == text->len)
        return false;
    *rest = str_from(*text, at + 1);
    text->len = at;
    return true;
}

struct url url_split(struct str text)
{
    struct url url = {0};
    size_t scheme = scheme_size(text);
    if (scheme) {
        url.scheme = str_part(text, 0, scheme);
        text = str_from(text, scheme + 1);
    }
    url.has_fragment = cut(&text, '#', &url.fragment);
    url.has_query = cut(&text, '?', &url.query);
    url.has_authority = str_starts(text, "//");
    if (url.has_authority) {
        text = str_from(text, 2);
        size_t end = str_find(text, '/');
        url.authority = str_part(text, 0, end);
        text = str_from(text, end);
    }
    url.path = text;
    return url;
}

static struct str recompose(struct arena *arena, const struct url *url)
{
    struct str_builder out = {.arena = arena};
    if (url->scheme.len)
        str_add_format(&out, "%.*s:", STR_ARG(url->scheme));
    if (url->has_authority)
        str_add_format(&out, "//%.*s", STR_ARG(url->authority));
    str_add(&out, url->path);
    if (url->has_query)
        str_add_format(&out, "?%.*s", STR_ARG(url->query));
    if (url->has_fragment)
        str_add_format(&out, "#%.*s", STR_ARG(url->fragment));
    return str_built(&out);
}

/* ---- RFC 3986, section 5.2 ---- */

/* Removes the last segment and its '/'. */
static void drop_segment(struct str_builder *out)
{
    while (out->len && out->at[out->len - 1] != '/')
        out->len--;
    out->len -= out->len > 0;
}

/* Section 5.2.4. */
static struct str without_dots(struct arena *arena, struct str path)
{
    struct str_builder out = {.arena = arena};
    while (path.len) {
        if (str_starts(path, "../"))
            path = str_from(path, 3);
        else if (str_starts(path, "./") || str_starts(path, "/./"))
            path = str_from(path, 2);
        else if (str_is(path, "/."))
            path = STR("/");
        else if (str_starts(path, "/../") || str_is(path, "/..")) {
            drop_segment(&out);
            path = path.len == 3 ? STR("/") : str_from(path, 3);
        } else if (str_is(path, ".") || str_is(path, "..")) {
            path.len = 0;
        } else {
            size_t end = 1 + str_find(str_from(path, 1), '/');
            str_add(&out, str_part(path, 0, end));
            path = str_from(path, end);
        }
    }
    return str_built(&out);
}

/* Section 5.2.3. */
static struct str merged(struct arena *arena, const struct url *base, struct str path)
{
    if (base->has_authority && base->path.len == 0)
        return str_format(arena, "/%.*s", STR_ARG(path));
    size_t end = base->path.len;
    while (end && base->path.at[end - 1] != '/')
        end--;
    return str_format(arena, "%.*s%.*s", (int)end, end ? base->path.at : "", STR_ARG(path));
}

static void take_authority(struct url *to, const struct url *from)
{
    to->authority = from->authority;
    to->has_authority = from->has_authority;
}

struct str url_resolve(struct arena *arena, struct str base_text, struct str reference)
{
    struct url base = url_split(base_text), target = url_split(reference);
    bool is_same_document = !target.scheme.len && !target.has_authority && !target.path.len;
    if (is_same_document) {
        target.path = base.path;
        if (!target.has_query) {
            target.query = base.query;
            target.has_query = base.has_query;
        }
    } else {
        bool is_relative = !target.scheme.len && !target.has_authority && target.path.at[0] != '/';
        if (is_relative)
            target.path = merged(arena, &base, target.path);
        target.path = without_dots(arena, target.path);
    }
    if (!target.scheme.len && !target.has_authority)
        take_authority(&target, &base);
    if (!target.scheme.len)
        target.scheme = base.scheme;
    return recompose(arena, &target);
}

/* ---- http and https ---- */

bool url_has_scheme(struct str text)
{
    return scheme_size(text) > 0;
}

static bool is_prefix(struct str text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && strncasecmp(text.at, prefix, len) == 0;
}

bool url_is_https(struct str text)
{
    return is_prefix(text, "https://");
}

bool url_is_http(struct str text)
{
    return is_prefix(text, "http://") || url_is_https(text);
}

/* What an authority ends with after its host: ":8080", ":" or nothing. */
static struct str port_of(struct str authority)
{
    size_t start = str_starts(authority, "[") ? str_find(authority, ']') : 0;
    return str_from(authority, start + str_find(str_from(authority, start), ':'));
}

struct str url_host(struct str text)
{
    struct str authority = url_split(text).authority;
    struct str host = str_part(authority, 0, authority.len - port_of(authority).len);
    if (str_starts(host, "[") && str_ends(host, "]"))
        host = str_part(host, 1, host.len - 1);
    return host;
}

static bool is_equal_ignoring_case(struct str first, struct str second)
{
    return first.len == second.len &&
           (first.len == 0 || strncasecmp(first.at, second.at, first.len) == 0);
}

bool url_is_loopback(struct str text)
{
    struct str host = url_host(text);
    struct str dotted = STR(".localhost");
    struct str end = str_from(host, host.len > dotted.len ? host.len - dotted.len : 0);
    bool is_name =
        is_equal_ignoring_case(host, STR("localhost")) || is_equal_ignoring_case(end, dotted);
    unsigned dots = 0;
    bool is_number = str_starts(host, "127.");
    for (size_t i = 0; i < host.len && is_number; i++) {
        dots += host.at[i] == '.';
        is_number = isdigit((unsigned char)host.at[i]) || host.at[i] == '.';
    }
    return is_name || str_is(host, "::1") || (is_number && dots == 3);
}

bool url_is_insecure(struct str text)
{
    return url_is_http(text) && !url_is_https(text) && !url_is_loopback(text);
}

static struct str effective_port(struct str text)
{
    struct str port = str_from(port_of(url_split(text).authority), 1);
    if (port.len)
        return port;
    return url_is_https(text) ? STR("443") : STR("80");
}

bool url_same_origin(struct str first, struct str second)
{
    return is_equal_ignoring_case(url_split(first).scheme, url_split(second).scheme) &&
           is_equal_ignoring_case(url_host(first), url_host(second)) &&
           str_equal(effective_port(first), effective_port(second));
}

static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!isalnum((unsigned char)host.at[i]) && (!host.at[i] || !strchr("._-:", host.at[i])))
            return false;
    return host.len > 0;
}

const char *url_problem(struct str text)
{
    struct url url = url_split(text);
    struct str port = str_from(port_of(url.authority), 1);
    if (!url_is_http(text))
        return "is no http or https URL";
    if (str_find(url.authority, '@') != url.authority.len)
        return "holds a name or password";
    if (url.authority.len == 0)
        return "has no host";
    for (size_t i = 0; i < port.len; i++)
        if (!isdigit((unsigned char)port.at[i]))
            return "has a port that is no number";
    if (!is_host(url_host(text)))
        return "has a host that cannot be looked up";
    if (url.has_fragment)
        return "has a fragment";
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] == 0x7f || strchr("\"<>\\^`{|}", text.at[i]))
            return "has a character that no URL has";
    return NULL;
}
