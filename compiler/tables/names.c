/*
 * Naming what is in the tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/names.h"

#include "compiler/tables/credentials.h"

enum { TEXT_MAX = 60, SELECTORS_MAX = 3 };

/* `quantity > 100` in words: "quantity above 100". */
static struct str in_words(struct str text, struct arena *arena)
{
    static const struct {
        const char *sign, *words;
    } signs[] = {{">=", " at least "}, {"<=", " at most "}, {"==", " is "},
                 {">", " above "},     {"<", " below "},    {"*", " any "}};
    struct str_builder out = {.arena = arena};
    while (text.len && out.len < TEXT_MAX) {
        size_t i = 0;
        while (i < sizeof signs / sizeof *signs && !str_starts(text, signs[i].sign))
            i++;
        bool is_sign = i < sizeof signs / sizeof *signs;
        if (is_sign)
            str_add_text(&out, signs[i].words);
        else
            str_add_byte(&out, text.at[0]);
        text = str_from(text, is_sign ? str_of(signs[i].sign).len : 1);
    }
    return str_built(&out);
}

static struct str name_test(struct c_names *names, struct arena *arena, const struct atoms *atoms,
                            uint32_t atom)
{
    struct str text = atom_text(atoms, atom, arena);
    if (atom >= atoms->fact_count)
        text = str_format(arena, "if %.*s",
                          STR_ARG(str_starts(text, "arg ") ? str_from(text, 4) : text));
    return c_name(names, in_words(text, arena), "TEST");
}

static struct str name_fact(struct c_names *names, struct arena *arena, const struct atoms *atoms,
                            uint32_t fact)
{
    const struct policy *policy = atoms->policy;
    const struct atom *atom = &atoms->at[fact];
    switch (atom->kind) {
    case ATOM_TOKEN:
        return c_name(names, STR("TOKEN"), "TOKEN");
    case ATOM_SCOPE:
        return c_name(names, policy->scopes[atom->index].name, "SCOPE");
    case ATOM_ROLE:
        return c_name(names, policy->roles[atom->index].name, "ROLE");
    default:
        return name_test(names, arena, atoms, fact);
    }
}

/* "deny placeOrder", "hide tagged admin and more". */
static struct str describe_rule(const struct rule *rule, struct arena *arena)
{
    static const char *const kinds[] = {
        [RULE_HIDE] = "hide", [RULE_DENY] = "deny", [RULE_ALLOW_ONLY] = "allow only"};
    static const char *const prefixes[] = {[SELECTOR_NAME] = "",
                                           [SELECTOR_TAGGED] = "tagged ",
                                           [SELECTOR_METHOD] = "method ",
                                           [SELECTOR_PATH] = "path ",
                                           [SELECTOR_ALL] = "all"};
    struct str_builder out = {.arena = arena};
    str_add_text(&out, kinds[rule->kind]);
    if (!rule->statement)
        return str_built(&out);
    const struct selectors *selectors = &rule->statement->selectors;
    for (uint32_t i = 0; i < selectors->count && i < SELECTORS_MAX; i++) {
        const struct selector *selector = &selectors->at[i];
        str_add_format(&out, " %s", prefixes[selector->kind]);
        if (selector->kind != SELECTOR_ALL)
            str_add(&out, selector->word.text);
    }
    str_add_text(&out, selectors->count > SELECTORS_MAX ? " and more" : "");
    return str_part(str_built(&out), 0, out.len < TEXT_MAX ? out.len : TEXT_MAX);
}

/* Nodes are named after what first leads to them: a derived fact or a tool. */
static const struct str *name_nodes(struct c_names *names, struct arena *arena,
                                    const struct tables *tables)
{
    const struct nodes *nodes = &tables->nodes;
    const struct policy *policy = tables->source;
    struct str *all = arena_array(arena, nodes->count, sizeof *all);
    uint32_t *numbers =
        arena_array(arena, policy->derivation_count + policy->tool_count, sizeof *numbers);
    for (uint32_t i = 0; i < nodes->count; i++) {
        uint32_t root = nodes->users[i], derived = policy->derivation_count;
        uint32_t user = root < derived ? root : derived + (root - derived) / TOOL_ROOTS;
        const struct derivation *of = &policy->derivations[root < derived ? root : 0];
        struct str name = root >= derived ? policy->tools[user - derived].name
                          : of->is_role   ? policy->roles[of->index].name
                                          : policy->scopes[of->index].name;
        all[i] =
            c_name(names, str_format(arena, "%.*s %u", STR_ARG(name), ++numbers[user]), "NODE");
    }
    return all;
}

