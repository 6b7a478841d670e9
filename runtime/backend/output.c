/*
 * Validating results.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/output.h"

#include "runtime/backend/value.h"
#include "runtime/validate/schema_cache.h"
#include "runtime/validate/validate.h"

static const char cannot[] = "- it cannot be checked against the schema\n";

const char *output_problem(struct schema_cache *schemas, const struct mcpp_tool *tool,
                           struct slice structured, struct pool *pool)
{
    const struct schema *schema;
    struct value value;
    struct text problems = {.pool = pool};
    if (!tool->validate_output)
        return NULL;
    if (schema_cache_get_output(schemas, tool, &schema) != SCHEMA_COMPILED ||
        !value_scan(structured, JSON_DEPTH_CEILING, pool, &value))
        return cannot;
    const struct instance instance = {value.text, value.tape->nodes, value.node};
    switch (validate_value(schema, &instance, pool, &problems)) {
    case VALIDATE_FITS:
        return NULL;
    case VALIDATE_DIFFERS:
        text_add_byte(&problems, '\0');
        return problems.failed ? cannot : problems.at;
    case VALIDATE_TOO_DEEP:
    case VALIDATE_TOO_COSTLY:
    case VALIDATE_NO_MEMORY:
        break;
    }
    return cannot;
}
