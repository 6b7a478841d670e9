/*
 * Scopes of a policy: their names, and what follows from holding one (`implies`, transitively).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/checker.h"

#include <string.h>

#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

/* RFC 6749, section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) */
static bool is_scope_token(struct str scope)
{
    for (size_t i = 0; i < scope.len; i++) {
        unsigned char byte = (unsigned char)scope.at[i];
        if (byte <= 0x20 || byte == '"' || byte == '\\' || byte >= 0x7f)
            return false;
    }
    return true;
}

static void check_scope_name(struct checker *checker, struct word name)
{
    const char *problem = value_scope_problem(name.text);
    if (problem)
        diag_error(checker->diags, "bad-scope", name.span, "%s could never stand in a token",
                   problem);
    else if (!is_scope_token(name.text))
        diag_warning(checker->diags, "odd-scope", name.span,
                     "a scope with characters that OAuth 2.0 does not allow in one");
}

/* ---- implication ---- */

struct closure {
    const struct scope *direct; /* implies: what the statement says */
    uint32_t *pending;
    bool *is_reached;
    uint32_t count;
};

static void reach(struct closure *closure, uint32_t *pending_count, uint32_t scope)
{
    if (!closure->is_reached[scope]) {
        closure->is_reached[scope] = true;
        closure->pending[(*pending_count)++] = scope;
    }
}

/* All scopes that follow from one, itself included, ascending. Circles are allowed: they make the
 * scopes in them equal. */
static void close_scope(struct closure *closure, struct arena *arena, struct scope *scope,
                        uint32_t index)
{
    uint32_t pending_count = 0, found = 0;
    memset(closure->is_reached, 0, closure->count * sizeof *closure->is_reached);
    reach(closure, &pending_count, index);
    while (pending_count > 0) {
        const struct scope *next = &closure->direct[closure->pending[--pending_count]];
        found++;
        for (uint32_t i = 0; i < next->implies_count; i++)
            reach(closure, &pending_count, next->implies[i]);
    }
    uint32_t *implies = arena_array(arena, found, sizeof *implies);
    for (uint32_t i = 0, at = 0; i < closure->count; i++)
        if (closure->is_reached[i])
            implies[at++] = i;
    scope->implies = implies;
    scope->implies_count = found;
}

static void close_scopes(struct checker *checker, const struct scope *direct, uint32_t count)
{
    struct arena *arena = checker->arena;
    struct scope *scopes = arena_array(arena, count, sizeof *scopes);
    struct closure closure = {.direct = direct,
                              .pending = arena_array(arena, count, sizeof(uint32_t)),
                              .is_reached = arena_array(arena, count, sizeof(bool)),
                              .count = count};
    for (uint32_t i = 0; i < count; i++) {
        scopes[i] = direct[i];
        close_scope(&closure, arena, &scopes[i], i);
        map_add(&checker->policy->scope_index, scopes[i].name, &scopes[i]);
    }
    checker->policy->scopes = scopes;
    checker->policy->scope_count = count;
}

/* ---- declarations ---- */

static void read_scope(struct checker *checker, const struct statement *statement,
                       struct scope *scope)
{
    check_scope_name(checker, statement->name);
    uint32_t *implies = arena_array(checker->arena, statement->list.count, sizeof *implies);
    uint32_t count = 0;
    for (uint32_t i = 0; i < statement->list.count; i++) {
        const struct declared *implied =
            resolve_name(&checker->names, NAME_SCOPE, statement->list.at[i]);
        if (implied)
            implies[count++] = implied->index;
    }
    *scope = (struct scope){.name = statement->name.text,
                            .description = statement->description.text,
                            .implies = implies,
                            .implies_count = count,
                            .granted = statement->guard,
                            .origin = statement->span};
}

void check_scopes(struct checker *checker)
{
    uint32_t count = (uint32_t)checker->names.names[NAME_SCOPE].all.count;
    struct scope *direct = arena_array(checker->arena, count, sizeof *direct);
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_SCOPE))) {
        const struct declared *declared =
            map_get(&checker->names.names[NAME_SCOPE].declared, statement->name.text);
        if (declared->statement == statement)
            read_scope(checker, statement, &direct[declared->index]);
    }
    close_scopes(checker, direct, count);
}
