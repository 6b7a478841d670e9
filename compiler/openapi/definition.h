/*
 * Definitions: the targets of references, each with a readable name that is unique in the document
 * and, for each direction, its text, written once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_DEFINITION_H
#define OPENAPI_DEFINITION_H

#include "compiler/openapi/schema.h"

struct definition_text {
    bool is_written;
    struct str text;
    struct definition *const *uses; /* referred to by the text itself */
    size_t use_count;
};

struct definition {
    const struct node *target;
    struct str name;
    uint32_t mark, closure_mark;     /* of the last text that uses it */
    struct definition_text texts[2]; /* by direction */
};

/* For a mapping with a $ref; NULL when that leads nowhere, which was reported. */
struct definition *definition_of(struct build *build, const struct node *reference);

/* The same for what a $dynamicRef leads to when it is read as a $ref. */
struct definition *definition_of_dynamic(struct build *build, const struct node *text);

#endif
