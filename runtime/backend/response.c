/*
 * Maps answers: JSON to text and structured content, text to text, images and audio to their own
 * content types, other bytes to an embedded resource, several parts to several blocks, failures to
 * errors with an excerpt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/response.h"

#include "runtime/backend/content.h"
#include "runtime/backend/output.h"
#include "runtime/backend/parts.h"
#include "runtime/backend/value.h"
#include "runtime/upstream/encode.h"

enum { EXCERPT_BYTES = 2000 };

/* ---- status ---- */

/* RFC 9110, section 15; the names that occur in practice. */
static const char *status_name(unsigned status)
{
    static const struct {
        unsigned status;
        const char *name;
    } names[] = {{200, "OK"},
                 {201, "Created"},
                 {202, "Accepted"},
                 {204, "No Content"},
                 {205, "Reset Content"},
                 {206, "Partial Content"},
                 {300, "Multiple Choices"},
                 {301, "Moved Permanently"},
                 {302, "Found"},
                 {303, "See Other"},
                 {304, "Not Modified"},
                 {307, "Temporary Redirect"},
                 {308, "Permanent Redirect"},
                 {400, "Bad Request"},
                 {401, "Unauthorized"},
                 {402, "Payment Required"},
                 {403, "Forbidden"},
                 {404, "Not Found"},
                 {405, "Method Not Allowed"},
                 {406, "Not Acceptable"},
                 {408, "Request Timeout"},
                 {409, "Conflict"},
                 {410, "Gone"},
                 {411, "Length Required"},
                 {412, "Precondition Failed"},
                 {413, "Content Too Large"},
                 {414, "URI Too Long"},
                 {415, "Unsupported Media Type"},
                 {422, "Unprocessable Content"},
                 {423, "Locked"},
                 {424, "Failed Dependency"},
                 {428, "Precondition Required"},
                 {429, "Too Many Requests"},
                 {431, "Request Header Fields Too Large"},
                 {451, "Unavailable For Legal Reasons"},
                 {500, "Internal Server Error"},
                 {501, "Not Implemented"},
                 {502, "Bad Gateway"},
                 {503, "Service Unavailable"},
                 {504, "Gateway Timeout"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].status == status)
            return names[i].name;
    return "";
}

static void add_status(struct text *out, unsigned status)
{
    const char *name = status_name(status);
    text_add_number(out, status);
    text_add_literal(out, *name ? " " : "");
    text_add_literal(out, name);
}

/* ---- results ---- */

static struct content whole_of(const struct upstream_response *response)
{
    return (struct content){.type = content_media_type(response->content_type),
                            .body = response->body};
}

#define NO_MEMORY \
    "[{\"type\":\"text\",\"text\":\"The answer is too large for the memory of this call.\"}]"

static void finish(struct text *content, bool is_error, struct call_result *out)
{
    *out = (struct call_result){.is_error = is_error, .content = text_slice(content)};
    if (content->failed)
        *out = (struct call_result){.is_error = true, .content = SLICE(NO_MEMORY)};
}

static void finish_text(struct pool *pool, struct slice characters, bool is_error,
                        struct call_result *out)
{
    struct text content = {.pool = pool};
    text_add_literal(&content, "[{\"type\":\"text\",\"text\":");
    text_add_json(&content, characters);
    text_add_literal(&content, "}]");
    finish(&content, is_error, out);
    if (is_error)
        out->problem = characters;
}

void response_refuse(struct pool *pool, const char *text, struct call_result *out)
{
    finish_text(pool, slice_of(text), true, out);
    out->is_refused = true;
}

/* Ends a message of our own words. */
static void finish_message(struct text *message, bool is_error, struct call_result *out)
{
    if (message->failed)
        finish(message, true, out);
    else
        finish_text(message->pool, text_slice(message), is_error, out);
}

static void add_host(struct text *message, const struct response_source *source)
{
    text_add_literal(message, "The backend ");
    text_add(message, source->host);
}

