/*
 * Operations that the arguments of another one could name: with `GET /pets/{id}` beside
 * `GET /pets/secret`, the value "secret" would make the first call the second, past what the second
 * one needs. The tables list such siblings, and the runtime refuses a path that is one of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_SIBLING_H
#define TABLES_SIBLING_H

#include "compiler/openapi/model.h"

struct sibling_index;

/* Of all operations of the API, omitted ones too. */
struct sibling_index *sibling_index_build(const struct api *api, struct arena *arena);

struct siblings {
    const struct str *paths; /* templates without query and fragment, in the document's order */
    uint32_t count;
};

struct siblings siblings_of(const struct sibling_index *index, const struct operation *operation);

#endif
