/*
 * Rules of a policy: hide, deny, allow only; and limits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/checker.h"

#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

/* ---- rules ---- */

static bool is_rule(const struct statement *statement)
{
    return statement->kind == STATEMENT_HIDE || statement->kind == STATEMENT_DENY ||
           statement->kind == STATEMENT_ALLOW;
}

static enum rule_kind kind_of(const struct statement *statement)
{
    return statement->kind == STATEMENT_HIDE   ? RULE_HIDE
           : statement->kind == STATEMENT_DENY ? RULE_DENY
                                               : RULE_ALLOW_ONLY;
}

static void check_message(struct checker *checker, struct word message)
{
    if (message.is_string && message.text.len == 0)
        diag_error(checker->diags, "bad-value", message.span, "a message that says nothing");
}

static void read_rule(struct checker *checker, const struct statement *statement, struct rule *rule)
{
    enum condition_use use = statement->kind == STATEMENT_HIDE ? USE_HIDE : USE_RULE;
    struct guard guard = statement->guard;
    check_condition(checker, use, guard.when);
    check_condition(checker, use, guard.unless);
    check_message(checker, statement->description);
    struct selection selection = select_tools(checker, statement);
    *rule = (struct rule){.kind = kind_of(statement),
                          .tools = selection.tools,
                          .guard = guard,
                          .message = statement->description.text,
                          .mentions_arguments = condition_mentions_argument(guard.when) ||
                                                condition_mentions_argument(guard.unless),
                          .mentions_caller = condition_mentions_caller(guard.when) ||
                                             condition_mentions_caller(guard.unless),
                          .statement = statement,
                          .origin = statement->span};
    if (rule->mentions_arguments && use == USE_RULE)
        check_arguments(checker, rule, selection.how);
}

/* A group that nothing uses is read here, so that what is wrong in it is known. */
static void check_groups(struct checker *checker)
{
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_GROUP)))
        if (!resolve_look(&checker->names, NAME_GROUP, statement->name.text)->is_used)
            select_tools(checker, statement);
}

void check_rules(struct checker *checker)
{
    const struct policy_ast *ast = checker->ast;
    uint32_t count = 0;
    for (uint32_t i = 0; i < ast->statement_count; i++)
        count += is_rule(&ast->statements[i]);
    struct rule *rules = arena_array(checker->arena, count, sizeof *rules);
    count = 0;
    for (uint32_t i = 0; i < ast->statement_count; i++)
        if (is_rule(&ast->statements[i]))
            read_rule(checker, &ast->statements[i], &rules[count++]);
    checker->policy->rules = rules;
    checker->policy->rule_count = count;
    check_groups(checker);
}

/* ---- limits ---- */

enum { LIMIT_AMOUNT_MAX = 1000000 };

/* 0: reported. */
static uint32_t read_amount(struct checker *checker, struct word word)
{
    uint64_t number;
    if (value_number(word.text, &number) && number > 0 && number <= LIMIT_AMOUNT_MAX)
        return (uint32_t)number;
    diag_error(checker->diags, "bad-value", word.span, "'%.*s' is no number from 1 to %d",
               STR_ARG(word.text), LIMIT_AMOUNT_MAX);
    return 0;
}

static uint32_t read_period(struct checker *checker, struct word word)
{
    static const struct str units[] = {STR_INIT("second"), STR_INIT("minute"), STR_INIT("hour"),
                                       STR_INIT("day")};
    static const uint32_t seconds[] = {1, 60, 3600, 86400};
    enum { COUNT = sizeof units / sizeof *units };
    for (size_t i = 0; i < COUNT; i++)
        if (str_equal(units[i], word.text))
            return seconds[i];
    struct diag *diag = diag_error(checker->diags, "bad-value", word.span,
                                   "'%.*s' is no unit of time", STR_ARG(word.text));
    diag_help(checker->diags, diag, "the units are second, minute, hour and day");
    return 0;
}

static enum limit_key read_key(struct checker *checker, struct word word)
{
    static const struct str names[] = {STR_INIT("subject"), STR_INIT("client"), STR_INIT("tool"),
                                       STR_INIT("all")};
    static const enum limit_key keys[] = {LIMIT_SUBJECT, LIMIT_CLIENT, LIMIT_TOOL, LIMIT_ALL};
    enum { COUNT = sizeof names / sizeof *names };
    for (size_t i = 0; i < COUNT && word.text.len; i++)
        if (str_equal(names[i], word.text))
            return keys[i];
    if (word.text.len == 0)
        return LIMIT_SUBJECT;
    struct diag *diag = diag_error(checker->diags, "bad-value", word.span,
                                   "nothing is counted per '%.*s'", STR_ARG(word.text));
    diag_help(checker->diags, diag, "calls are counted per subject, client, tool or all");
    return LIMIT_SUBJECT;
}

void check_limits(struct checker *checker)
{
    uint32_t count = 0;
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_LIMIT)))
        count++;
    struct limit *limits = arena_array(checker->arena, count, sizeof *limits);
    for (uint32_t i = 0; i < count; i++) {
        statement = check_next(checker, statement, STATEMENT_LIMIT);
        uint32_t amount = read_amount(checker, statement->amount);
        limits[i] = (struct limit){
            .tools = select_tools(checker, statement).tools,
            .amount = amount,
            .period_s = read_period(checker, statement->unit),
            .burst = statement->burst.text.len ? read_amount(checker, statement->burst) : amount,
            .key = read_key(checker, statement->per),
            .statement = statement,
            .origin = statement->span};
    }
    checker->policy->limits = limits;
    checker->policy->limit_count = count;
}
