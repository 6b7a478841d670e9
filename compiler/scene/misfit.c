/*
 * Validating arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/scene/misfit.h"

#include "runtime/validate/validate.h"

static struct str validate(struct pool *pool, const struct schema *schema,
                           const struct json_place *arguments)
{
    const struct instance instance = {arguments->text, arguments->nodes, arguments->node};
    struct text problems = {.pool = pool};
    switch (validate_value(schema, &instance, pool, &problems)) {
    case VALIDATE_FITS:
        return (struct str){0};
    case VALIDATE_DIFFERS:
        return str_trimmed((struct str){problems.at, problems.len}, "\n");
    case VALIDATE_TOO_DEEP:
    case VALIDATE_TOO_COSTLY:
        return STR("- they are too deep or too large to be checked");
    case VALIDATE_NO_MEMORY:
        break;
    }
    arena_exhausted();
}

struct str misfit_find(struct pool *pool, const char *input_schema,
                       const struct json_place *arguments)
{
    struct schema schema;
    switch (schema_compile(slice_of(input_schema), pool, &schema)) {
    case SCHEMA_COMPILED:
        return validate(pool, &schema, arguments);
    case SCHEMA_BROKEN:
        return STR("- the tool's input schema cannot be used");
    case SCHEMA_NO_MEMORY:
        break;
    }
    arena_exhausted();
}
