/*
 * Bytes with a media type as content of MCP: blocks of a tool's result, contents of a resource.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_CONTENT_H
#define BACKEND_CONTENT_H

#include "runtime/memory/pool.h"

enum content_kind { CONTENT_TEXT, CONTENT_JSON, CONTENT_IMAGE, CONTENT_AUDIO, CONTENT_BYTES };

/* A piece of an answer. */
struct content {
    struct slice type;     /* the media type, without parameters; empty: not known */
    struct slice body;     /* the bytes */
    struct slice location; /* the URI of what the bytes are; empty: none */
};

/* "Application/JSON; charset=utf-8" -> "Application/JSON" */
struct slice content_media_type(struct slice content_type);

enum content_kind content_kind_of(const struct content *content);

/* Whether all of it is well-formed UTF-8 without a NUL. */
bool content_is_plain_text(struct slice bytes);
/* The length of the UTF-8 sequence at `i`, or 0 when it is ill-formed (Unicode, table 3-7). */
size_t content_sequence_at(struct slice text, size_t i);

/* Whether it is an absolute URI as far as that can be seen from outside (RFC 3986, section 3). */
bool content_is_uri(struct slice text);

/* A ContentBlock: text, image, audio, or an embedded resource for other bytes and for what has a
 * location; `uri` is that of a resource without one. */
void content_add_block(struct text *out, const struct content *content, struct slice uri);

/* Resource contents: `{"uri":…,"mimeType":…,"text":…}`, or with "blob". */
void content_add_resource(struct text *out, const struct content *content, struct slice uri);

#endif
