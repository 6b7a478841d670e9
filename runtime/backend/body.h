/*
 * The body of a request from matched arguments: JSON, form, multipart, text, bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_BODY_H
#define BACKEND_BODY_H

#include "runtime/backend/arguments.h"

struct body {
    bool is_present;
    struct slice bytes;
    const char *content_type; /* with its parameters; NULL without a body */
};

/* NULL when `out` is filled, else the text for the model. */
const char *body_build(const struct matched *matched, struct body *out);

#endif