static void map_failure(const struct response_source *source,
                        const struct upstream_response *response, struct call_result *out)
{
    struct text message = {.pool = source->pool};
    const char *detail = response->detail ? response->detail : "";
    add_host(&message, source);
    switch (response->outcome) {
    case UPSTREAM_UNREACHABLE:
        text_add_literal(&message, " cannot be reached");
        break;
    case UPSTREAM_TIMEOUT:
        text_add_literal(&message, " did not answer within ");
        text_add_number(&message, source->timeout_ms);
        text_add_literal(&message, " ms; whether it did what was asked is not known");
        detail = "";
        break;
    case UPSTREAM_TOO_LARGE:
        text_add_literal(&message, " answered with more than this server takes");
        detail = "";
        break;
    case UPSTREAM_BROKEN:
        text_add_literal(&message, " did not answer properly");
        break;
    case UPSTREAM_OVERLOADED:
        text_add_literal(&message, " was not asked: too many calls are waiting for it. Try later");
        detail = "";
        break;
    case UPSTREAM_ANSWERED:
    case UPSTREAM_NO_MEMORY:
        text_add_literal(&message, " was not asked: this server is out of memory. Try later");
        detail = "";
        break;
    }
    if (*detail) {
        text_add_literal(&message, ": ");
        text_add_literal(&message, detail);
    }
    text_add_byte(&message, '.');
    finish_message(&message, true, out);
}

/* At most EXCERPT_BYTES, never half a character. */
static void add_excerpt(struct text *message, struct slice body)
{
    size_t len = 0;
    while (len < body.len) {
        size_t step = content_sequence_at(body, len);
        if (len + (step ? step : 1) > EXCERPT_BYTES)
            break;
        len += step ? step : 1;
    }
    text_add(message, (struct slice){body.at, len});
    if (len < body.len) {
        text_add_literal(message, "… (");
        text_add_number(message, body.len);
        text_add_literal(message, " bytes in all)");
    }
}

static void map_error(const struct response_source *source,
                      const struct upstream_response *response, struct call_result *out)
{
    struct text message = {.pool = source->pool};
    struct content whole = whole_of(response);
    enum content_kind kind = content_kind_of(&whole);
    add_host(&message, source);
    text_add_literal(&message, " answered ");
    add_status(&message, response->status);
    if (response->status >= 300 && response->status < 400)
        text_add_literal(&message, "; it redirects elsewhere, which is not followed");
    if (source->note) {
        text_add_literal(&message, "; ");
        text_add_literal(&message, source->note);
    }
    if (response->retry_after.len) {
        text_add_literal(&message, " (retry after: ");
        text_add(&message, response->retry_after);
        text_add_literal(&message, ")");
    }
    if (response->status >= 400 && response->body.len &&
        (kind == CONTENT_TEXT || kind == CONTENT_JSON)) {
        text_add_literal(&message, ":\n");
        add_excerpt(&message, response->body);
    }
    finish_message(&message, true, out);
}

/* The URI of a resource that has none of its own. */
static struct slice own_uri(const struct response_source *source)
{
    struct text uri = {.pool = source->pool};
    text_add_literal(&uri, "mcpp:///tools/");
    encode_add(&uri, slice_of(source->tool->name), ENCODE_URI);
    text_add_literal(&uri, "/result");
    return uri.failed ? SLICE("mcpp:///") : text_slice(&uri);
}

static void map_contents(const struct response_source *source, const struct content *contents,
                         size_t count, struct call_result *out)
{
    struct text text = {.pool = source->pool};
    for (size_t i = 0; i < count; i++) {
        text_add_byte(&text, i ? ',' : '[');
        content_add_block(&text, &contents[i], own_uri(source));
    }
    text_add_byte(&text, ']');
    finish(&text, false, out);
}

