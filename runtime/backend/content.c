/*
 * Kinds of content, and how each is written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/content.h"

#include <strings.h>

#include "runtime/memory/base64.h"

enum { URI_MAX = 2048 };

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

struct slice content_media_type(struct slice content_type)
{
    size_t len = 0;
    while (len < content_type.len && content_type.at[len] != ';' && content_type.at[len] != ',')
        len++;
    while (len && (content_type.at[len - 1] == ' ' || content_type.at[len - 1] == '\t'))
        len--;
    return (struct slice){content_type.at, len};
}

size_t content_sequence_at(struct slice text, size_t i)
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

bool content_is_plain_text(struct slice text)
{
    for (size_t i = 0; i < text.len;) {
        size_t len = text.at[i] ? content_sequence_at(text, i) : 0;
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

enum content_kind content_kind_of(const struct content *content)
{
    struct slice type = content->type;
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
    return type.len == 0 && content_is_plain_text(content->body) ? CONTENT_TEXT : CONTENT_BYTES;
}

/* ---- writing ---- */

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool content_is_uri(struct slice text)
{
    size_t i = 0;
    if (!text.len || text.len > URI_MAX || !is_letter(text.at[0]))
        return false;
    while (i < text.len && (is_letter(text.at[i]) || (text.at[i] >= '0' && text.at[i] <= '9') ||
                            text.at[i] == '+' || text.at[i] == '-' || text.at[i] == '.'))
        i++;
    if (i + 1 >= text.len || text.at[i] != ':')
        return false;
    for (; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~' || strchr("\"<>\\^`{|}", text.at[i]))
            return false;
    return true;
}

static struct slice type_of(const struct content *content)
{
    if (content->type.len)
        return content->type;
    return content_is_plain_text(content->body) ? SLICE("text/plain")
                                                : SLICE("application/octet-stream");
}

static bool is_text(const struct content *content)
{
    enum content_kind kind = content_kind_of(content);
    return (kind == CONTENT_TEXT || kind == CONTENT_JSON) && content_is_plain_text(content->body);
}

void content_add_resource(struct text *out, const struct content *content, struct slice uri)
{
    text_add_literal(out, "{\"uri\":");
    text_add_json(out, content_is_uri(content->location) ? content->location : uri);
    text_add_literal(out, ",\"mimeType\":");
    text_add_json(out, type_of(content));
    if (is_text(content)) {
        text_add_literal(out, ",\"text\":");
        text_add_json(out, content->body);
    } else {
        text_add_literal(out, ",\"blob\":\"");
        base64_encode(out, content->body);
        text_add_byte(out, '"');
    }
    text_add_byte(out, '}');
}

static void add_data(struct text *out, const char *kind, const struct content *content)
{
    text_add_format(out, "{\"type\":\"%s\",\"mimeType\":", kind);
    text_add_json(out, content->type);
    text_add_literal(out, ",\"data\":\"");
    base64_encode(out, content->body);
    text_add_literal(out, "\"}");
}

void content_add_block(struct text *out, const struct content *content, struct slice uri)
{
    enum content_kind kind = content_kind_of(content);
    if (content_is_uri(content->location))
        kind = CONTENT_BYTES;
    switch (kind) {
    case CONTENT_TEXT:
    case CONTENT_JSON:
        text_add_literal(out, "{\"type\":\"text\",\"text\":");
        text_add_json(out, content->body);
        text_add_byte(out, '}');
        break;
    case CONTENT_IMAGE:
        add_data(out, "image", content);
        break;
    case CONTENT_AUDIO:
        add_data(out, "audio", content);
        break;
    case CONTENT_BYTES:
        text_add_literal(out, "{\"type\":\"resource\",\"resource\":");
        content_add_resource(out, content, uri);
        text_add_byte(out, '}');
        break;
    }
}
