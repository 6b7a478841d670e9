/*
 * The logic as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/logic/logic_dump.h"

struct dump {
    const struct logic *logic;
    struct str_builder *out;
    LIST(diagram) nodes; /* of the function at hand, numbered from 1 */
};

static void number_nodes(struct dump *dump, diagram at)
{
    if (diagram_is_outcome(at))
        return;
    for (size_t i = 0; i < dump->nodes.count; i++)
        if (dump->nodes.at[i] == at)
            return;
    *list_add(dump->out->arena, &dump->nodes) = at;
    number_nodes(dump, diagram_at(dump->logic->store, at)->yes);
    number_nodes(dump, diagram_at(dump->logic->store, at)->no);
}

static void add_reference(struct dump *dump, diagram at)
{
    struct str_builder *out = dump->out;
    uint32_t number = 0;
    if (at == MCPP_ALLOW || at == MCPP_HIDDEN || at == MCPP_NEEDS)
        str_add_text(out, at == MCPP_ALLOW ? "allow" : at == MCPP_HIDDEN ? "hidden" : "needs");
    else if (at == MCPP_HOLDS || at == MCPP_FAILS)
        str_add_text(out, at == MCPP_HOLDS ? "holds" : "fails");
    else if (diagram_is_outcome(at)) {
        struct span origin = dump->logic->policy->rules[at & ~MCPP_OUTCOME].origin;
        str_add_format(out, "deny by line %u",
                       origin.source ? source_position(origin.source, origin.start).line : 0);
    } else {
        while (dump->nodes.at[number] != at)
            number++;
        str_add_format(out, "%u", number + 1);
    }
}

static void add_function(struct dump *dump, const char *name, diagram root)
{
    struct str_builder *out = dump->out;
    dump->nodes.count = 0;
    number_nodes(dump, root);
    str_add_format(out, "    %s: ", name);
    add_reference(dump, root);
    str_add_byte(out, '\n');
    for (size_t i = 0; i < dump->nodes.count; i++) {
        const struct mcpp_node *node = diagram_at(dump->logic->store, dump->nodes.at[i]);
        struct str text = atom_text(&dump->logic->atoms, node->variable, out->arena);
        str_add_format(out, "      %zu %.*s ? ", i + 1, STR_ARG(text));
        add_reference(dump, node->yes);
        str_add_text(out, " : ");
        add_reference(dump, node->no);
        str_add_byte(out, '\n');
    }
}

void logic_dump(const struct logic *logic, struct str_builder *out)
{
    const struct policy *policy = logic->policy;
    struct dump dump = {.logic = logic, .out = out};
    str_add_format(out, "atoms %u, %u about callers\n", logic->atoms.count,
                   logic->atoms.fact_count);
    for (uint32_t i = 0; i < logic->atoms.count; i++) {
        struct str text = atom_text(&logic->atoms, i, out->arena);
        str_add_format(out, "  %u %.*s\n", i, STR_ARG(text));
    }
    str_add_format(out, "derived %u\n", policy->derivation_count);
    for (uint32_t i = 0; i < policy->derivation_count; i++) {
        struct derivation of = policy->derivations[i];
        uint32_t atom =
            of.is_role ? atoms_of_role(&logic->atoms, of.index) : atoms_of_scope(of.index);
        add_function(&dump, str_text(out->arena, atom_text(&logic->atoms, atom, out->arena)),
                     logic->derived[i]);
    }
    str_add_format(out, "tools %u\n", policy->tool_count);
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        str_add_format(out, "  %.*s\n", STR_ARG(policy->tools[i].name));
        add_function(&dump, "shown", logic->tools[i].shown);
        add_function(&dump, "decision", logic->tools[i].decision);
        add_function(&dump, "operator", logic->tools[i].operator_decision);
    }
}
