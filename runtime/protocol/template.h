/*
 * URI templates of resources (RFC 6570 as the policy's checker lets them be): literal text,
 * `{name}` for a piece of a path segment, and `{?a,b}` at the end for a query.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_TEMPLATE_H
#define PROTOCOL_TEMPLATE_H

#include "runtime/memory/pool.h"

enum { TEMPLATE_VALUES_MAX = 32 };

struct template_value {
    struct slice name;  /* of the variable */
    struct slice value; /* as in the URI, percent-encoded */
};

struct template_match {
    struct template_value values[TEMPLATE_VALUES_MAX];
    size_t count;
    size_t literals; /* bytes that are the template's own: the more, the closer it fits */
};

bool template_match(struct slice template, struct slice uri, struct template_match *out);

/* Without the query expression. */
struct slice template_path(struct slice template);
/* Whether the path part has variables. */
bool template_has_variables(struct slice template);

/* Replaces percent triples. False: they are ill-formed, or what they stand for is no text. */
bool template_decode(struct slice value, struct pool *pool, struct slice *out);

#endif
