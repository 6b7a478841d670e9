/*
 * The tables as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/tables_dump.h"

#include "compiler/tables/facts.h"

/* "{read:pets write:pets}" */
static void dump_set(const struct mcpp_policy *policy, const uint64_t *set, struct str_builder *out)
{
    const char *space = "";
    str_add_byte(out, '{');
    for (uint32_t fact = 0; fact < policy->fact_count; fact++) {
        if (!fact_set_has(set, fact))
            continue;
        str_add_format(out, "%s%s", space, policy->facts[fact].name);
        space = " ";
    }
    str_add_byte(out, '}');
}

static void dump_facts(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_policy *policy = &tables->policy;
    str_add_format(out, "facts %u in %u %s\n", policy->fact_count, policy->fact_words,
                   policy->fact_words == 1 ? "word" : "words");
    for (uint32_t i = 0; i < policy->fact_count; i++) {
        str_add_format(out, "  %u %.*s \"%s\" implies ", i, STR_ARG(tables->fact_identifiers[i]),
                       policy->facts[i].name);
        dump_set(policy, policy->facts[i].implies, out);
        str_add_byte(out, '\n');
    }
}

static void dump_groups(const struct tables *tables, struct str_builder *out)
{
    str_add_format(out, "challenges %u\n", tables->group_count);
    for (uint32_t i = 0; i < tables->group_count; i++) {
        const struct fact_set_group *group = &tables->groups[i];
        str_add_format(out, "  %.*s:", STR_ARG(group->identifier));
        for (uint32_t j = 0; j < group->any_of.count; j++) {
            str_add_text(out, j ? " or " : " ");
            dump_set(&tables->policy, group->any_of.sets + (size_t)j * tables->policy.fact_words,
                     out);
        }
        str_add_byte(out, '\n');
    }
}

static void dump_choice(const struct tables *tables, uint32_t index, struct str_builder *out)
{
    const struct mcpp_choice *choice = &tables->policy.choices[index];
    str_add_format(out, "  %u %.*s:", index, STR_ARG(tables->choice_identifiers[index]));
    for (uint32_t i = 0; i < choice->count; i++)
        for (uint32_t at = 0; at < choice->alternatives[i].count; at++) {
            uint16_t credential = choice->alternatives[i].credentials[at];
            str_add_format(out, "%s %.*s",
                           at  ? " and"
                           : i ? " or"
                               : "",
                           STR_ARG(tables->credential_identifiers[credential]));
        }
    str_add_byte(out, '\n');
}

static void dump_access(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_policy *policy = &tables->policy;
    str_add_format(out, "verifiers %u%s\n", policy->verifier_count,
                   policy->validate_tokens ? ", tokens are validated" : "");
    for (uint32_t i = 0; i < policy->verifier_count; i++)
        str_add_format(out, "  %u %.*s issuer \"%s\" jwks \"%s\" audience \"%s\"\n", i,
                       STR_ARG(tables->verifier_identifiers[i]), policy->verifiers[i].issuer,
                       policy->verifiers[i].jwks,
                       policy->verifiers[i].audience_count ? policy->verifiers[i].audiences[0]
                                                           : "");
    str_add_format(out, "credentials %u\n", policy->credential_count);
    for (uint32_t i = 0; i < policy->credential_count; i++)
        str_add_format(out, "  %u %.*s\n", i, STR_ARG(tables->credential_identifiers[i]));
    str_add_format(out, "choices %u\n", policy->choice_count);
    for (uint32_t i = 0; i < policy->choice_count; i++)
        dump_choice(tables, i, out);
}

static void dump_reference(const struct tables *tables, uint32_t at, struct str_builder *out)
{
    switch (at) {
    case MCPP_ALLOW:
        str_add_text(out, "allow");
        return;
    case MCPP_HIDDEN:
        str_add_text(out, "hidden");
        return;
    case MCPP_NEEDS:
        str_add_text(out, "needs");
        return;
    case MCPP_HOLDS:
        str_add_text(out, "holds");
        return;
    case MCPP_FAILS:
        str_add_text(out, "fails");
        return;
    default:
        break;
    }
    struct str name = at & MCPP_OUTCOME ? tables->rule_identifiers[at & ~MCPP_OUTCOME]
                                        : tables->node_identifiers[at];
    str_add(out, name);
}

