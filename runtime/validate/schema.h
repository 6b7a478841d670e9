/*
 * A JSON Schema 2020-12 as arrays of rules, made once from its text. Only what can be reached and
 * says something about values is kept.
 *
 * Not enforced: formats beyond format.h, patterns beyond pattern.h, multipleOf with more than 18
 * significant digits, contentEncoding and its kin, and what mcpc does not lower: $id, $anchor,
 * $dynamicRef, references to other documents. A reference that leads nowhere breaks the schema.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef VALIDATE_SCHEMA_H
#define VALIDATE_SCHEMA_H

#include "grammar/json.h"
#include "runtime/memory/pool.h"
#include "runtime/validate/decimal.h"
#include "runtime/validate/format.h"
#include "runtime/validate/pattern.h"

/* What a rule's numbers mean stands behind it. Indices are of the schema's arrays. */
enum rule_kind {
    RULE_TYPE,       /* first: bits of enum schema_type */
    RULE_CONST,      /* first: value */
    RULE_ENUM,       /* first: value, an array */
    RULE_REFERENCE,  /* first: node */
    RULE_PATTERN,    /* first: pattern */
    RULE_FORMAT,     /* first: format */
    RULE_MIN_LENGTH, /* first: count */
    RULE_MAX_LENGTH,
    RULE_MINIMUM, /* first: number */
    RULE_MAXIMUM,
    RULE_ABOVE, /* exclusiveMinimum */
    RULE_BELOW, /* exclusiveMaximum */
    RULE_MULTIPLE,
    RULE_REQUIRED,       /* members first to first + count */
    RULE_MEMBERS,        /* first: object rule */
    RULE_NAMES,          /* propertyNames; first: node */
    RULE_DEPENDENT,      /* members first to first + count */
    RULE_MIN_PROPERTIES, /* first: count */
    RULE_MAX_PROPERTIES,
    RULE_ITEMS,    /* links first to first + count are prefixItems; more: node or none */
    RULE_CONTAINS, /* first: node, count: at least, more: at most */
    RULE_MIN_ITEMS,
    RULE_MAX_ITEMS,
    RULE_UNIQUE,
    RULE_ALL_OF, /* links first to first + count */
    RULE_ANY_OF,
    RULE_ONE_OF,
    RULE_NOT,          /* first: node */
    RULE_IF,           /* first: node, count: then, more: else; may be none */
    RULE_UNENFORCED,   /* something that is not checked: whether a value fits is not certain */
    RULE_REST_MEMBERS, /* unevaluatedProperties; first: node */
    RULE_REST_ITEMS,   /* unevaluatedItems; first: node */
};

enum schema_type {
    TYPE_NULL = 1 << 0,
    TYPE_BOOLEAN = 1 << 1,
    TYPE_INTEGER = 1 << 2,
    TYPE_NUMBER = 1 << 3,
    TYPE_STRING = 1 << 4,
    TYPE_ARRAY = 1 << 5,
    TYPE_OBJECT = 1 << 6,
};

/* Nodes that every schema has. */
enum { SCHEMA_TRUE, SCHEMA_FALSE, SCHEMA_ROOT };

#define SCHEMA_NONE UINT32_MAX

struct schema_rule {
    uint32_t kind; /* enum rule_kind */
    uint32_t first, count, more;
};

struct schema_node {
    uint32_t first, count; /* rules; the type comes first */
};

struct schema_member {
    struct slice name; /* of a pattern: its source */
    uint32_t node;
    uint32_t pattern; /* of patternProperties; SCHEMA_NONE: it is not enforced */
};

/* properties, patternProperties and additionalProperties of one node. */
struct schema_object {
    uint32_t named, named_count;       /* members, sorted by their names' bytes */
    uint32_t patterned, pattern_count; /* members */
    uint32_t additional;               /* node or none */
};

struct schema_number {
    struct decimal value;
    struct slice text; /* as the schema writes it */
};

struct schema_pattern {
    struct pattern program;
    struct slice source;
};

struct schema {
    const char *text; /* of the whole schema, borrowed */
    const struct schema_node *nodes;
    const struct schema_rule *rules;
    const struct schema_member *members;
    const struct schema_object *objects;
    const struct schema_pattern *patterns;
    const struct format *const *formats;
    const struct schema_number *numbers;
    const uint32_t *links;          /* nodes */
    const struct json_node *values; /* of const and enum: pieces of the tape */
    uint32_t *scratch;              /* for the largest pattern: one match at a time */
    uint32_t unenforced;            /* patterns and divisors */
};

enum schema_status { SCHEMA_COMPILED, SCHEMA_BROKEN, SCHEMA_NO_MEMORY };

/* `text` stays borrowed and has a readable byte behind its end; the rest lives in `keep`. */
enum schema_status schema_compile(struct slice text, struct pool *keep, struct schema *out);

/* The member with this name among `count`, sorted; NULL when there is none. */
const struct schema_member *schema_find_member(const struct schema_member *members, uint32_t count,
                                               struct slice name);

#endif
