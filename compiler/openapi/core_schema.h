/*
 * The core schema of YAML 1.2 (section 10.3): what a plain scalar without a tag stands for. Numbers
 * become JSON numbers ("+05" is "5", "0x1f" is "31").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_CORE_SCHEMA_H
#define OPENAPI_CORE_SCHEMA_H

#include "compiler/openapi/document.h"

struct core_scalar {
    enum node_kind kind; /* neither a sequence nor a mapping */
    bool is_true;
    bool is_integer;     /* NODE_NUMBER */
    struct str text;     /* borrowed from the scalar, or in the arena */
    const char *problem; /* why JSON cannot say it ("is not finite"); NULL: it can */
};

struct core_scalar core_schema_resolve(struct arena *arena, struct str plain);

#endif
