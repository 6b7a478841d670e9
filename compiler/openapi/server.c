/*
 * Reading servers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/server.h"

#include <strings.h>

#include "compiler/base/url.h"

/* ---- variables ---- */

/* The node with the text of the default, or NULL. */
static const struct node *default_of(const struct node *variables, struct str name)
{
    const struct member *variable = node_member(variables, name);
    const struct node *value = variable ? node_get(variable->value, "default") : NULL;
    if (value && (value->kind == NODE_STRING || value->kind == NODE_NUMBER))
        return value; /* a number is a port without quotes */
    return NULL;
}

/* The URL as it is when a variable has no default. */
static struct str replace_variables(struct build *build, const struct node *server,
                                    const struct node *url)
{
    struct str_builder out = {.arena = build->arena};
    const struct node *variables = build_mapping(build, server, "variables");
    struct str text = url->text;
    for (size_t at = 0; at < text.len;) {
        size_t open = at + str_find(str_from(text, at), '{');
        size_t close = open + str_find(str_from(text, open), '}');
        str_add(&out, str_part(text, at, open));
        const struct node *value = NULL;
        if (close < text.len)
            value = default_of(variables, str_part(text, open + 1, close));
        if (open < text.len && !value)
            return text;
        if (value)
            str_add(&out, value->text);
        at = close + 1;
    }
    return str_built(&out);
}

/* ---- URLs ---- */

static size_t scheme_size(struct str text)
{
    if (text.len > 8 && strncasecmp(text.at, "https://", 8) == 0)
        return 8;
    return text.len > 7 && strncasecmp(text.at, "http://", 7) == 0 ? 7 : 0;
}

/* The characters of RFC 3986 without those that a base URL has no use for: a query, a fragment. */
static bool is_url_text(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        if (byte <= ' ' || byte >= 0x7f || str_find(STR("\"<>\\^`{|}?#"), byte) != 11)
            return false;
    }
    return true;
}

static bool has_scheme(struct str text)
{
    size_t colon = str_find(text, ':');
    return colon < text.len && colon < str_find(text, '/');
}

/* Why the text is no base URL, or NULL. */
static const char *problem_of(struct str text)
{
    size_t start = scheme_size(text);
    if (str_find(text, '{') != text.len)
        return "has a variable without a default";
    if (start == 0)
        return has_scheme(text) ? "is not an http or https URL" : NULL;
    struct str rest = str_from(text, start);
    struct str host = str_part(rest, 0, str_find(rest, '/'));
    if (host.len == 0)
        return "has no host";
    if (str_find(host, '@') != host.len)
        return "holds a name or password";
    return is_url_text(text) ? NULL : "has a character that a base URL cannot have";
}

static struct str without_slashes(struct str text)
{
    while (text.len && text.at[text.len - 1] == '/')
        text.len--;
    return text;
}

/* OpenAPI 3.2, section 4.6: relative to where the document is. */
static struct str beside(struct build *build, const struct source *source, struct str text)
{
    return without_slashes(url_resolve(build->arena, source->url, text));
}

static struct server read_one(struct build *build, const struct node *node)
{
    struct server server = {0};
    build_check_members(build, node, "a server", " url description variables name ");
    const struct node *url = node_get(node, "url");
    if (!url || url->kind != NODE_STRING) {
        build_diag_warning(build, "bad-server", node->span, "a server has no URL");
        return server;
    }
    server.text = replace_variables(build, node, url);
    const char *problem = problem_of(server.text);
    if (problem)
        build_diag_warning(build, "bad-server", url->span, "the server URL %s; it is left out",
                           problem);
    else if (scheme_size(server.text))
        server.url = without_slashes(server.text);
    else if (url->span.source && url->span.source->url.len)
        server.url = beside(build, url->span.source, server.text);
    else
        server.is_relative = true;
    return server;
}

struct server server_read(struct build *build, const struct node *owner)
{
    const struct node *list = build_sequence(build, owner, "servers");
    const struct source *source = build->root->span.source;
    if (owner == build->root && (!list || list->count == 0) && source && source->url.len)
        return (struct server){.url = beside(build, source, STR("/")), .text = STR("/")};
    if (!list || list->count == 0)
        return (struct server){0};
    const struct node *first = list->items[0];
    if (list->count > 1)
        build_diag_add(build, DIAG_NOTE, "several-servers", first->span,
                       "of %u servers the first is used", (unsigned)list->count);
    if (!build_is_mapping(build, first, first->span, "a server"))
        return (struct server){0};
    return read_one(build, first);
}
