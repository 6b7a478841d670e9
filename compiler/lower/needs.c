/*
 * Security to needs: alternatives are OR, schemes in one are AND, their scopes are required. Where
 * some alternatives carry scopes and others none, the latter are between server and backend and do
 * not open the tool. An alternative without any requirement makes the operation public.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/needs.h"

#include "compiler/policy/value.h"

bool needs_has_scopes(const struct security_scheme *scheme)
{
    return scheme->kind == SCHEME_OAUTH2 || scheme->kind == SCHEME_OPENID_CONNECT ||
           scheme->kind == SCHEME_BEARER;
}

/* ---- conditions, counting their nodes ---- */

struct maker {
    struct arena *arena;
    uint32_t count;
};

static const struct condition *make(struct maker *maker, struct condition condition)
{
    struct condition *node = arena_new(maker->arena, struct condition);
    *node = condition;
    maker->count++;
    return node;
}

static const struct condition *join(struct maker *maker, enum condition_kind kind,
                                    const struct condition *left, const struct condition *right)
{
    if (!left || !right)
        return left ? left : right;
    return make(maker,
                (struct condition){.kind = kind, .span = left->span, .left = left, .right = right});
}

/* ---- one alternative ---- */

static bool holds_before(const struct security_set *set, uint32_t requirement, uint32_t scope)
{
    struct str wanted = set->requirements[requirement].scopes[scope];
    for (uint32_t i = 0; i <= requirement; i++) {
        const struct requirement *earlier = &set->requirements[i];
        uint32_t end = i == requirement ? scope : earlier->scope_count;
        for (uint32_t at = 0; needs_has_scopes(earlier->scheme) && at < end; at++)
            if (str_equal(earlier->scopes[at], wanted))
                return true;
    }
    return false;
}

/* All scopes of the alternative together; NULL when it names none. */
static const struct condition *alternative(struct maker *maker, const struct security_set *set)
{
    const struct condition *all = NULL;
    for (uint32_t i = 0; i < set->requirement_count; i++) {
        const struct requirement *requirement = &set->requirements[i];
        if (!needs_has_scopes(requirement->scheme))
            continue;
        for (uint32_t at = 0; at < requirement->scope_count; at++) {
            if (maker->count > CONDITION_NODE_MAX)
                return all; /* too long in any case */
            if (holds_before(set, i, at))
                continue;
            struct word word = {requirement->scopes[at], requirement->span, true};
            all = join(maker, CONDITION_AND, all,
                       make(maker, (struct condition){.kind = CONDITION_SCOPE,
                                                      .span = requirement->span,
                                                      .word = word}));
        }
    }
    return all;
}

static bool has_bad_scope(const struct operation *operation)
{
    for (uint32_t i = 0; i < operation->security_count; i++) {
        const struct security_set *set = &operation->security[i];
        for (uint32_t at = 0; at < set->requirement_count; at++) {
            const struct requirement *requirement = &set->requirements[at];
            for (uint32_t scope = 0; scope < requirement->scope_count; scope++)
                if (needs_has_scopes(requirement->scheme) &&
                    value_scope_problem(requirement->scopes[scope]))
                    return true;
        }
    }
    return false;
}

static void add_ignored(struct str_builder *ignored, const struct security_set *set)
{
    for (uint32_t i = 0; i < set->requirement_count; i++) {
        str_add_text(ignored, i > 0 ? " and " : ignored->len ? " or " : "");
        str_add(ignored, set->requirements[i].scheme->name);
    }
}

/* ---- all alternatives ---- */

static bool are_same(const struct condition *a, const struct condition *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == CONDITION_SCOPE)
        return str_equal(a->word.text, b->word.text);
    return !a->left || (are_same(a->left, b->left) && are_same(a->right, b->right));
}

/* Whether one of the alternatives joined so far is the same. */
static bool is_among(const struct condition *joined, const struct condition *wanted)
{
    while (joined && joined->kind == CONDITION_OR) {
        if (are_same(joined->right, wanted))
            return true;
        joined = joined->left;
    }
    return joined && are_same(joined, wanted);
}

static struct lowered_needs join_alternatives(const struct operation *operation,
                                              struct maker *maker)
{
    const struct condition *any = NULL;
    struct str_builder ignored = {.arena = maker->arena};
    for (uint32_t i = 0; i < operation->security_count; i++) {
        const struct condition *one = alternative(maker, &operation->security[i]);
        if (!one)
            add_ignored(&ignored, &operation->security[i]);
        else if (!is_among(any, one))
            any = join(maker, CONDITION_OR, any, one);
        if (maker->count > CONDITION_NODE_MAX)
            return (struct lowered_needs){.problem = "its security is too long to be expressed"};
    }
    if (any)
        return (struct lowered_needs){.condition = any, .ignored = str_built(&ignored)};
    return (struct lowered_needs){
        .condition = make(maker, (struct condition){CONDITION_TOKEN, .span = operation->span})};
}

/* OpenAPI 3.1, "Security Requirement Object": other kinds of schemes may list roles, which are not
 * exchanged in band, so no token says anything about them. */
static struct str role_scheme(const struct operation *operation)
{
    for (uint32_t i = 0; i < operation->security_count; i++) {
        const struct security_set *set = &operation->security[i];
        for (uint32_t at = 0; at < set->requirement_count; at++)
            if (set->requirements[at].scope_count &&
                !needs_has_scopes(set->requirements[at].scheme))
                return set->requirements[at].scheme->name;
    }
    return (struct str){0};
}

static bool is_public(const struct operation *operation)
{
    for (uint32_t i = 0; i < operation->security_count; i++)
        if (operation->security[i].requirement_count == 0)
            return true;
    return operation->security_count == 0;
}

struct lowered_needs needs_lower(const struct operation *operation, struct arena *arena)
{
    struct maker maker = {.arena = arena};
    if (operation->is_inexpressible)
        return (struct lowered_needs){.problem = "its security cannot be expressed"};
    if (is_public(operation))
        return (struct lowered_needs){
            .condition =
                make(&maker, (struct condition){CONDITION_NOTHING, .span = operation->span})};
    if (has_bad_scope(operation))
        return (struct lowered_needs){.problem = "it needs a scope that no token can carry"};
    struct lowered_needs needs = join_alternatives(operation, &maker);
    needs.role_scheme = role_scheme(operation);
    return needs;
}
