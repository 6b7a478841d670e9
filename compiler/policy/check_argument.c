/*
 * Arguments that rules look at: whether the tools have them, and whether they can be what they are
 * compared with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/json.h"
#include "compiler/policy/argument_schema.h"
#include "compiler/policy/checker.h"

const struct node *check_input_schema(struct checker *checker, uint32_t tool)
{
    const struct operation *operation = checker->policy->tools[tool].operation;
    if (checker->schemas[tool] || !operation || operation->input_schema.len == 0)
        return checker->schemas[tool];
    struct diag_list unread = {.arena = checker->arena};
    struct str text = str_copy(checker->arena, operation->input_schema);
    checker->schemas[tool] =
        json_read(source_of(checker->arena, STR("schema"), text), checker->arena, &unread);
    return checker->schemas[tool];
}

/* One atom of a rule, against the tools of the rule. */
struct question {
    struct checker *checker;
    const struct condition *atom;
    const enum specificity *how;
    struct path path;
};

/* ---- unknown ---- */

static void report_unknown(const struct question *question, uint32_t tool,
                           const struct argument_place *place)
{
    struct checker *checker = question->checker;
    struct word word = question->atom->argument;
    struct diag *diag = diag_error(checker->diags, "unknown-argument", word.span,
                                   "tool '%.*s' has no argument '%.*s'",
                                   STR_ARG(checker->policy->tools[tool].name), STR_ARG(word.text));
    struct path whole = {&word.text, 1};
    if (question->path.count > 1 &&
        argument_place_find(check_input_schema(checker, tool), whole, checker->arena).is_found)
        diag_help(checker->diags, diag, "a name with dots stands in quotes: arg \"%.*s\"",
                  STR_ARG(word.text));
    else
        diag_suggest(checker->diags, diag, "argument", place->unknown, place->known,
                     place->known_count);
}

static void report_unknown_everywhere(const struct question *question, struct tool_set tools)
{
    struct checker *checker = question->checker;
    struct word word = question->atom->argument;
    LIST(struct str) known = {0};
    for (uint32_t i = 0; i < tools.count; i++) {
        const struct operation *operation = checker->policy->tools[tools.at[i]].operation;
        for (uint32_t at = 0; operation && at < operation->argument_count; at++)
            *list_add(checker->arena, &known) = operation->arguments[at].name;
    }
    struct diag *diag = diag_error(checker->diags, "unknown-argument", word.span,
                                   "none of the tools has an argument '%.*s'", STR_ARG(word.text));
    diag_suggest(checker->diags, diag, "argument", word.text, known.at, known.count);
}

/* ---- types ---- */

static uint32_t type_of(const struct literal *literal)
{
    return literal->kind == LITERAL_STRING   ? TYPE_STRING
           : literal->kind == LITERAL_NUMBER ? TYPE_NUMBER
                                             : TYPE_BOOLEAN;
}

/* False: reported. */
static bool check_fits(const struct question *question, uint32_t tool, uint32_t types,
                       uint32_t wanted, struct span span)
{
    struct checker *checker = question->checker;
    if (types & wanted)
        return true;
    struct word word = question->atom->argument;
    struct diag *diag = diag_error(checker->diags, "type-mismatch", span,
                                   "argument '%.*s' of tool '%.*s' is never %.*s",
                                   STR_ARG(word.text), STR_ARG(checker->policy->tools[tool].name),
                                   STR_ARG(argument_types_text(wanted, checker->arena)));
    if (types)
        diag_help(checker->diags, diag, "it is %.*s",
                  STR_ARG(argument_types_text(types, checker->arena)));
    return false;
}

static bool check_types(const struct question *question, uint32_t tool,
                        const struct argument_place *place)
{
    const struct condition *atom = question->atom;
    uint32_t types = place->types;
    if (atom->kind == CONDITION_CLAIM_IS_ARGUMENT)
        return check_fits(question, tool, types, TYPE_STRING | TYPE_NUMBER, atom->argument.span);
    if (atom->comparison == COMPARE_CONTAINS && types & TYPE_ARRAY)
        types |= place->item_types;
    bool is_order =
        atom->comparison >= COMPARE_LESS && atom->comparison <= COMPARE_GREATER_OR_EQUAL;
    if (is_order && atom->literals.at[0].kind != LITERAL_NUMBER)
        return true; /* it was reported: only numbers are less or greater */
    for (uint32_t i = 0; i < atom->literals.count; i++) {
        const struct literal *literal = &atom->literals.at[i];
        if (!check_fits(question, tool, types, type_of(literal), literal->word.span))
            return false;
    }
    return true;
}

/* ---- walking ---- */

static bool is_filled(const struct checker *checker, uint32_t tool, struct str name)
{
    const struct tool *of = &checker->policy->tools[tool];
    for (uint32_t i = 0; i < of->fill_count; i++)
        if (str_equal(of->operation->arguments[of->fills[i].argument].name, name))
            return true;
    return false;
}

static void report_filled(const struct question *question, uint32_t tool)
{
    struct checker *checker = question->checker;
    struct word word = question->atom->argument;
    diag_error(checker->diags, "filled-argument", word.span,
               "argument '%.*s' of tool '%.*s' comes from a claim: no call gives it",
               STR_ARG(question->path.names[0]), STR_ARG(checker->policy->tools[tool].name));
}

/* A rule that names a tool speaks about its arguments; one that finds it in a group or by its kind
 * speaks about those that have the argument. */
static void check_atom(const struct question *question, struct tool_set tools)
{
    struct checker *checker = question->checker;
    bool is_anywhere = tools.count == 0;
    uint32_t filled = checker->policy->tool_count;
    for (uint32_t i = 0; i < tools.count; i++) {
        uint32_t tool = tools.at[i];
        bool is_named = question->how[i] == SELECTED_BY_NAME;
        struct argument_place place =
            argument_place_find(check_input_schema(checker, tool), question->path, checker->arena);
        bool is_from_claim = is_filled(checker, tool, question->path.names[0]);
        filled = is_from_claim ? tool : filled;
        is_anywhere = is_anywhere || is_named || (place.is_found && !is_from_claim);
        if (!place.is_found && is_named)
            report_unknown(question, tool, &place);
        else if (is_from_claim && is_named)
            report_filled(question, tool);
        else if (place.is_found && !is_from_claim && !check_types(question, tool, &place))
            return; /* one such report is enough */
    }
    if (!is_anywhere && filled < checker->policy->tool_count)
        report_filled(question, filled);
    else if (!is_anywhere)
        report_unknown_everywhere(question, tools);
}

static void check_guard(struct checker *checker, const struct rule *rule,
                        const enum specificity *how, const struct condition *condition)
{
    if (!condition)
        return;
    if (condition->kind == CONDITION_ARGUMENT || condition->kind == CONDITION_CLAIM_IS_ARGUMENT) {
        struct question question = {checker, condition, how,
                                    policy_argument_path(condition->argument, checker->arena)};
        check_atom(&question, rule->tools);
    }
    check_guard(checker, rule, how, condition->left);
    check_guard(checker, rule, how, condition->right);
}

void check_arguments(struct checker *checker, const struct rule *rule, const enum specificity *how)
{
    check_guard(checker, rule, how, rule->guard.when);
    check_guard(checker, rule, how, rule->guard.unless);
}
