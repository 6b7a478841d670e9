/*
 * Media type names, as far as bodies and responses differ by them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_MEDIA_TYPE_H
#define OPENAPI_MEDIA_TYPE_H

#include "compiler/openapi/build.h"

/* In the order in which a body is chosen. */
enum media_kind {
    MEDIA_JSON,      /* application/json */
    MEDIA_LIKE_JSON, /* +json, or any type at all */
    MEDIA_FORM,
    MEDIA_MULTIPART,
    MEDIA_TEXT, /* text, or a text format as xml is */
    MEDIA_BYTES,
};

enum media_kind media_type_kind(struct str name);

/* Whether the name can stand in a header. */
bool media_type_is_safe(struct str name);

bool media_type_is_range(struct str name); /* has a '*' */
bool media_type_is_json(struct str name);  /* JSON for sure */

#endif