static const struct str *name_verifiers(struct c_names *names, struct arena *arena,
                                        const struct policy *policy)
{
    struct str *all = arena_array(arena, policy->verifier_count, sizeof *all);
    for (uint32_t i = 0; i < policy->verifier_count; i++)
        all[i] = c_name(names, policy->verifiers[i].name, "VERIFIER");
    return all;
}

static const struct str *name_credentials(struct c_names *names, struct arena *arena,
                                          const struct policy *policy)
{
    struct str *all = arena_array(arena, policy->credential_count, sizeof *all);
    for (uint32_t i = 0; i < policy->credential_count; i++)
        all[i] = c_name(names, credential_title(policy, i), "CREDENTIAL");
    return all;
}

static const struct str *name_choices(struct c_names *names, struct arena *arena,
                                      const struct policy *policy)
{
    struct str *all = arena_array(arena, policy->send_count, sizeof *all);
    for (uint32_t i = 0; i < policy->send_count; i++)
        all[i] = c_name(names, choice_title(policy, i, arena), "SEND");
    return all;
}

static const struct str *name_tools(struct c_names *names, struct arena *arena,
                                    const struct policy *policy)
{
    struct str *all = arena_array(arena, policy->tool_count, sizeof *all);
    for (uint32_t i = 0; i < policy->tool_count; i++)
        all[i] = c_name(names, policy->tools[i].name, "TOOL");
    return all;
}

void names_give(struct c_names *names, struct arena *arena, struct tables *tables)
{
    const struct policy *policy = tables->source;
    const struct atoms *atoms = &tables->logic->atoms;
    struct str *claims = arena_array(arena, policy->claim_count, sizeof *claims);
    struct str *tests = arena_array(arena, tables->tests.count, sizeof *tests);
    struct str *facts = arena_array(arena, atoms->fact_count, sizeof *facts);
    struct str *rules = arena_array(arena, policy->rule_count, sizeof *rules);
    struct str *limits = arena_array(arena, policy->limit_count, sizeof *limits);
    for (uint32_t i = 0; i < atoms->fact_count; i++)
        facts[i] = name_fact(names, arena, atoms, i);
    tables->fact_identifiers = facts;
    tables->verifier_identifiers = name_verifiers(names, arena, policy);
    tables->credential_identifiers = name_credentials(names, arena, policy);
    tables->choice_identifiers = name_choices(names, arena, policy);
    tables->tool_identifiers = name_tools(names, arena, policy);
    for (uint32_t i = 0; i < policy->claim_count; i++)
        claims[i] = c_name(names, str_format(arena, "claim %.*s", STR_ARG(policy->claims[i].text)),
                           "CLAIM");
    tables->claim_identifiers = claims;
    for (uint32_t i = 0; i < tables->tests.count; i++) {
        uint32_t atom = tables->tests.atoms[i];
        tests[i] = atom < atoms->fact_count
                       ? c_name(names, str_format(arena, "if %.*s", STR_ARG(facts[atom])), "TEST")
                       : name_test(names, arena, atoms, atom);
    }
    tables->test_identifiers = tests;
    for (uint32_t i = 0; i < policy->rule_count; i++)
        rules[i] = c_name(names, describe_rule(&policy->rules[i], arena), "RULE");
    tables->rule_identifiers = rules;
    tables->node_identifiers = name_nodes(names, arena, tables);
    for (uint32_t i = 0; i < policy->limit_count; i++)
        limits[i] = c_name(names, str_format(arena, "limit %u", i + 1), "LIMIT");
    tables->limit_identifiers = limits;
}
