/*
 * Collecting facts. What the token says comes first, then what follows from it: implied scopes at
 * once, derived facts in the order of the table, each of which stands behind all that it looks at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/decide/facts.h"

#include "runtime/decide/walk.h"

struct collecting {
    const struct fact_index *index;
    const struct mcpp_policy *policy;
    struct pool *pool;
    uint64_t *facts;
    struct caller_claim *claims;
};

static bool start(struct collecting *collecting, const struct fact_index *index, struct pool *pool)
{
    const struct mcpp_policy *policy = index->policy;
    *collecting = (struct collecting){
        .index = index,
        .policy = policy,
        .pool = pool,
        .facts = pool_zero(pool, (policy->fact_words + 1) * sizeof *collecting->facts),
        .claims = pool_zero(pool, (policy->claim_count + 1) * sizeof *collecting->claims)};
    return collecting->facts && collecting->claims;
}

static void add_fact(struct collecting *collecting, uint32_t fact)
{
    const struct mcpp_policy *policy = collecting->policy;
    for (uint32_t i = 0; fact != MCPP_NONE && i < policy->fact_words; i++)
        collecting->facts[i] |= policy->facts[fact].implies[i];
}

/* The facts of a kind, with this name; NULL: any. */
static void add_facts(struct collecting *collecting, enum mcpp_fact_kind kind, const char *name)
{
    const struct mcpp_policy *policy = collecting->policy;
    for (uint32_t i = 0; i < policy->fact_count; i++)
        if (policy->facts[i].kind == kind && (!name || strcmp(policy->facts[i].name, name) == 0))
            add_fact(collecting, i);
}

static void add_derived(struct collecting *collecting)
{
    const struct mcpp_policy *policy = collecting->policy;
    for (uint32_t i = 0; i < policy->derived_count; i++) {
        const struct mcpp_derived *derived = &policy->derived[i];
        if (walk_facts(policy, derived->root, collecting->facts) == MCPP_HOLDS)
            add_fact(collecting, derived->fact);
    }
}

static void finish(struct collecting *collecting, enum caller_kind kind, struct caller *out)
{
    add_facts(collecting, MCPP_FACT_TRANSPORT, collecting->index->transport);
    add_derived(collecting);
    out->kind = kind;
    out->facts = collecting->facts;
    out->claims = collecting->claims;
}

/* ---- scopes and roles ---- */

static void add_words(struct collecting *collecting, enum mcpp_fact_kind kind, struct slice words)
{
    const char *end = words.at + words.len;
    for (const char *at = words.at; at < end;) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        const char *stop = space ? space : end;
        struct slice word = {at, (size_t)(stop - at)};
        add_fact(collecting, fact_index_find(collecting->index, kind, word));
        at = stop + 1;
    }
}

/* The characters of a string, in the text itself or in the pool. */
static bool characters_of(struct collecting *collecting, const struct json_place *string,
                          struct slice *out)
{
    const struct json_node *node = &string->nodes[string->node];
    *out = (struct slice){string->text + node->start + 1, node->end - node->start - 2};
    if (!node->has_escapes)
        return true;
    char *copy = pool_alloc(collecting->pool, out->len + 1);
    if (!copy)
        return false;
    *out = (struct slice){copy, json_unescape(string->text, node, copy)};
    return true;
}

static bool is_array_of_strings(const struct json_place *value)
{
    const struct json_node *nodes = value->nodes;
    if (nodes[value->node].kind != JSON_ARRAY)
        return false;
    for (uint32_t at = value->node + 1; at < nodes[value->node].next; at = nodes[at].next)
        if (nodes[at].kind != JSON_STRING)
            return false;
    return true;
}

/* Words of a string (RFC 6749, section 3.3), or an array of nothing but strings. Anything else
 * lists nothing. */
static bool add_listed(struct collecting *collecting, enum mcpp_fact_kind kind,
                       const struct json_place *claims, const char *path)
{
    struct slice text;
    uint32_t node = path && path[0] ? facts_find_claim(claims, path) : 0;
    struct json_place value = {claims->text, claims->nodes, node};
    if (!node)
        return true;
    if (value.nodes[node].kind == JSON_STRING) {
        if (!characters_of(collecting, &value, &text))
            return false;
        add_words(collecting, kind, text);
        return true;
    }
    if (!is_array_of_strings(&value))
        return true;
    for (uint32_t at = node + 1; at < value.nodes[node].next; at = value.nodes[at].next) {
        struct json_place item = {claims->text, claims->nodes, at};
        if (!characters_of(collecting, &item, &text))
            return false;
        add_fact(collecting, fact_index_find(collecting->index, kind, text));
    }
    return true;
}

/* ---- claims ---- */

uint32_t facts_find_claim(const struct json_place *claims, const char *path)
{
    struct json_place place = *claims;
    if (strchr(path, ':'))
        return json_place_member(&place, slice_of(path));
    for (;;) {
        const char *dot = strchr(path, '.');
        struct slice name = {path, dot ? (size_t)(dot - path) : strlen(path)};
        place.node = json_place_member(&place, name);
        if (!place.node || !dot)
            return place.node;
        path = dot + 1;
    }
}

