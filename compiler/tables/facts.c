/*
 * Facts and sets of facts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/facts.h"

bool fact_set_covers(const uint64_t *set, const uint64_t *part, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++)
        if (part[i] & ~set[i])
            return false;
    return true;
}

uint32_t fact_set_size(const uint64_t *set, uint32_t words)
{
    uint32_t size = 0;
    for (uint32_t i = 0; i < words; i++)
        size += (uint32_t)__builtin_popcountll(set[i]);
    return size;
}

static const char *name_of(const struct atoms *atoms, uint32_t index, struct arena *arena)
{
    const struct atom *atom = &atoms->at[index];
    switch (atom->kind) {
    case ATOM_TOKEN:
        return "token";
    case ATOM_SCOPE:
        return str_text(arena, atoms->policy->scopes[atom->index].name);
    case ATOM_ROLE:
        return str_text(arena, atoms->policy->roles[atom->index].name);
    case ATOM_VERIFIER:
    case ATOM_TRANSPORT:
        return str_text(arena, atom->test->word.text);
    case ATOM_CLAIM:
    case ATOM_ARGUMENT:
        break;
    }
    return str_text(arena, atom_text(atoms, index, arena));
}

static void add_implied(const struct atoms *atoms, uint32_t index, uint64_t *implies)
{
    const struct atom *atom = &atoms->at[index];
    fact_set_add(implies, index);
    if (atom->kind != ATOM_SCOPE)
        return;
    const struct scope *scope = &atoms->policy->scopes[atom->index];
    fact_set_add(implies, ATOM_OF_TOKEN); /* only a token carries scopes */
    for (uint32_t i = 0; i < scope->implies_count; i++)
        fact_set_add(implies, atoms_of_scope(scope->implies[i]));
}

void facts_build(const struct atoms *atoms, uint32_t test_first, struct arena *arena,
                 struct facts *out)
{
    static const enum mcpp_fact_kind kinds[] = {
        [ATOM_TOKEN] = MCPP_FACT_TOKEN,         [ATOM_SCOPE] = MCPP_FACT_SCOPE,
        [ATOM_ROLE] = MCPP_FACT_ROLE,           [ATOM_VERIFIER] = MCPP_FACT_VERIFIER,
        [ATOM_TRANSPORT] = MCPP_FACT_TRANSPORT, [ATOM_CLAIM] = MCPP_FACT_CLAIM};
    uint32_t count = atoms->fact_count, words = (count + 63) / 64;
    struct mcpp_fact *facts = arena_array(arena, count, sizeof *facts);
    uint64_t *sets = arena_array(arena, (size_t)count * words, sizeof *sets);
    for (uint32_t i = 0; i < count; i++) {
        const struct atom *atom = &atoms->at[i];
        uint64_t *implies = sets + (size_t)i * words;
        add_implied(atoms, i, implies);
        facts[i] = (struct mcpp_fact){
            .kind = kinds[atom->kind],
            .name = name_of(atoms, i, arena),
            .description = atom->kind == ATOM_SCOPE
                               ? str_text(arena, atoms->policy->scopes[atom->index].description)
                               : "",
            .implies = implies,
            .test = atom->kind == ATOM_CLAIM ? test_first++ : 0};
    }
    *out = (struct facts){atoms, facts, count, words};
}

struct span fact_origin(const struct atoms *atoms, uint32_t fact)
{
    const struct atom *atom = &atoms->at[fact];
    if (atom->kind == ATOM_SCOPE)
        return atoms->policy->scopes[atom->index].origin;
    if (atom->kind == ATOM_ROLE)
        return atoms->policy->roles[atom->index].origin;
    return (struct span){0};
}