static void map_bytes(const struct response_source *source,
                      const struct upstream_response *response, struct call_result *out)
{
    struct content parts[PARTS_MAX];
    size_t count = parts_read(response->content_type, response->body, parts);
    if (count == 0)
        parts[count++] = whole_of(response);
    map_contents(source, parts, count, out);
}

/* Whether the tool's output schema lets structured content be other than an object. Clients of
 * older revisions know objects only, so that without a schema nothing else is structured. */
static bool takes_any_value(const struct response_source *source)
{
    struct value schema, type;
    return source->tool->output_schema[0] &&
           value_scan(slice_of(source->tool->output_schema), JSON_DEPTH_CEILING, source->pool,
                      &schema) &&
           !(value_member(&schema, "type", &type) && value_is_string(&type, "object"));
}

/* Structured content is the answer on one line. What is not strict JSON stays text: a client that
 * parses it may do so at its own risk. */
static void add_structured(const struct response_source *source, struct slice body,
                           struct call_result *out)
{
    struct value value;
    struct text compact = {.pool = source->pool};
    if (!value_scan(body, source->json_depth, source->pool, &value) ||
        (value_node(&value)->kind != JSON_OBJECT && !takes_any_value(source)))
        return;
    value_add_compact(&compact, &value);
    if (compact.failed)
        finish(&compact, true, out);
    else
        out->structured = text_slice(&compact);
}

static void map_empty(const struct response_source *source,
                      const struct upstream_response *response, struct call_result *out)
{
    struct text message = {.pool = source->pool};
    add_status(&message, response->status);
    if (response->status != 204)
        text_add_literal(&message, ", without content");
    finish_message(&message, false, out);
}

/* A client may refuse a result that does not keep the tool's output schema (MCP: servers MUST
 * provide it). The model is told what came instead. */
static void require_structured(const struct response_source *source, struct call_result *out)
{
    struct text content = {.pool = source->pool}, problem = {.pool = source->pool};
    if (!source->tool->output_schema[0] || out->is_error)
        return;
    const char *faults = out->structured.len ? output_problem(source->schemas, source->tool,
                                                              out->structured, source->pool)
                                             : "";
    if (!faults)
        return;
    text_add_literal(&problem, "The backend did what was asked, but its answer is not the JSON "
                               "that the tool's output schema promises");
    text_add_literal(&problem, *faults ? ":\n" : ". ");
    text_add_literal(&problem, faults);
    text_add_literal(&problem, "It is:");
    text_add_literal(&content, "[{\"type\":\"text\",\"text\":");
    text_add_json(&content, text_slice(&problem));
    text_add_literal(&content, "},");
    content.failed |= problem.failed;
    text_add(&content, (struct slice){out->content.at + 1, out->content.len - 1});
    finish(&content, true, out);
}

static void map_success(const struct response_source *source,
                        const struct upstream_response *response, struct call_result *out)
{
    struct content whole = whole_of(response);
    if (response->body.len == 0) {
        map_empty(source, response, out);
    } else {
        switch (content_kind_of(&whole)) {
        case CONTENT_JSON:
            finish_text(source->pool, response->body, false, out);
            if (!out->is_error)
                add_structured(source, response->body, out);
            break;
        case CONTENT_TEXT:
            finish_text(source->pool, response->body, false, out);
            break;
        case CONTENT_IMAGE:
        case CONTENT_AUDIO:
        case CONTENT_BYTES:
            map_bytes(source, response, out);
            break;
        }
    }
    require_structured(source, out);
}

void response_map(const struct response_source *source, const struct upstream_response *response,
                  struct call_result *out)
{
    if (response->outcome != UPSTREAM_ANSWERED)
        map_failure(source, response, out);
    else if (response->status >= 200 && response->status < 300)
        map_success(source, response, out);
    else
        map_error(source, response, out);
    if (response->outcome == UPSTREAM_ANSWERED)
        out->raw = (struct call_raw){response->status, response->content_type,
                                     response->cache_control, response->body};
}