/* Keeps a claim's value and adds the facts that it makes true. */
static bool add_claim(struct collecting *collecting, uint32_t claim, const struct json_place *value)
{
    const struct mcpp_policy *policy = collecting->policy;
    const struct json_node *node = &value->nodes[value->node];
    struct slice text = {value->text + node->start, node->end - node->start};
    if (node->kind == JSON_STRING && !characters_of(collecting, value, &text))
        return false;
    /* the token's own memory serves the next token */
    char *copy = pool_text(collecting->pool, text);
    if (!copy)
        return false;
    collecting->claims[claim] = (struct caller_claim){(enum json_kind)node->kind, {copy, text.len}};
    for (uint32_t i = 0; i < policy->fact_count; i++)
        if (policy->facts[i].kind == MCPP_FACT_CLAIM &&
            policy->tests[policy->facts[i].test].claim == claim &&
            test_claim(&policy->tests[policy->facts[i].test], value))
            add_fact(collecting, i);
    return true;
}

static bool add_claims(struct collecting *collecting, const struct json_place *claims)
{
    for (uint32_t i = 0; i < collecting->policy->claim_count; i++) {
        uint32_t node = facts_find_claim(claims, collecting->policy->claims[i].path);
        struct json_place value = {claims->text, claims->nodes, node};
        if (node && !add_claim(collecting, i, &value))
            return false;
    }
    return true;
}

/* ---- callers ---- */

bool facts_of_token(const struct fact_index *index, const struct mcpp_verifier *verifier,
                    const struct json_place *claims, struct pool *pool, struct caller *out)
{
    struct collecting collecting;
    if (!start(&collecting, index, pool) ||
        !add_listed(&collecting, MCPP_FACT_SCOPE, claims, verifier->scope_claim) ||
        !add_listed(&collecting, MCPP_FACT_ROLE, claims, verifier->roles_claim) ||
        !add_claims(&collecting, claims))
        return false;
    add_facts(&collecting, MCPP_FACT_TOKEN, NULL);
    add_facts(&collecting, MCPP_FACT_VERIFIER, verifier->name);
    finish(&collecting, CALLER_VERIFIED, out);
    return true;
}

bool facts_of_nobody(const struct fact_index *index, struct pool *pool, struct caller *out)
{
    struct collecting collecting;
    if (!start(&collecting, index, pool))
        return false;
    finish(&collecting, CALLER_ANONYMOUS, out);
    return true;
}

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = pool_alloc(context, new_size);
    if (larger && old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

static bool add_given_claim(struct collecting *collecting, const struct mcpp_operator_claim *given)
{
    struct json_tape tape = {.depth_max = JSON_DEPTH_CEILING,
                             .node_max = UINT32_MAX,
                             .grow = grow_nodes,
                             .context = collecting->pool};
    if (json_scan(given->value, strlen(given->value), &tape, NULL) != JSON_OK)
        return false;
    struct json_place value = {given->value, tape.nodes, 0};
    for (uint32_t i = 0; i < collecting->policy->claim_count; i++)
        if (strcmp(collecting->policy->claims[i].path, given->path) == 0)
            return tape.nodes[0].kind == JSON_NULL || add_claim(collecting, i, &value);
    return true;
}

/* Scopes and roles by name, whether verifiers list them or conditions grant them. */
static void add_given(struct collecting *collecting, enum mcpp_fact_kind kind,
                      const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        add_facts(collecting, kind, names[i]);
}

bool facts_of_operator(const struct fact_index *index, const struct mcpp_operator *narrowed,
                       struct pool *pool, struct caller *out)
{
    struct collecting collecting;
    if (!start(&collecting, index, pool))
        return false;
    for (uint32_t i = 0; narrowed && i < narrowed->claim_count; i++)
        if (!add_given_claim(&collecting, &narrowed->claims[i]))
            return false;
    if (narrowed) {
        bool has_all = !narrowed->scope_count && !narrowed->role_count;
        add_facts(&collecting, MCPP_FACT_TOKEN, NULL);
        if (has_all) {
            add_facts(&collecting, MCPP_FACT_SCOPE, NULL);
            add_facts(&collecting, MCPP_FACT_ROLE, NULL);
        }
        add_given(&collecting, MCPP_FACT_SCOPE, narrowed->scopes, narrowed->scope_count);
        add_given(&collecting, MCPP_FACT_ROLE, narrowed->roles, narrowed->role_count);
    }
    finish(&collecting, narrowed ? CALLER_NARROWED : CALLER_OPERATOR, out);
    if (!narrowed) { /* no claims, no derived facts: `operator_decision` knows all but the transport
                      */
        memset(collecting.facts, 0, index->policy->fact_words * sizeof *collecting.facts);
        add_facts(&collecting, MCPP_FACT_TRANSPORT, index->transport);
    }
    return true;
}
