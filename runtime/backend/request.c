/*
 * Puts requests together. Arguments come from callers and are encoded for their place; names and
 * templates come from an OpenAPI document, which is no more trusted than that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/request.h"

#include <stdlib.h>
#include <strings.h>

#include "runtime/backend/body.h"
#include "runtime/backend/sibling.h"
#include "runtime/backend/style.h"

enum { FIXED_HEADERS_MAX = 5 }; /* Accept, Content-Type, traceparent, tracestate, Cookie */

struct builder {
    const struct request_source *source;
    const struct mcpp_tool *tool;
    struct pool *pool;
    struct matched matched;
    struct request *out;
    const char **headers;
    size_t header_count;
    struct text query, cookie; /* without the credentials' part */
};

static struct style_target target_of(const struct mcpp_parameter *parameter)
{
    bool is_cookie = parameter->place == MCPP_IN_COOKIE;
    struct style_target target = {slice_of(parameter->name), parameter->style,
                                  parameter->explode,        ENCODE_URI,
                                  is_cookie ? "; " : "&",    false};
    if (parameter->place == MCPP_IN_HEADER)
        target.set = ENCODE_NONE;
    if (parameter->place == MCPP_IN_QUERY && parameter->allow_reserved)
        target.set = ENCODE_RESERVED;
    target.is_anonymous = parameter->place == MCPP_IN_HEADER || parameter->place == MCPP_IN_PATH;
    return target;
}

/* ---- path ---- */

static const char *broken_template(const struct builder *builder)
{
    return refusal_format(builder->pool, "The path of tool %s has a parameter without a value.",
                          builder->tool->name);
}

/* Far beyond what backends take, and little enough to build without holding others up. */
enum { URL_BYTES_MAX = 256 * 1024 };

static const char *add_path_value(struct builder *builder, uint32_t index, struct text *path)
{
    const struct mcpp_parameter *parameter = &builder->tool->parameters[index];
    struct style_target target = target_of(parameter);
    struct text expansion = {.pool = builder->pool};
    if (!style_add(&expansion, &target, &builder->matched.values[index]))
        return refusal_format(builder->pool, "Argument %s must be an object.", parameter->argument);
    if (expansion.failed)
        return refusal_no_memory;
    if (expansion.len == 0)
        return refusal_format(builder->pool, "Argument %s must not be empty: it is part of a path.",
                              parameter->argument);
    if (expansion.len > URL_BYTES_MAX)
        return refusal_format(builder->pool, "Argument %s is too long for a URL.",
                              parameter->argument);
    text_add(path, text_slice(&expansion));
    if (!encode_path_is_safe(text_slice(&expansion), builder->pool))
        return refusal_format(builder->pool,
                              "Argument %s must not be '.' or '..', have such a part between "
                              "slashes, or have a NUL: it is part of a path.",
                              parameter->argument);
    return NULL;
}

static const char *add_template_name(struct builder *builder, struct slice name, struct text *path)
{
    for (uint32_t i = 0; i < builder->tool->parameter_count; i++) {
        const struct mcpp_parameter *parameter = &builder->tool->parameters[i];
        if (parameter->place == MCPP_IN_PATH && slice_is(name, parameter->name))
            return argument_is_given(&builder->matched, i) ? add_path_value(builder, i, path)
                                                           : broken_template(builder);
    }
    return broken_template(builder);
}

/* The values are safe each by itself; together they must be too (`{a}{b}` with two dots). */
static const char *add_path(struct builder *builder, struct slice template, struct text *path)
{
    size_t start = path->len;
    while (template.len) {
        const char *brace = memchr(template.at, '{', template.len);
        size_t literal = brace ? (size_t)(brace - template.at) : template.len;
        encode_add_path_literal(path, (struct slice){template.at, literal});
        template = (struct slice){template.at + literal, template.len - literal};
        if (!brace)
            break;
        const char *end = memchr(template.at, '}', template.len);
        if (!end)
            return broken_template(builder);
        struct slice name = {template.at + 1, (size_t)(end - template.at) - 1};
        const char *refusal = add_template_name(builder, name, path);
        if (refusal)
            return refusal;
        template = (struct slice){end + 1, template.len - name.len - 2};
    }
    if (path->failed)
        return refusal_no_memory;
    if (!encode_path_is_safe((struct slice){path->at + start, path->len - start}, builder->pool))
        return "The arguments would change the shape of the path.";
    return NULL;
}

/* ---- query and cookies ---- */