static void dump_logic(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_policy *policy = &tables->policy;
    str_add_format(out, "tests %u\n", policy->test_count);
    for (uint32_t i = 0; i < policy->test_count; i++) {
        struct str text = atom_text(&tables->logic->atoms, tables->tests.atoms[i], out->arena);
        str_add_format(out, "  %u %.*s %.*s\n", i, STR_ARG(tables->test_identifiers[i]),
                       STR_ARG(text));
    }
    str_add_format(out, "nodes %u\n", policy->node_count);
    for (uint32_t i = 0; i < policy->node_count; i++) {
        const struct mcpp_node *node = &policy->nodes[i];
        struct str name = node->variable < policy->fact_count
                              ? tables->fact_identifiers[node->variable]
                              : tables->test_identifiers[node->variable - policy->fact_count];
        str_add_format(out, "  %u %.*s %.*s ? ", i, STR_ARG(tables->node_identifiers[i]),
                       STR_ARG(name));
        dump_reference(tables, node->yes, out);
        str_add_text(out, " : ");
        dump_reference(tables, node->no, out);
        str_add_byte(out, '\n');
    }
    str_add_format(out, "derived %u\n", policy->derived_count);
    for (uint32_t i = 0; i < policy->derived_count; i++) {
        str_add_format(out, "  %.*s ", STR_ARG(tables->fact_identifiers[policy->derived[i].fact]));
        dump_reference(tables, policy->derived[i].root, out);
        str_add_byte(out, '\n');
    }
    str_add_format(out, "rules %u\n", policy->rule_count);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        str_add_format(out, "  %u %.*s%s%s\n", i, STR_ARG(tables->rule_identifiers[i]),
                       policy->rules[i].on_identity ? " identity" : "",
                       policy->rules[i].on_arguments ? " arguments" : "");
}

static void dump_decisions(const struct tables *tables, const struct mcpp_tool *tool,
                           struct str_builder *out)
{
    if (tool->shown != MCPP_ALLOW) {
        str_add_text(out, " shown ");
        dump_reference(tables, tool->shown, out);
    }
    str_add_text(out, " decision ");
    dump_reference(tables, tool->decision, out);
    if (tool->operator_decision != MCPP_ALLOW) {
        str_add_text(out, " operator ");
        dump_reference(tables, tool->operator_decision, out);
    }
    for (uint32_t i = 0; i < tool->fill_count; i++)
        str_add_format(out, " fills %s", tool->parameters[tool->fills[i].parameter].argument);
    for (uint32_t i = 0; i < tool->limit_count; i++)
        str_add_format(out, " %.*s", STR_ARG(tables->limit_identifiers[tool->limits[i]]));
}

static void dump_tools(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_policy *policy = &tables->policy;
    str_add_format(out, "tools %u\n", policy->tool_count);
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct mcpp_tool *tool = &policy->tools[i];
        str_add_format(out, "  %u %.*s \"%s\" %s %s %.*s", i, STR_ARG(tables->tool_identifiers[i]),
                       tool->name, tool->method, tool->path,
                       STR_ARG(tables->groups[tables->tool_groups[i]].identifier));
        for (uint32_t j = 0; j < tool->parameter_count; j++)
            str_add_format(out, "%s%s", j ? ", " : " (", tool->parameters[j].argument);
        str_add_text(out, tool->parameter_count ? ")" : "");
        dump_decisions(tables, tool, out);
        for (uint32_t j = 0; j < tool->choice_count; j++)
            str_add_format(out, "%s%.*s", j ? ", " : " sends ",
                           STR_ARG(tables->choice_identifiers[tool->choices[j]]));
        str_add_byte(out, '\n');
    }
}

static void dump_names(const struct mcpp_policy *policy, struct str_builder *out)
{
    const struct mcpp_hash_table *names = &policy->names;
    str_add_format(out, "names seed %llu, %u buckets, %u slots\n", (unsigned long long)names->seed,
                   names->bucket_count, names->slot_count);
    for (uint32_t i = 0; i < names->slot_count; i++)
        if (names->slots[i] < policy->tool_count)
            str_add_format(out, "  %u %s\n", i, policy->tools[names->slots[i]].name);
}

void tables_dump(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_policy *policy = &tables->policy;
    str_add_format(out, "policy \"%s\" backend \"%s\"\n", policy->name, policy->backend);
    dump_facts(tables, out);
    dump_groups(tables, out);
    dump_logic(tables, out);
    dump_access(tables, out);
    dump_tools(tables, out);
    dump_names(policy, out);
}
