/*
 * The address that a GET operation gets as a resource: a URI template of its path and of the query
 * parameters that are single values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_RESOURCE_H
#define LOWER_RESOURCE_H

#include "compiler/lower/lowering.h"

/* Where the addresses begin when nothing else is asked for: "mcpp://NAME". */
struct str resource_base(struct arena *arena, struct str server_name);

/* Empty: the operation is no resource, or cannot be one. */
struct str resource_template(struct arena *arena, struct str base,
                             const struct operation *operation);

#endif
