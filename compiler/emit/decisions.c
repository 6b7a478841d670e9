/*
 * Decisions as C. Nodes name facts by their enumerators and tests by theirs past FACT_COUNT.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/emit/decisions.h"

#include "compiler/emit/c_text.h"
#include "compiler/emit/part.h"

enum { WIDTH_MAX = 100 };

/* ---- claims and tests ---- */

static void emit_claims(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_policy *policy = &tables->policy;
    if (policy->claim_count == 0)
        return;
    str_add_text(out, "/* What is looked at in tokens. */\n");
    part_enum(tables->claim_identifiers, policy->claim_count, "CLAIM_COUNT", out);
    str_add_text(out, "static const struct mcpp_claim claims[] = {\n");
    for (uint32_t i = 0; i < policy->claim_count; i++) {
        str_add_format(out, "    [%.*s] = {", STR_ARG(tables->claim_identifiers[i]));
        c_text_literal(str_of(policy->claims[i].path), out);
        str_add_text(out, "},\n");
    }
    str_add_text(out, "};\n\n");
}

static void add_literals(const struct mcpp_test *test, struct str_builder *out)
{
    static const char *const kinds[] = {[MCPP_STRING] = "MCPP_STRING",
                                        [MCPP_NUMBER] = "MCPP_NUMBER",
                                        [MCPP_TRUE] = "MCPP_TRUE",
                                        [MCPP_FALSE] = "MCPP_FALSE"};
    if (test->literal_count == 0)
        return;
    str_add_text(out, "        .literals = (const struct mcpp_literal[]){");
    for (uint32_t i = 0; i < test->literal_count; i++) {
        str_add_format(out, "%s{%s, ", i ? ", " : "", kinds[test->literals[i].kind]);
        c_text_literal(str_of(test->literals[i].text), out);
        str_add_byte(out, '}');
    }
    str_add_format(out, "},\n        .literal_count = %u,\n", test->literal_count);
}

static void add_test(const struct tables *tables, const struct mcpp_test *test,
                     struct str_builder *out)
{
    static const char *const comparisons[] = {[MCPP_EQUAL] = "MCPP_EQUAL",
                                              [MCPP_LESS] = "MCPP_LESS",
                                              [MCPP_LESS_OR_EQUAL] = "MCPP_LESS_OR_EQUAL",
                                              [MCPP_GREATER] = "MCPP_GREATER",
                                              [MCPP_GREATER_OR_EQUAL] = "MCPP_GREATER_OR_EQUAL",
                                              [MCPP_CONTAINS] = "MCPP_CONTAINS",
                                              [MCPP_EXISTS] = "MCPP_EXISTS",
                                              [MCPP_IN] = "MCPP_IN",
                                              [MCPP_MATCHES] = "MCPP_MATCHES",
                                              [MCPP_IS_CLAIM] = "MCPP_IS_CLAIM"};
    str_add_format(out, "        %s,\n", comparisons[test->comparison]);
    if (test->argument) {
        str_add_text(out, "        .argument = (const char *const[]){");
        for (uint32_t i = 0; test->argument[i]; i++) {
            c_text_literal(str_of(test->argument[i]), out);
            str_add_text(out, ", ");
        }
        str_add_text(out, "NULL},\n");
    }
    struct str claim =
        test->claim == MCPP_NONE ? STR("MCPP_NONE") : tables->claim_identifiers[test->claim];
    str_add_format(out, "        .claim = %.*s,\n", STR_ARG(claim));
    add_literals(test, out);
}

void emit_tests(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    emit_claims(tables, out);
    if (tables->policy.test_count == 0)
        return;
    str_add_text(out, "/* What conditions ask of arguments, and then of claims. */\n");
    part_enum(tables->test_identifiers, tables->policy.test_count, "TEST_COUNT", out);
    str_add_text(out, "static const struct mcpp_test tests[] = {\n");
    for (uint32_t i = 0; i < tables->policy.test_count; i++) {
        struct str text = atom_text(&tables->logic->atoms, tables->tests.atoms[i], out->arena);
        c_text_comment(text, 4, out);
        str_add_format(out, "    [%.*s] = {\n", STR_ARG(tables->test_identifiers[i]));
        add_test(tables, &tables->policy.tests[i], out);
        str_add_text(out, "    },\n");
    }
    str_add_text(out, "};\n\n");
}

/* ---- rules ---- */

