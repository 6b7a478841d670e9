/*
 * Names of secrets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/secret_name.h"

/* Schemes whose names come to the same have numbers, from the second one on. */
static struct str numbered(const struct lowering *lowering, const struct security_scheme *scheme,
                           struct str name)
{
    const struct security_scheme *schemes = lowering->api->schemes;
    struct str own = lowering_variable(lowering->arena, scheme->name);
    uint32_t same = 1;
    for (uint32_t i = 0; i < lowering->api->scheme_count && &schemes[i] != scheme; i++)
        same += str_equal(lowering_variable(lowering->arena, schemes[i].name), own);
    return same == 1 ? name : str_format(lowering->arena, "%.*s_%u", STR_ARG(name), same);
}

static struct str with_end(const struct lowering *lowering, const struct security_scheme *scheme,
                           const char *end)
{
    struct str name = lowering_variable(lowering->arena, scheme->name);
    return str_format(lowering->arena, "%.*s%s", STR_ARG(name), end);
}

struct str secret_name(const struct lowering *lowering, const struct security_scheme *scheme,
                       const char *end)
{
    return numbered(lowering, scheme, with_end(lowering, scheme, end));
}

struct str secret_name_short(const struct lowering *lowering, const struct security_scheme *scheme,
                             const char *end)
{
    struct str name = lowering_variable(lowering->arena, scheme->name);
    /* BACKEND_API_TOKEN is everybody's */
    bool is_whole = str_ends(name, end) && !str_is(name, "BACKEND_API_TOKEN");
    return numbered(lowering, scheme, is_whole ? name : with_end(lowering, scheme, end));
}