static const char *add_pairs(struct builder *builder, uint32_t index, struct text *out)
{
    const struct mcpp_parameter *parameter = &builder->tool->parameters[index];
    struct style_target target = target_of(parameter);
    struct text pairs = {.pool = builder->pool};
    const char *refusal = arguments_check_members(&builder->matched, index);
    if (refusal)
        return refusal;
    if (!style_add(&pairs, &target, &builder->matched.values[index]))
        return refusal_format(builder->pool, "Argument %s must be an object.", parameter->argument);
    if (out->len && pairs.len)
        text_add_literal(out, target.separator);
    text_add(out, text_slice(&pairs));
    out->failed = out->failed || pairs.failed;
    return NULL;
}

/* Whether a list of pairs sets the name that a credential ("name=secret") sets. */
static bool sets_name(struct slice pairs, const char *separator, const char *credential)
{
    size_t name = strcspn(credential, "=") + 1, gap = strlen(separator);
    for (size_t i = 0; i + name <= pairs.len; i++) {
        bool is_start = i == 0 || (i >= gap && memcmp(pairs.at + i - gap, separator, gap) == 0);
        if (is_start && memcmp(pairs.at + i, credential, name) == 0)
            return true;
    }
    return false;
}

/* Adds the credentials that go into this place behind `out`, which then holds secrets. */
static const char *add_pair_credentials(struct builder *builder, enum mcpp_send_kind kind,
                                        const char *separator, struct text *out)
{
    const struct sending *sending = builder->source->sending;
    struct slice given =
        kind == MCPP_SEND_QUERY ? text_slice(&builder->query) : text_slice(&builder->cookie);
    bool is_first = given.len == 0;
    for (uint32_t i = 0; i < sending->count; i++) {
        const char *text = sending->items[i].text;
        if (sending->items[i].credential->kind != kind || !text)
            continue;
        if (sets_name(given, separator, text))
            return refusal_format(builder->pool, "%s is set by the server, not by an argument.",
                                  sending->items[i].credential->name);
        text_add_literal(out, is_first ? "" : separator);
        /* with its NUL, so that the text does not grow and leave a copy of the secret behind */
        text_add(out, (struct slice){text, strlen(text) + 1});
        out->len -= out->failed ? 0 : 1;
        is_first = false;
    }
    return NULL;
}

/* ---- headers ---- */

static bool is_same_name(struct slice name, const char *line)
{
    return strncasecmp(name.at, line, name.len) == 0 &&
           (line[name.len] == ':' || line[name.len] == '\0');
}

/* Headers that make up the message or that the server sets itself. */
static bool is_reserved_header(const struct builder *builder, struct slice name)
{
    static const char *const reserved[] = {
        "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding",
        "Content-Length", "Content-Type", "Cookie", "Expect", "Host", "Keep-Alive",
        "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "User-Agent",
        /* would make it another operation */
        "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (is_same_name(name, reserved[i]))
            return true;
    const struct sending *sending = builder->source->sending;
    for (uint32_t i = 0; i < sending->count; i++) {
        const struct mcpp_credential *credential = sending->items[i].credential;
        bool is_header =
            credential->kind == MCPP_SEND_HEADER || credential->kind == MCPP_SEND_CLAIM;
        if (is_header && is_same_name(name, credential->name))
            return true;
    }
    return false;
}

static const char *add_header(struct builder *builder, uint32_t index)
{
    const struct mcpp_parameter *parameter = &builder->tool->parameters[index];
    struct slice name = slice_of(parameter->name);
    struct style_target target = target_of(parameter);
    struct text line = {.pool = builder->pool};
    if (!encode_is_token(name) || is_reserved_header(builder, name))
        return refusal_format(builder->pool, "Argument %s cannot be sent as a header.",
                              parameter->argument);
    text_add(&line, name);
    text_add_literal(&line, ": ");
    size_t start = line.len;
    if (!style_add(&line, &target, &builder->matched.values[index]))
        return refusal_format(builder->pool, "Argument %s must be an object.", parameter->argument);
    size_t end = line.len;
    text_add_byte(&line, '\0');
    if (line.failed)
        return refusal_no_memory;
    if (!encode_is_header_value((struct slice){line.at + start, end - start}))
        return refusal_format(builder->pool,
                              "Argument %s must not have line ends or control characters: it is "
                              "sent as a header.",
                              parameter->argument);
    builder->headers[builder->header_count++] = line.at;
    return NULL;
}

static void add_fixed_header(struct builder *builder, const char *name, const char *value)
{
    struct text line = {.pool = builder->pool};
    text_add_literal(&line, name);
    text_add_literal(&line, ": ");
    text_add_literal(&line, value);
    text_add_byte(&line, '\0');
    builder->headers[builder->header_count++] = line.failed ? NULL : line.at;
}

/* W3C Trace Context, where no argument is such a header already. */
static void add_trace(struct builder *builder, const char *name, struct slice value)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < builder->header_count; i++)
        if (builder->headers[i] && strncasecmp(builder->headers[i], name, size) == 0 &&
            builder->headers[i][size] == ':')
            return;
    if (!value.len)
        return;
    struct text line = {.pool = builder->pool};
    text_add_literal(&line, name);
    text_add_literal(&line, ": ");
    text_add(&line, value);
    text_add_byte(&line, '\0');
    builder->headers[builder->header_count++] = line.failed ? NULL : line.at;
}