static void emit_rules(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    if (tables->policy.rule_count == 0)
        return;
    part_enum(tables->rule_identifiers, tables->policy.rule_count, "RULE_COUNT", out);
    str_add_text(out, "static const struct mcpp_rule rules[] = {\n");
    for (uint32_t i = 0; i < tables->policy.rule_count; i++) {
        const struct mcpp_rule *rule = &tables->policy.rules[i];
        part_statement(emission, tables->source->rules[i].origin, 4, out);
        str_add_format(out, "    [%.*s] = {\n", STR_ARG(tables->rule_identifiers[i]));
        part_origin(rule->origin, out);
        part_text("message", rule->message, out);
        str_add_text(out, rule->on_arguments ? "        .on_arguments = true,\n" : "");
        str_add_text(out, rule->on_identity ? "        .on_identity = true,\n" : "");
        str_add_text(out, "    },\n");
    }
    str_add_text(out, "};\n\n");
}

/* ---- nodes ---- */

static struct str reference_text(const struct tables *tables, uint32_t at, struct arena *arena)
{
    switch (at) {
    case MCPP_ALLOW:
        return STR("MCPP_ALLOW");
    case MCPP_HIDDEN:
        return STR("MCPP_HIDDEN");
    case MCPP_NEEDS:
        return STR("MCPP_NEEDS");
    case MCPP_HOLDS:
        return STR("MCPP_HOLDS");
    case MCPP_FAILS:
        return STR("MCPP_FAILS");
    default:
        break;
    }
    if (at & MCPP_OUTCOME)
        return str_format(arena, "MCPP_DENY(%.*s)",
                          STR_ARG(tables->rule_identifiers[at & ~MCPP_OUTCOME]));
    return tables->node_identifiers[at];
}

static void add_node(const struct tables *tables, uint32_t index, struct str_builder *out)
{
    const struct mcpp_node *node = &tables->policy.nodes[index];
    bool is_fact = node->variable < tables->policy.fact_count;
    struct str variable =
        is_fact ? tables->fact_identifiers[node->variable]
                : tables->test_identifiers[node->variable - tables->policy.fact_count];
    struct str no = reference_text(tables, node->no, out->arena);
    struct str yes = reference_text(tables, node->yes, out->arena);
    struct str line = str_format(out->arena, "    [%.*s] = {%s%.*s, .no = %.*s,",
                                 STR_ARG(tables->node_identifiers[index]),
                                 is_fact ? "" : "FACT_COUNT + ", STR_ARG(variable), STR_ARG(no));
    str_add(out, line);
    bool is_wide = line.len + yes.len + sizeof " .yes = }," > WIDTH_MAX;
    str_add_format(out, "%s.yes = %.*s},\n", is_wide ? "\n        " : " ", STR_ARG(yes));
}

static void emit_derived(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    const struct mcpp_policy *policy = &tables->policy;
    if (policy->derived_count == 0)
        return;
    str_add_text(out,
                 "/* Roles and scopes that conditions grant, each after those it looks at. */\n"
                 "static const struct mcpp_derived derived[] = {\n");
    for (uint32_t i = 0; i < policy->derived_count; i++) {
        struct str root = reference_text(tables, policy->derived[i].root, out->arena);
        str_add_format(out, "    {%.*s, %.*s},\n",
                       STR_ARG(tables->fact_identifiers[policy->derived[i].fact]), STR_ARG(root));
    }
    str_add_text(out, "};\n\n");
}

void emit_diagrams(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    const struct mcpp_policy *policy = &tables->policy;
    emit_rules(emission, out);
    if (policy->node_count) {
        str_add_text(out, "/* Questions that lead to decisions, named after the first tool or role "
                          "that asks them. */\n");
        part_enum(tables->node_identifiers, policy->node_count, "NODE_COUNT", out);
        str_add_text(out, "static const struct mcpp_node nodes[] = {\n");
        for (uint32_t i = 0; i < policy->node_count; i++)
            add_node(tables, i, out);
        str_add_text(out, "};\n\n");
    }
    emit_derived(emission, out);
}

/* ---- tools ---- */

static void add_reference(const struct tables *tables, const char *name, uint32_t at,
                          struct str_builder *out)
{
    struct str text = reference_text(tables, at, out->arena);
    str_add_format(out, "        .%s = %.*s,\n", name, STR_ARG(text));
}

