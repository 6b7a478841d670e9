/*
 * The keywords of schemas: JSON Schema 2020-12 and what OpenAPI 3.0 to 3.2 say otherwise; and the
 * writing of those whose values hold no schemas.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_SCHEMA_KEYWORD_H
#define OPENAPI_SCHEMA_KEYWORD_H

#include "compiler/openapi/build.h"

enum keyword_kind {
    KEYWORD_ANY,
    KEYWORD_STRING,
    KEYWORD_BOOLEAN,
    KEYWORD_NUMBER,
    KEYWORD_POSITIVE, /* a number above 0 */
    KEYWORD_COUNT,    /* an integer from 0 */
    KEYWORD_SEQUENCE,
    KEYWORD_NAMES_MAP, /* name -> sequence of strings */
    KEYWORD_SCHEMA,
    KEYWORD_SCHEMA_LIST,
    KEYWORD_SCHEMA_MAP,
    /* with rules of their own */
    KEYWORD_TYPE,
    KEYWORD_ENUM,
    KEYWORD_REQUIRED,
    KEYWORD_MINIMUM,
    KEYWORD_MAXIMUM,
    KEYWORD_EXCLUSIVE,
    KEYWORD_EXAMPLE,
    KEYWORD_REFERENCE,
    KEYWORD_DYNAMIC,          /* a reference whose target depends on how the schema was reached */
    KEYWORD_ITEMS,            /* a schema, or before 2020-12 a sequence of them */
    KEYWORD_ADDITIONAL_ITEMS, /* of the items after such a sequence */
    KEYWORD_DROPPED,          /* says nothing about values, or was looked at elsewhere */
    KEYWORD_UNSUPPORTED,      /* says something that is lost: reported */
};

struct keyword {
    const char *name;
    enum keyword_kind kind;
    bool is_annotation; /* says nothing about which values are right */
};

/* NULL for what is no keyword. */
const struct keyword *schema_keyword(struct build *build, struct str name);

/* Whether the value is right for the keyword; reports one that is not. For the kinds up to
 * KEYWORD_NAMES_MAP. */
bool schema_keyword_check(struct build *build, const struct keyword *keyword,
                          const struct member *member);

#endif
