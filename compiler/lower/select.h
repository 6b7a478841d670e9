/*
 * Which operations become tools, as the command line says it: --include and --exclude.
 *
 * A selector is one condition or several joined with commas, which must all hold: `tag:pets`,
 * `path:/pets/…`, `method:GET`, `id:getPet*` (the operationId), each with a pattern (base/glob.h).
 * An operation is chosen when some --include selects it, or there is none, and no --exclude does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_SELECT_H
#define LOWER_SELECT_H

#include "compiler/openapi/model.h"

struct selection {
    const char *const *includes, *const *excludes;
    uint32_t include_count, exclude_count;
};

/* By operation: why it is left out, or an empty text. NULL when there was an error: a selector that
 * cannot be read, or that selects nothing. */
const struct str *select_operations(const struct api *api, const struct selection *selection,
                                    struct arena *arena, struct diag_list *diags);

#endif
