/*
 * Random policies over one small API, as lists of lines so that a failing one can be made smaller.
 * The arguments have no types, so that every comparison is possible.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UNIT_RANDOM_POLICY_H
#define UNIT_RANDOM_POLICY_H

#include "compiler/logic/trial.h"

enum {
    RANDOM_TOOLS = 5,
    RANDOM_SCOPES = 5,
    RANDOM_ROLES = 4,
    RANDOM_LINES_MAX = 64,
};

struct random_policy {
    struct arena *arena;
    struct random *random;
    const char *lines[RANDOM_LINES_MAX];
    unsigned count;
};

/* What a condition may speak about. */
enum random_view { RANDOM_GRANT, RANDOM_ROLE, RANDOM_CALLER, RANDOM_CALL };

static inline const char *random_api(void)
{
    return "openapi: 3.1.0\n"
           "info: {title: Random, version: '1'}\n"
           "servers: [{url: 'https://api.example'}]\n"
           "paths:\n"
           "  /t0: {post: &post {requestBody: {content: {application/json: {schema: {type: object, "
           "properties: {a: {}, b: {}, c: {}, f: {}, o: {}}}}}}}}\n"
           "  /t1: {post: *post}\n"
           "  /t2: {post: *post}\n"
           "  /t3: {post: *post}\n"
           "  /t4: {post: *post}\n";
}

static inline uint32_t random_pick(struct random_policy *policy, uint32_t bound)
{
    return random_below(policy->random, bound);
}

#define RANDOM_FORMAT(policy, ...) (str_format((policy)->arena, __VA_ARGS__).at)

static inline const char *random_literal(struct random_policy *policy)
{
    static const char *const literals[] = {"\"x\"", "\"ab\"", "\"\"",  "\"alice\"", "\"\xc3\xa9\"",
                                           "7",     "100",    "-1.5",  "1e2",       "0",
                                           "true",  "false",  "\"7\"", "100.50"};
    return literals[random_pick(policy, 14)];
}

/* A test after `claim "p"` or `arg q`. */
static inline const char *random_test(struct random_policy *policy)
{
    static const char *const orders[] = {"<", "<=", ">", ">="}, *const numbers[] = {"7", "100",
                                                                                    "-1.5", "1e2"};
    static const char *const globs[] = {"\"a*\"", "\"*\"", "\"*b\"", "\"a*b*\"", "\"ab\""};
    switch (random_pick(policy, 7)) {
    case 0:
        return RANDOM_FORMAT(policy, "!= %s", random_literal(policy));
    case 1:
        return RANDOM_FORMAT(policy, "%s %s", orders[random_pick(policy, 4)],
                             numbers[random_pick(policy, 4)]);
    case 2:
        return RANDOM_FORMAT(policy, "contains %s", random_literal(policy));
    case 3:
        return "exists";
    case 4:
        return RANDOM_FORMAT(policy, "in { %s, %s }", random_literal(policy),
                             random_literal(policy));
    case 5:
        return RANDOM_FORMAT(policy, "matches %s", globs[random_pick(policy, 5)]);
    default:
        return RANDOM_FORMAT(policy, "== %s", random_literal(policy));
    }
}

static inline const char *random_claim(struct random_policy *policy)
{
    static const char *const claims[] = {"sub", "tier", "org.id", "org.name", "x:y.z", "level"};
    return claims[random_pick(policy, 6)];
}

static inline const char *random_argument(struct random_policy *policy)
{
    static const char *const arguments[] = {"a", "b", "c", "o.p", "o.q.r"};
    return arguments[random_pick(policy, 5)];
}

static inline const char *random_call_atom(struct random_policy *policy)
{
    const char *sign = random_pick(policy, 3) ? "==" : "!=";
    if (random_pick(policy, 3))
        return RANDOM_FORMAT(policy, "arg %s %s", random_argument(policy), random_test(policy));
    return random_pick(policy, 2)
               ? RANDOM_FORMAT(policy, "claim \"%s\" %s arg %s", random_claim(policy), sign,
                               random_argument(policy))
               : RANDOM_FORMAT(policy, "arg %s %s claim \"%s\"", random_argument(policy), sign,
                               random_claim(policy));
}

/* Roles look at roles before them, grants at none, so that there is no circle. */
static inline const char *random_atom(struct random_policy *policy, enum random_view view,
                                      unsigned roles)
{
    if (view == RANDOM_CALL && random_pick(policy, 2))
        return random_call_atom(policy);
    switch (random_pick(policy, 7)) {
    case 0:
        return "token";
    case 1:
        return RANDOM_FORMAT(policy, "verifier v%u", random_pick(policy, 2));
    case 2:
        return random_pick(policy, 2) ? "transport http" : "transport stdio";
    case 3:
        if (view != RANDOM_GRANT)
            return RANDOM_FORMAT(policy, "scope \"s%u\"", random_pick(policy, RANDOM_SCOPES));
        break;
    case 4:
        if (roles)
            return RANDOM_FORMAT(policy, "role r%u", random_pick(policy, roles));
        break;
    default:
        break;
    }
    return RANDOM_FORMAT(policy, "claim \"%s\" %s", random_claim(policy), random_test(policy));
}

