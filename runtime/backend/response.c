/*
 * Maps answers: JSON to text and structured content, text to text, images and audio to their own
 * content types, other bytes to an embedded resource, failures to errors with an excerpt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/response.h"

#include <strings.h>

#include "runtime/backend/value.h"
#include "runtime/upstream/encode.h"

enum { EXCERPT_BYTES = 2000 };

enum content_kind { CONTENT_TEXT, CONTENT_JSON, CONTENT_IMAGE, CONTENT_AUDIO, CONTENT_BYTES };

/* ---- what kind of content ---- */

static bool begins(struct slice text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && strncasecmp(text.at, prefix, len) == 0;
}

static bool ends(struct slice text, const char *suffix)
{
    size_t len = strlen(suffix);
    return text.len >= len && strncasecmp(text.at + text.len - len, suffix, len) == 0;
}

static bool is_type(struct slice type, const char *wanted)
{
    return type.len == strlen(wanted) && begins(type, wanted);
}

/* "Application/JSON; charset=utf-8" -> "Application/JSON" */
static struct slice media_type(struct slice content_type)
{
    size_t len = 0;
    while (len < content_type.len && content_type.at[len] != ';' && content_type.at[len] != ',')
        len++;
    while (len && (content_type.at[len - 1] == ' ' || content_type.at[len - 1] == '\t'))
        len--;
    return (struct slice){content_type.at, len};
}

/* The length of the UTF-8 sequence at `i`, or 0 when it is ill-formed (Unicode, table 3-7). */
static size_t sequence_at(struct slice text, size_t i)
{
    const unsigned char *at = (const unsigned char *)text.at + i;
    size_t left = text.len - i;
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (len == 0 || len > left || at[0] > 0xf4)
        return 0;
    for (size_t k = 1; k < len; k++)
        if ((at[k] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return len;
}

static bool is_plain_text(struct slice text)
{
    for (size_t i = 0; i < text.len;) {
        size_t len = text.at[i] ? sequence_at(text, i) : 0;
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

static enum content_kind kind_of(struct slice type, struct slice body)
{
    static const char *const texts[] = {"application/xml",
                                        "application/yaml",
                                        "application/x-yaml",
                                        "application/javascript",
                                        "application/x-ndjson",
                                        "application/jsonl",
                                        "application/x-www-form-urlencoded",
                                        "application/graphql"};
    if (is_type(type, "application/json") || is_type(type, "text/json") || ends(type, "+json"))
        return CONTENT_JSON;
    if (begins(type, "text/") || ends(type, "+xml") || ends(type, "+yaml"))
        return CONTENT_TEXT;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (is_type(type, texts[i]))
            return CONTENT_TEXT;
    if (begins(type, "image/"))
        return CONTENT_IMAGE;
    if (begins(type, "audio/"))
        return CONTENT_AUDIO;
    return type.len == 0 && is_plain_text(body) ? CONTENT_TEXT : CONTENT_BYTES;
}

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

#define NO_MEMORY \
    "[{\"type\":\"text\",\"text\":\"The answer is too large for the memory of this call.\"}]"

static void finish(struct text *content, bool is_error, struct call_result *out)
{
    *out = (struct call_result){is_error, text_slice(content), {NULL, 0}};
    if (content->failed)
        *out = (struct call_result){true, SLICE(NO_MEMORY), {NULL, 0}};
}

static void finish_text(struct pool *pool, struct slice characters, bool is_error,
                        struct call_result *out)
{
    struct text content = {.pool = pool};
    text_add_literal(&content, "[{\"type\":\"text\",\"text\":");
    text_add_json(&content, characters);
    text_add_literal(&content, "}]");
    finish(&content, is_error, out);
}

void response_refuse(struct pool *pool, const char *text, struct call_result *out)
{
    finish_text(pool, slice_of(text), true, out);
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
        size_t step = sequence_at(body, len);
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
    enum content_kind kind = kind_of(media_type(response->content_type), response->body);
    add_host(&message, source);
    text_add_literal(&message, " answered ");
    add_status(&message, response->status);
    if (response->status >= 300 && response->status < 400)
        text_add_literal(&message, "; redirects are not followed");
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

static void map_bytes(const struct response_source *source, struct slice type,
                      const struct upstream_response *response, struct call_result *out)
{
    struct text content = {.pool = source->pool};
    enum content_kind kind = kind_of(type, response->body);
    bool is_resource = kind == CONTENT_BYTES;
    if (is_resource) {
        text_add_literal(&content,
                         "[{\"type\":\"resource\",\"resource\":{\"uri\":\"mcpp:///tools/");
        encode_add(&content, slice_of(source->tool->name), ENCODE_URI);
        text_add_literal(&content, "/result\",\"mimeType\":");
    } else {
        text_add_literal(&content, kind == CONTENT_IMAGE ? "[{\"type\":\"image\",\"mimeType\":"
                                                         : "[{\"type\":\"audio\",\"mimeType\":");
    }
    text_add_json(&content, type.len ? type : SLICE("application/octet-stream"));
    text_add_literal(&content, is_resource ? ",\"blob\":\"" : ",\"data\":\"");
    encode_add_base64(&content, response->body);
    text_add_literal(&content, is_resource ? "\"}}]" : "\"}]");
    finish(&content, false, out);
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
    struct text content = {.pool = source->pool};
    if (!source->tool->output_schema[0] || out->structured.len || out->is_error)
        return;
    text_add_literal(
        &content, "[{\"type\":\"text\",\"text\":\"The backend did what was asked, but its answer "
                  "is not the JSON that the tool's output schema promises. It is:\"},");
    text_add(&content, (struct slice){out->content.at + 1, out->content.len - 1});
    finish(&content, true, out);
}

static void map_success(const struct response_source *source,
                        const struct upstream_response *response, struct call_result *out)
{
    struct slice type = media_type(response->content_type);
    if (response->body.len == 0) {
        map_empty(source, response, out);
    } else {
        switch (kind_of(type, response->body)) {
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
            map_bytes(source, type, response, out);
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
}