static void add_header_credentials(struct builder *builder)
{
    const struct sending *sending = builder->source->sending;
    for (uint32_t i = 0; i < sending->count; i++) {
        enum mcpp_send_kind kind = sending->items[i].credential->kind;
        const char *text = sending->items[i].text;
        if (text && kind != MCPP_SEND_QUERY && kind != MCPP_SEND_COOKIE)
            builder->headers[builder->header_count++] = text;
    }
}

static const char *finish_headers(struct builder *builder, const struct body *body)
{
    const struct mcpp_tool *tool = builder->tool;
    struct text *cookie = &builder->out->cookie;
    add_fixed_header(builder, "Accept", tool->accept[0] ? tool->accept : "*/*");
    if (body->is_present)
        add_fixed_header(builder, "Content-Type", body->content_type);
    add_trace(builder, "traceparent", builder->source->call->traceparent);
    add_trace(builder, "tracestate", builder->source->call->tracestate);
    add_header_credentials(builder);
    text_add_literal(cookie, "Cookie: ");
    text_add(cookie, text_slice(&builder->cookie));
    size_t before = cookie->len;
    const char *refusal = add_pair_credentials(builder, MCPP_SEND_COOKIE, "; ", cookie);
    if (refusal)
        return refusal;
    if (builder->cookie.len || cookie->len > before) {
        text_add_byte(cookie, '\0');
        builder->headers[builder->header_count++] = cookie->at;
    }
    if (cookie->failed || builder->cookie.failed)
        return refusal_no_memory;
    for (size_t i = 0; i < builder->header_count; i++) {
        if (!builder->headers[i])
            return refusal_no_memory;
        if (!encode_is_header_value(slice_of(builder->headers[i])))
            return "The operation's headers are not valid.";
    }
    builder->headers[builder->header_count] = NULL;
    return NULL;
}

/* ---- the whole ---- */

static const char *add_parameters(struct builder *builder)
{
    for (uint32_t i = 0; i < builder->tool->parameter_count; i++) {
        const char *refusal = NULL;
        if (!argument_is_given(&builder->matched, i))
            continue;
        switch (builder->tool->parameters[i].place) {
        case MCPP_IN_QUERY:
            refusal = add_pairs(builder, i, &builder->query);
            break;
        case MCPP_IN_COOKIE:
            refusal = add_pairs(builder, i, &builder->cookie);
            break;
        case MCPP_IN_HEADER:
            refusal = add_header(builder, i);
            break;
        case MCPP_IN_PATH:
        case MCPP_IN_BODY:
        case MCPP_IN_WHOLE_BODY:
        case MCPP_IN_PART_HEADER:
            break;
        }
        if (refusal)
            return refusal;
    }
    return builder->query.failed || builder->cookie.failed ? refusal_no_memory : NULL;
}

static struct slice base_url(const struct builder *builder)
{
    const struct mcpp_server *server = builder->source->server;
    struct slice base = slice_of(server->policy->backend);
    if (server->options.backend) /* for everything: all of the API is to be found there */
        base = slice_of(server->options.backend);
    else if (*builder->tool->backend)
        base = slice_of(builder->tool->backend);
    while (base.len && base.at[base.len - 1] == '/')
        base.len--;
    return base;
}

/* The authority without user information. */
static struct slice host_of(struct slice base)
{
    const char *scheme = memmem(base.at, base.len, "://", 3);
    if (!scheme)
        return base;
    const char *start = scheme + 3, *end = base.at + base.len;
    for (const char *at = start; at < end && *at != '/'; at++)
        if (*at == '@')
            start = at + 1;
    const char *stop = memchr(start, '/', (size_t)(end - start));
    return (struct slice){start, (size_t)((stop ? stop : end) - start)};
}

/* Whether an argument sets what the path's own query sets: it would call another operation. */
static bool sets_fixed(const struct builder *builder, struct slice fixed)
{
    while (fixed.len) {
        const char *end = memchr(fixed.at, '&', fixed.len);
        size_t len = end ? (size_t)(end - fixed.at) : fixed.len;
        if (memchr(fixed.at, '=', len) && sets_name(text_slice(&builder->query), "&", fixed.at))
            return true;
        size_t step = end ? len + 1 : len;
        fixed = (struct slice){fixed.at + step, fixed.len - step};
    }
    return false;
}