static inline const char *random_condition(struct random_policy *policy, enum random_view view,
                                           unsigned roles, unsigned depth)
{
    uint32_t form = depth ? random_pick(policy, 6) : 5;
    if (form == 0)
        return RANDOM_FORMAT(policy, "not (%s)", random_condition(policy, view, roles, depth - 1));
    if (form < 3)
        return RANDOM_FORMAT(
            policy, "(%s) %s (%s)", random_condition(policy, view, roles, depth - 1),
            form == 1 ? "and" : "or", random_condition(policy, view, roles, depth - 1));
    return random_atom(policy, view, roles);
}

static inline const char *random_guard(struct random_policy *policy, enum random_view view,
                                       unsigned roles, bool needs_when)
{
    bool has_when = needs_when || random_pick(policy, 3), has_unless = random_pick(policy, 3) == 0;
    const char *when =
        has_when ? RANDOM_FORMAT(policy, " when %s", random_condition(policy, view, roles, 2)) : "";
    const char *unless =
        has_unless ? RANDOM_FORMAT(policy, " unless %s", random_condition(policy, view, roles, 1))
                   : "";
    return RANDOM_FORMAT(policy, "%s%s", when, unless);
}

static inline void random_add(struct random_policy *policy, const char *line)
{
    if (policy->count < RANDOM_LINES_MAX)
        policy->lines[policy->count++] = line;
}

static inline const char *random_needs(struct random_policy *policy, unsigned depth)
{
    uint32_t form = depth ? random_pick(policy, 5) : 4;
    if (form < 2)
        return RANDOM_FORMAT(policy, "(%s) %s (%s)", random_needs(policy, depth - 1),
                             form ? "and" : "or", random_needs(policy, depth - 1));
    switch (random_pick(policy, 6)) {
    case 0:
        return "token";
    case 1:
        return RANDOM_FORMAT(policy, "role r%u", random_pick(policy, RANDOM_ROLES));
    default:
        return RANDOM_FORMAT(policy, "scope \"s%u\"", random_pick(policy, RANDOM_SCOPES));
    }
}

static inline void random_add_names(struct random_policy *policy)
{
    for (unsigned i = 0; i < RANDOM_SCOPES; i++) {
        const char *implies =
            i && random_pick(policy, 2)
                ? RANDOM_FORMAT(policy, " implies \"s%u\"", random_pick(policy, i))
                : "";
        const char *granted =
            random_pick(policy, 4)
                ? ""
                : RANDOM_FORMAT(policy, " granted%s", random_guard(policy, RANDOM_GRANT, 0, true));
        random_add(policy, RANDOM_FORMAT(policy, "scope \"s%u\"%s%s", i, implies, granted));
    }
    for (unsigned i = 0; i < RANDOM_ROLES; i++)
        random_add(policy,
                   RANDOM_FORMAT(policy, "role r%u%s", i,
                                 random_pick(policy, 4) ? random_guard(policy, RANDOM_ROLE, i, true)
                                                        : ""));
}

static inline void random_add_rule(struct random_policy *policy)
{
    uint32_t kind = random_pick(policy, 6), first = random_pick(policy, RANDOM_TOOLS);
    const char *tools = random_pick(policy, 6) == 0 ? "*"
                        : random_pick(policy, 2)
                            ? RANDOM_FORMAT(policy, "t%u", first)
                            : RANDOM_FORMAT(policy, "t%u, t%u", first, (first + 1) % RANDOM_TOOLS);
    enum random_view view = random_pick(policy, 2) ? RANDOM_CALL : RANDOM_CALLER;
    if (kind == 0)
        random_add(policy, RANDOM_FORMAT(policy, "hide %s%s", tools,
                                         random_guard(policy, RANDOM_CALLER, RANDOM_ROLES, true)));
    else if (kind < 4)
        random_add(policy, RANDOM_FORMAT(policy, "deny %s%s", tools,
                                         random_guard(policy, view, RANDOM_ROLES,
                                                      random_pick(policy, 8) > 0)));
    else
        random_add(policy, RANDOM_FORMAT(policy, "allow only %s%s", tools,
                                         random_guard(policy, view, RANDOM_ROLES, true)));
}

static inline void random_policy_make(struct random_policy *policy)
{
    policy->count = 0;
    random_add_names(policy);
    for (unsigned i = 0; i < RANDOM_TOOLS; i++)
        random_add(policy,
                   RANDOM_FORMAT(policy, "tool t%u POST /t%u needs %s", i, i,
                                 random_pick(policy, 3) ? random_needs(policy, 2) : "nothing"));
    for (uint32_t i = random_pick(policy, 10); i > 0; i--)
        random_add_rule(policy);
    if (random_pick(policy, 3) == 0)
        random_add(policy, RANDOM_FORMAT(policy, "fill t%u.f from claim \"%s\"",
                                         random_pick(policy, RANDOM_TOOLS), random_claim(policy)));
}

static inline struct str random_policy_text(const struct random_policy *policy, uint64_t kept)
{
    struct str_builder out = {.arena = policy->arena};
    str_add_text(&out, "mcpp 1\napi \"api.yaml\"\n");
    for (unsigned i = 0; i < 2; i++)
        str_add_format(&out,
                       "verifier v%u jwt {\n\tissuer \"https://v%u.example\"\n\taudience "
                       "\"a\"\n\troles claim \"r\"\n}\n",
                       i, i);
    str_add_text(&out, "accept v0, v1\n");
    for (unsigned i = 0; i < policy->count; i++)
        if (kept >> i & 1)
            str_add_format(&out, "%s\n", policy->lines[i]);
    return str_built(&out);
}

#endif
