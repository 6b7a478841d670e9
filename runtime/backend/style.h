/*
 * How a value becomes text in a request: the style table of OpenAPI 3.2 (section 4.12.6, "Style
 * Examples"), which follows RFC 6570.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_STYLE_H
#define BACKEND_STYLE_H

#include <mcpp/policy.h>

#include "runtime/backend/value.h"
#include "runtime/upstream/encode.h"

struct style_target {
    struct slice name; /* on the wire */
    enum mcpp_style style;
    bool explode;
    enum encode_set set;   /* how names and values are written */
    const char *separator; /* between name=value pairs: "&", or "; " in a cookie */
    bool is_anonymous;     /* no `name=` by itself: paths, headers, parts of a body */
};

/* Adds what the value becomes, without a leading separator; nothing for an empty array or object
 * (RFC 6570: undefined). False when the style cannot express the value: MCPP_STYLE_DEEP_OBJECT and
 * no object. */
bool style_add(struct text *out, const struct style_target *target, const struct value *value);

#endif