/* Some documents tell operations of one path apart by a fragment or a fixed query: the fragment is
 * not sent, the query is. */
static const char *add_url(struct builder *builder, struct slice base)
{
    struct text *url = &builder->out->url;
    struct slice template = slice_of(builder->tool->path);
    struct slice fixed = {NULL, 0};
    template.len = strcspn(template.at, "#");
    const char *question = memchr(template.at, '?', template.len);
    if (question) {
        fixed = (struct slice){question + 1, (size_t)(template.at + template.len - question) - 1};
        template.len = (size_t)(question - template.at);
    }
    text_add(url, base);
    const char *refusal = add_path(builder, template, url);
    if (refusal)
        return refusal;
    const char *sibling =
        sibling_named(builder->tool, (struct slice){url->at + base.len, url->len - base.len});
    if (sibling)
        return refusal_format(builder->pool, "The arguments name another operation of the API: %s.",
                              sibling);
    if (sets_fixed(builder, fixed))
        return "An argument would change the operation that is called.";
    struct text query = {.pool = builder->pool};
    encode_add_path_literal(&query, fixed);
    if (query.len && builder->query.len)
        text_add_byte(&query, '&');
    text_add(&query, text_slice(&builder->query));
    builder->query = query;
    if (query.failed)
        return refusal_no_memory;
    size_t before = url->len;
    if (url->len + query.len > URL_BYTES_MAX)
        return "The arguments are too long for a URL.";
    text_add_byte(url, '?');
    text_add(url, text_slice(&query));
    refusal = add_pair_credentials(builder, MCPP_SEND_QUERY, "&", url);
    if (url->len == before + 1)
        url->len = before;
    text_add_byte(url, '\0');
    return refusal ? refusal : url->failed ? refusal_no_memory : NULL;
}

static bool sends_in_query(const struct sending *sending)
{
    for (uint32_t i = 0; i < sending->count; i++)
        if (sending->items[i].credential->kind == MCPP_SEND_QUERY)
            return true;
    return false;
}

static const char *build(struct builder *builder)
{
    const struct request_source *source = builder->source;
    struct request *out = builder->out;
    struct body body;
    struct slice base = base_url(builder);
    if (base.len == 0)
        return "The server does not know the URL of its backend.";
    const char *refusal = arguments_match(source->call->tool, &source->call->arguments,
                                          source->pool, &builder->matched);
    if (!refusal)
        refusal = arguments_fill(source->call->caller, &builder->matched);
    if (!refusal)
        refusal = add_parameters(builder);
    if (!refusal)
        refusal = body_build(&builder->matched, &body);
    if (!refusal)
        refusal = add_url(builder, base);
    if (!refusal)
        refusal = finish_headers(builder, &body);
    if (refusal)
        return refusal;
    const struct limits *limits = &source->server->options.limits;
    const struct mcpp_tool *tool = source->call->tool;
    out->base = base;
    out->host = host_of(base);
    out->upstream = (struct upstream_request){
        .method = source->call->tool->method,
        .url = out->url.at,
        .headers = builder->headers,
        .body = body.bytes,
        .has_body = body.is_present,
        .timeout_ms = tool->timeout_ms ? tool->timeout_ms : limits->backend_ms,
        .response_max = limits->backend_bytes,
        .has_secret_url = sends_in_query(source->sending),
        .digest = source->sending->digest,
        .certificate = source->sending->certificate,
        .certificate_key = source->sending->certificate_key,
    };
    return NULL;
}

const char *request_build(const struct request_source *source, struct request *out)
{
    const struct mcpp_tool *tool = source->call->tool;
    struct pool *pool = source->pool;
    size_t header_max =
        (size_t)tool->parameter_count + source->sending->count + FIXED_HEADERS_MAX + 1;
    struct builder builder = {.source = source,
                              .tool = tool,
                              .pool = pool,
                              .out = out,
                              .query = {.pool = pool},
                              .cookie = {.pool = pool}};
    *out = (struct request){.url = {.pool = pool}, .cookie = {.pool = pool}};
    builder.headers = pool_alloc(pool, header_max * sizeof *builder.headers);
    const char *refusal = builder.headers ? build(&builder) : refusal_no_memory;
    if (refusal)
        request_wipe(out);
    return refusal;
}

void request_wipe(struct request *request)
{
    if (request->url.len)
        explicit_bzero(request->url.at, request->url.len);
    if (request->cookie.len)
        explicit_bzero(request->cookie.at, request->cookie.len);
}
