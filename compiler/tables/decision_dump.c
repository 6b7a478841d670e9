/*
 * Decisions as text. A part that several answers lead to is written once and named after that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/decision_dump.h"

struct dump {
    const struct tables *tables;
    struct str_builder *out;
    bool *is_written; /* nodes of the tool at hand */
};

static void add_indent(struct dump *dump, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++)
        str_add_text(dump->out, "  ");
}

static void add_outcome(struct dump *dump, uint32_t outcome)
{
    const struct mcpp_rule *rules = dump->tables->policy.rules;
    switch (outcome) {
    case MCPP_ALLOW:
        str_add_text(dump->out, "allow\n");
        return;
    case MCPP_HIDDEN:
        str_add_text(dump->out, "hidden\n");
        return;
    case MCPP_NEEDS:
        str_add_text(dump->out, "needs are not met\n");
        return;
    default:
        break;
    }
    const struct mcpp_rule *rule = &rules[outcome & ~MCPP_OUTCOME];
    str_add_format(dump->out, "deny by %s:%u\n", rule->origin.file, rule->origin.line);
}

static void add_part(struct dump *dump, uint32_t at, uint32_t depth)
{
    const struct tables *tables = dump->tables;
    add_indent(dump, depth);
    if (at & MCPP_OUTCOME) {
        add_outcome(dump, at);
        return;
    }
    struct str name = tables->node_identifiers[at];
    if (dump->is_written[at]) {
        str_add_format(dump->out, "as %.*s above\n", STR_ARG(name));
        return;
    }
    dump->is_written[at] = true;
    struct str text =
        atom_text(&tables->logic->atoms, tables->policy.nodes[at].variable, dump->out->arena);
    str_add_format(dump->out, "%.*s: if %.*s\n", STR_ARG(name), STR_ARG(text));
    add_part(dump, tables->policy.nodes[at].yes, depth + 1);
    add_indent(dump, depth);
    str_add_text(dump->out, "else\n");
    add_part(dump, tables->policy.nodes[at].no, depth + 1);
}

void decision_dump(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_policy *policy = &tables->policy;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        struct dump dump = {tables, out,
                            arena_array(out->arena, policy->node_count + 1, sizeof(bool))};
        str_add_format(out, "%s\n", policy->tools[i].name);
        add_part(&dump, policy->tools[i].decision, 1);
        if (policy->tools[i].operator_decision == MCPP_ALLOW)
            continue;
        str_add_text(out, "  the operator\n");
        add_part(&dump, policy->tools[i].operator_decision, 2);
    }
}
