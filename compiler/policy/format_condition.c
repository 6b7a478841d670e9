/*
 * Conditions and guards as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/format_part.h"

#include "compiler/policy/text.h"

/* ---- atoms ---- */

static void put_argument(struct word argument, struct str_builder *out)
{
    if (argument.is_string)
        format_named(out, "arg ", argument.text);
    else
        str_add_format(out, "arg %.*s", STR_ARG(argument.text));
}

static void put_literal(const struct literal *literal, struct str_builder *out)
{
    if (literal->kind == LITERAL_STRING)
        text_quote(literal->word.text, out);
    else
        str_add(out, literal->word.text);
}

static void put_test(const struct condition *condition, struct str_builder *out)
{
    static const char *const words[] = {[COMPARE_EQUAL] = "==",
                                        [COMPARE_NOT_EQUAL] = "!=",
                                        [COMPARE_LESS] = "<",
                                        [COMPARE_LESS_OR_EQUAL] = "<=",
                                        [COMPARE_GREATER] = ">",
                                        [COMPARE_GREATER_OR_EQUAL] = ">=",
                                        [COMPARE_CONTAINS] = "contains",
                                        [COMPARE_EXISTS] = "exists",
                                        [COMPARE_IN] = "in",
                                        [COMPARE_MATCHES] = "matches"};
    str_add_format(out, " %s", words[condition->comparison]);
    bool is_set = condition->comparison == COMPARE_IN;
    str_add_text(out, is_set ? " {" : "");
    for (uint32_t i = 0; i < condition->literals.count; i++) {
        str_add_text(out, i ? ", " : " ");
        put_literal(&condition->literals.at[i], out);
    }
    str_add_text(out, is_set ? " }" : "");
}

static void put_atom(const struct condition *condition, bool is_needs, struct str_builder *out)
{
    struct str text = condition->word.text;
    switch (condition->kind) {
    case CONDITION_NOTHING:
        str_add_text(out, "nothing");
        break;
    case CONDITION_TOKEN:
        str_add_text(out, "token");
        break;
    case CONDITION_SCOPE:
        format_named(out, is_needs ? "" : "scope ", text);
        break;
    case CONDITION_ROLE:
        str_add_format(out, "role %.*s", STR_ARG(text));
        break;
    case CONDITION_VERIFIER:
        str_add_format(out, "verifier %.*s", STR_ARG(text));
        break;
    case CONDITION_TRANSPORT:
        str_add_format(out, "transport %.*s", STR_ARG(text));
        break;
    case CONDITION_CLAIM:
        format_named(out, "claim ", text);
        put_test(condition, out);
        break;
    case CONDITION_ARGUMENT:
        put_argument(condition->argument, out);
        put_test(condition, out);
        break;
    case CONDITION_CLAIM_IS_ARGUMENT:
        format_named(out, "claim ", text);
        put_test(condition, out);
        str_add_byte(out, ' ');
        put_argument(condition->argument, out);
        break;
    case CONDITION_NOT:
    case CONDITION_AND:
    case CONDITION_OR:
        break;
    }
}

/* ---- trees ---- */

/* Each line of a condition that does not fit on one begins with its operator. */
struct form {
    bool is_needs;
    const char *before; /* an operator */
};

static void put(const struct condition *condition, struct form form, struct str_builder *out);

static bool is_tree(const struct condition *condition, enum condition_kind kind)
{
    return condition->kind == kind;
}

static void put_operand(const struct condition *condition, bool needs_parentheses, struct form form,
                        struct str_builder *out)
{
    form.before = needs_parentheses ? " " : form.before;
    str_add_text(out, needs_parentheses ? "(" : "");
    put(condition, form, out);
    str_add_text(out, needs_parentheses ? ")" : "");
}

static void put(const struct condition *condition, struct form form, struct str_builder *out)
{
    bool is_and = is_tree(condition, CONDITION_AND);
    if (condition->kind == CONDITION_NOT) {
        const struct condition *inner = condition->left;
        str_add_text(out, "not ");
        put_operand(inner, is_tree(inner, CONDITION_AND) || is_tree(inner, CONDITION_OR), form,
                    out);
        return;
    }
    if (!is_and && !is_tree(condition, CONDITION_OR)) {
        put_atom(condition, form.is_needs, out);
        return;
    }
    /* a break in an `and` that stands inside an `or` would hide how they bind */
    struct form inner = {form.is_needs, is_and ? form.before : " "};
    put_operand(condition->left, is_and && is_tree(condition->left, CONDITION_OR),
                is_tree(condition->left, condition->kind) ? form : inner, out);
    str_add_format(out, "%s%s ", form.before, is_and ? "and" : "or");
    /* operators group to the left: what stands on the right in brackets keeps them */
    put_operand(condition->right,
                is_tree(condition->right, CONDITION_OR) ||
                    (is_and && is_tree(condition->right, CONDITION_AND)),
                (struct form){form.is_needs, " "}, out);
}

void policy_format_condition(const struct condition *condition, struct str_builder *out)
{
    put(condition, (struct form){true, " "}, out);
}

/* ---- guards ---- */

static struct str clause(struct arena *arena, const char *word, const struct condition *condition)
{
    struct str_builder out = {.arena = arena};
    if (!condition)
        return (struct str){0};
    str_add_format(&out, " %s ", word);
    put(condition, (struct form){false, " "}, &out);
    if (text_width(str_built(&out)) + FORMAT_INDENT <= FORMAT_LINE_MAX)
        return str_built(&out);
    out = (struct str_builder){.arena = arena};
    str_add_format(&out, " %s ", word);
    put(condition, (struct form){false, "\n        "}, &out);
    return str_built(&out);
}

static void put_clause(struct str text, bool is_broken, struct str_builder *out)
{
    if (text.len == 0)
        return;
    str_add_text(out, is_broken ? "\n   " : "");
    str_add(out, text);
}

void format_guard(struct guard guard, struct word message, struct str_builder *out)
{
    struct str when = clause(out->arena, "when", guard.when);
    struct str unless = clause(out->arena, "unless", guard.unless);
    struct str said = message.is_string ? format_quoted(out->arena, message.text) : (struct str){0};
    size_t width = format_line_width(out) + text_width(when) + text_width(unless) +
                   (said.len ? 1 + text_width(said) : 0);
    bool is_broken = width > FORMAT_LINE_MAX;
    put_clause(when, is_broken, out);
    put_clause(unless, is_broken, out);
    if (said.len) {
        str_add_text(out, is_broken ? "\n    " : " ");
        str_add(out, said);
    }
}
