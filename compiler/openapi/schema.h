/*
 * Schemas of OpenAPI (3.0 and JSON Schema 2020-12 alike) as self-contained JSON Schema 2020-12
 * texts: compact, in the document's order, with what they refer to in `$defs`. A readOnly property
 * is no part of an input, a writeOnly one none of an output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_SCHEMA_H
#define OPENAPI_SCHEMA_H

#include "compiler/openapi/build.h"

/* Longer ones are cut, which is reported: bytes. */
enum { SCHEMA_TEXT_MAX = 512 * 1024, SCHEMA_TEXTS_MAX = 256 * 1024 * 1024 };

enum schema_direction { SCHEMA_INPUT, SCHEMA_OUTPUT };

struct definition;

/* What something beside the schema says about the same value: a parameter, say. */
struct schema_notes {
    struct str description;     /* instead of the schema's own; empty: none */
    const struct node *example; /* NULL: none */
    bool is_deprecated;
    struct str mcp_header; /* x-mcp-header; empty: none */
};

/* A text that is being written; may hold several schemas, which share definitions. */
struct schema_text {
    struct build *build;
    enum schema_direction direction;
    struct str_builder out;
    LIST(struct definition *) uses;
    uint32_t mark;
};

void schema_begin(struct schema_text *text, struct build *build, enum schema_direction direction);

/* Writes one schema; NULL stands for any value. A reference to something small is replaced by it.
 */
void schema_add(struct schema_text *text, const struct node *schema,
                const struct schema_notes *notes);

/* The members of the schema, with "type":"object" instead of its own, without the closing brace. */
void schema_add_object_members(struct schema_text *text, const struct node *schema);

/* The same for a definition: references stay. */
void schema_add_definition(struct schema_text *text, const struct node *schema);

/* The members of the notes alone, each with a comma before it. */
void schema_add_notes(struct schema_text *text, const struct schema_notes *notes);

/* Adds `,"$defs":{…}` with everything that was referred to. False when the whole would be too
 * large: then the definitions are there, but any value fits them. */
bool schema_add_definitions(struct schema_text *text);

/* ---- questions about schemas; all follow references ---- */

/* Only objects are right. */
bool schema_is_object(struct build *build, const struct node *schema);

/* Whether `type` is this one; a sequence of types with "null" counts. */
bool schema_has_type(struct build *build, const struct node *schema, const char *type);

bool schema_is_nullable(const struct node *schema);

/* The string stands for bytes: `format: binary`, or a media type without an encoding. */
bool schema_is_binary(struct build *build, const struct node *schema);

/* Whether the property is no part of the direction's values. */
bool schema_is_excluded(struct build *build, const struct node *property,
                        enum schema_direction direction);

/* Whether the schema, or a part of its allOf, has this property, but not for the direction. */
bool schema_excludes(struct build *build, const struct node *schema, struct str name,
                     enum schema_direction direction);

#endif