static void add_fills(const struct tables *tables, const struct mcpp_tool *tool,
                      struct str_builder *out)
{
    if (tool->fill_count == 0)
        return;
    str_add_text(out, "        .fills = (const struct mcpp_fill[]){\n");
    for (uint32_t i = 0; i < tool->fill_count; i++) {
        const struct mcpp_fill *fill = &tool->fills[i];
        str_add_text(out, "            /* ");
        c_text_comment_line(str_of(tool->parameters[fill->parameter].argument), out);
        str_add_format(out, " */\n            {%u, %.*s, {", fill->parameter,
                       STR_ARG(tables->claim_identifiers[fill->claim]));
        c_text_literal(str_of(fill->origin.file), out);
        str_add_format(out, ", %u}},\n", fill->origin.line);
    }
    str_add_format(out, "        },\n        .fill_count = %u,\n", tool->fill_count);
}

void emit_tool_decisions(const struct tables *tables, const struct mcpp_tool *tool,
                         struct str_builder *out)
{
    add_reference(tables, "shown", tool->shown, out);
    add_reference(tables, "decision", tool->decision, out);
    add_reference(tables, "operator_decision", tool->operator_decision, out);
    for (uint32_t i = 0; i < tool->test_count; i++)
        str_add_format(out, "%s%.*s", i ? ", " : "        .tests = (const uint32_t[]){",
                       STR_ARG(tables->test_identifiers[tool->tests[i]]));
    if (tool->test_count)
        str_add_format(out, "},\n        .test_count = %u,\n", tool->test_count);
    add_fills(tables, tool, out);
    for (uint32_t i = 0; i < tool->limit_count; i++)
        str_add_format(out, "%s%.*s", i ? ", " : "        .limits = (const uint16_t[]){",
                       STR_ARG(tables->limit_identifiers[tool->limits[i]]));
    if (tool->limit_count)
        str_add_format(out, "},\n        .limit_count = %u,\n", tool->limit_count);
}

/* ---- limits and the operator ---- */

void emit_limits(const struct emission *emission, struct str_builder *out)
{
    static const char *const keys[] = {[MCPP_PER_SUBJECT] = "MCPP_PER_SUBJECT",
                                       [MCPP_PER_CLIENT] = "MCPP_PER_CLIENT",
                                       [MCPP_PER_TOOL] = "MCPP_PER_TOOL",
                                       [MCPP_PER_ALL] = "MCPP_PER_ALL"};
    const struct tables *tables = emission->tables;
    if (tables->policy.limit_count == 0)
        return;
    part_enum(tables->limit_identifiers, tables->policy.limit_count, "LIMIT_COUNT", out);
    str_add_text(out, "static const struct mcpp_limit limits[] = {\n");
    for (uint32_t i = 0; i < tables->policy.limit_count; i++) {
        const struct mcpp_limit *limit = &tables->policy.limits[i];
        part_statement(emission, tables->source->limits[i].origin, 4, out);
        str_add_format(out, "    [%.*s] = {.count = %u, .period_s = %u, .burst = %u, .per = %s, {",
                       STR_ARG(tables->limit_identifiers[i]), limit->count, limit->period_s,
                       limit->burst, keys[limit->per]);
        c_text_literal(str_of(limit->origin.file), out);
        str_add_format(out, ", %u}},\n", limit->origin.line);
    }
    str_add_text(out, "};\n\n");
}

static void add_names(const char *noun, const char *const *names, uint32_t count,
                      struct str_builder *out)
{
    if (count == 0)
        return;
    str_add_format(out, "    .%ss = (const char *const[]){", noun);
    for (uint32_t i = 0; i < count; i++) {
        str_add_text(out, i ? ", " : "");
        c_text_literal(str_of(names[i]), out);
    }
    str_add_format(out, "},\n    .%s_count = %u,\n", noun, count);
}

void emit_operator(const struct emission *emission, struct str_builder *out)
{
    const struct mcpp_operator *operator= emission->tables->policy.narrowed;
    if (!operator)
        return;
    part_statement(emission, emission->tables->source->operator_holdings.origin, 0, out);
    str_add_text(out, "static const struct mcpp_operator narrowed = {\n");
    add_names("scope", operator->scopes, operator->scope_count, out);
    add_names("role", operator->roles, operator->role_count, out);
    if (operator->claim_count) {
        str_add_text(out, "    .claims = (const struct mcpp_operator_claim[]){\n");
        for (uint32_t i = 0; i < operator->claim_count; i++) {
            str_add_text(out, "        {");
            c_text_literal(str_of(operator->claims[i].path), out);
            str_add_text(out, ", ");
            c_text_literal(str_of(operator->claims[i].value), out);
            str_add_text(out, "},\n");
        }
        str_add_format(out, "    },\n    .claim_count = %u,\n", operator->claim_count);
    }
    str_add_text(out, "};\n\n");
}
