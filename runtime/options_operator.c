/*
 * Reading what is left to the operator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/options_operator.h"

#include <mcpp/policy.h>

#include "grammar/json.h"
#include "runtime/memory/pool.h"

static bool is_known(const struct mcpp_policy *policy, enum mcpp_fact_kind kind, struct slice name)
{
    for (uint32_t i = 0; i < policy->fact_count; i++)
        if (policy->facts[i].kind == kind && slice_is(name, policy->facts[i].name))
            return true;
    return false;
}

/* Words between spaces and commas. */
static bool read_names(struct reading *reading, const struct mcpp_policy *policy,
                       enum mcpp_fact_kind kind, const char *text, const char *const **names,
                       uint32_t *count)
{
    const char *noun = kind == MCPP_FACT_SCOPE ? "scope" : "role";
    struct pool *pool = reading->out->memory;
    const char **all = pool_zero(pool, (strlen(text) / 2 + 2) * sizeof *all);
    while (all && *text) {
        struct slice name = {text, strcspn(text, " ,")};
        text += name.len + (text[name.len] != '\0');
        if (!name.len)
            continue;
        if (!is_known(policy, kind, name))
            return options_fail(reading, "as-%ss: the policy knows no %s '%.*s'", noun, noun,
                                SLICE_ARG(name));
        all[*count] = pool_text(pool, name);
        if (!all[(*count)++])
            return options_fail(reading, "out of memory");
    }
    *names = all;
    return all || options_fail(reading, "out of memory");
}

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = pool_alloc(context, new_size);
    if (larger && old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

/* JSON as it is; anything else is a string. */
static const char *json_of(struct pool *pool, const char *value)
{
    struct json_tape tape = {.depth_max = JSON_DEPTH_CEILING,
                             .node_max = UINT32_MAX,
                             .grow = grow_nodes,
                             .context = pool};
    struct text out = {.pool = pool};
    if (json_scan(value, strlen(value), &tape, NULL) == JSON_OK)
        return value;
    text_add_json(&out, slice_of(value));
    text_add_byte(&out, '\0');
    return out.failed ? NULL : out.at;
}

static bool read_claim(struct reading *reading, const struct mcpp_policy *policy, const char *text,
                       struct mcpp_operator_claim *out)
{
    const char *equals = strchr(text, '=');
    struct slice path = {text, equals ? (size_t)(equals - text) : 0};
    if (!path.len)
        return options_fail(reading, "as-claim: '%.200s' is not NAME=VALUE", text);
    for (uint32_t i = 0; i < policy->claim_count; i++)
        if (slice_is(path, policy->claims[i].path)) {
            *out = (struct mcpp_operator_claim){policy->claims[i].path,
                                                json_of(reading->out->memory, equals + 1)};
            return out->value || options_fail(reading, "out of memory");
        }
    return options_fail(reading, "as-claim: the policy looks at no claim '%.*s'", SLICE_ARG(path));
}

static bool read_claims(struct reading *reading, const struct mcpp_policy *policy,
                        const char *const *texts, struct mcpp_operator *out)
{
    uint32_t count = 0;
    while (texts[count])
        count++;
    struct mcpp_operator_claim *claims = pool_zero(reading->out->memory, count * sizeof *claims);
    for (uint32_t i = 0; claims && i < count; i++)
        if (!read_claim(reading, policy, texts[i], &claims[i]))
            return false;
    out->claims = claims;
    out->claim_count = count;
    return claims || options_fail(reading, "out of memory");
}

bool options_narrow_operator(struct reading *reading, const struct mcpp_policy *policy)
{
    struct options *options = reading->out;
    const char *given = options->as_scopes   ? "as-scopes"
                        : options->as_roles  ? "as-roles"
                        : options->as_claims ? "as-claim"
                                             : NULL;
    if (!given)
        return true;
    if (options->validate_tokens)
        return options_fail(reading, "option '--%s' has no effect with '--validate-tokens'", given);
    struct mcpp_operator *out = pool_zero(options->memory, sizeof *out);
    if (!out)
        return options_fail(reading, "out of memory");
    options->narrowed = out;
    return (!options->as_scopes || read_names(reading, policy, MCPP_FACT_SCOPE, options->as_scopes,
                                              &out->scopes, &out->scope_count)) &&
           (!options->as_roles || read_names(reading, policy, MCPP_FACT_ROLE, options->as_roles,
                                             &out->roles, &out->role_count)) &&
           (!options->as_claims || read_claims(reading, policy, options->as_claims, out));
}
