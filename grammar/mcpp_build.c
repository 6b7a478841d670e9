/*
 * Building the nodes of a policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/mcpp_build.h"

#include "compiler/policy/text.h"

/* ---- parameters ---- */

static struct str value_of(struct mcpp_reader *reader, struct str name, struct span span,
                           bool is_string)
{
    const struct mcpp_parameters *parameters = reader->parameters;
    const struct word *value = map_get(&parameters->values, name);
    if (!value) {
        struct diag *diag = diag_error(reader->diags, "unknown-parameter", span,
                                       "no parameter '%.*s' is declared", STR_ARG(name));
        diag_suggest(reader->diags, diag, "parameter", name, parameters->names,
                     parameters->name_count);
        return (struct str){0};
    }
    if (!is_string && !text_is_word(value->text)) {
        struct diag *diag = diag_error(reader->diags, "bad-value", value->span,
                                       "'%.*s' cannot stand for a name", STR_ARG(value->text));
        diag_note(reader->diags, diag, span, "it is used as one here");
    }
    return value->text;
}

struct str mcpp_substitute(struct mcpp_reader *reader, struct str text, struct span span,
                           bool is_string)
{
    const struct mcpp_parameters *parameters = reader->parameters;
    if (!parameters || str_find(text, '$') == text.len || (parameters->is_main && is_string))
        return text;
    struct str_builder out = {.arena = reader->arena};
    while (text.len) {
        size_t at = str_find(text, '$');
        str_add(&out, str_part(text, 0, at));
        text = str_from(text, at);
        size_t end = str_find(text, '}');
        if (str_starts(text, "${") && end < text.len) {
            str_add(&out, value_of(reader, str_part(text, 2, end), span, is_string));
            text = str_from(text, end + 1);
        } else {
            str_add(&out, str_part(text, 0, 1));
            text = str_from(text, 1);
        }
    }
    return str_built(&out);
}

/* ---- statements ---- */

struct statement *build_statement(struct mcpp_reader *reader, enum statement_kind kind,
                                  struct word name)
{
    struct statement *statement = arena_new(reader->arena, struct statement);
    statement->kind = kind;
    statement->name = name;
    return statement;
}

struct statement *build_send(struct mcpp_reader *reader, enum send_kind kind, struct word name,
                             struct secret secret)
{
    struct statement *statement = build_statement(reader, STATEMENT_SEND, name);
    statement->send = kind;
    statement->secret = secret;
    return statement;
}

struct mcpp_sents build_add_sent(struct mcpp_reader *reader, struct mcpp_sents sents,
                                 struct statement *what, struct span span)
{
    bool is_alternative = sents.count == 0;
    what->span = span;
    *list_add(reader->arena, &sents) = (struct sent){what, is_alternative};
    return sents;
}

struct mcpp_sents build_add_alternative(struct mcpp_reader *reader, struct mcpp_sents sents,
                                        struct mcpp_sents alternative)
{
    for (size_t i = 0; i < alternative.count; i++)
        *list_add(reader->arena, &sents) = alternative.at[i];
    return sents;
}

struct statement *build_choice(struct mcpp_reader *reader, struct mcpp_sents sents)
{
    struct statement *statement = build_statement(reader, STATEMENT_SEND, (struct word){0});
    statement->sents = (struct sents){sents.at, (uint32_t)sents.count};
    return statement;
}

static struct str with_carried(struct mcpp_reader *reader, struct str comments,
                               struct mcpp_newline end)
{
    if (!end.carried.len)
        return comments;
    return str_format(reader->arena, "%.*s%.*s", STR_ARG(comments), STR_ARG(end.carried));
}

void build_keep(struct mcpp_reader *reader, struct statement *statement, struct span span,
                struct mcpp_newline end)
{
    statement->span = span;
    statement->comments = with_carried(reader, mcpp_comments_before(reader, span.start), end);
    statement->comment_at_end = end.comment;
    *list_add(reader->arena, &reader->statements) = *statement;
}

void build_set_block(struct statement *statement, struct mcpp_block block)
{
    statement->settings = (struct settings){block.settings.at, (uint32_t)block.settings.count};
    statement->comments_at_block_end = block.comments_at_end;
}

struct setting build_setting(struct mcpp_reader *reader, struct word name, struct mcpp_words values,
                             struct span span)
{
    return (struct setting){.name = name,
                            .values = build_words(values),
                            .span = span,
                            .comments = mcpp_comments_before(reader, span.start)};
}

struct secret build_literal_secret(struct mcpp_reader *reader, struct word word)
{
    struct diag *diag =
        diag_error(reader->diags, "literal-secret", word.span, "a secret written in the policy");
    diag_help(reader->diags, diag, "name where it is: env NAME or file \"path\"");
    return (struct secret){SECRET_ENV, word};
}

struct mcpp_settings build_add_setting(struct mcpp_reader *reader, struct mcpp_settings settings,
                                       struct setting setting, struct mcpp_newline end)
{
    setting.comments = with_carried(reader, setting.comments, end);
    setting.comment_at_end = end.comment;
    *list_add(reader->arena, &settings) = setting;
    return settings;
}

uint64_t build_number(struct word word)
{
    uint64_t number = 0;
    for (size_t i = 0; i < word.text.len; i++) {
        if (word.text.at[i] < '0' || word.text.at[i] > '9' || number > 1000000)
            return 0;
        number = number * 10 + (uint64_t)(word.text.at[i] - '0');
    }
    return number;
}

/* ---- lists ---- */

struct words build_words(struct mcpp_words list)
{
    return (struct words){list.at, (uint32_t)list.count};
}

struct mcpp_words build_add_word(struct mcpp_reader *reader, struct mcpp_words list,
                                 struct word word)
{
    *list_add(reader->arena, &list) = word;
    return list;
}

struct mcpp_selectors build_add_selector(struct mcpp_reader *reader, struct mcpp_selectors list,
                                         struct selector selector)
{
    *list_add(reader->arena, &list) = selector;
    return list;
}

struct selectors build_selectors(struct mcpp_selectors list)
{
    return (struct selectors){list.at, (uint32_t)list.count};
}

/* ---- conditions ---- */

const struct condition *build_condition(struct mcpp_reader *reader, struct condition condition)
{
    if (++reader->condition_nodes > CONDITION_NODE_MAX) {
        if (reader->condition_nodes == CONDITION_NODE_MAX + 1)
            diag_error(reader->diags, "too-long", condition.span,
                       "a condition of more than %d parts", CONDITION_NODE_MAX);
        if (condition.left)
            return condition.left;
    }
    struct condition *node = arena_new(reader->arena, struct condition);
    *node = condition;
    return node;
}

const struct condition *build_bare_scope(struct mcpp_reader *reader, struct word word)
{
    if (!reader->bare_scope.source)
        reader->bare_scope = word.span;
    return build_condition(
        reader, (struct condition){.kind = CONDITION_SCOPE, .span = word.span, .word = word});
}

const struct condition *build_whole_condition(struct mcpp_reader *reader,
                                              const struct condition *condition, bool is_needs)
{
    if (reader->bare_scope.source && !is_needs) {
        struct diag *diag = diag_error(reader->diags, "bare-scope", reader->bare_scope,
                                       "a scope stands alone only after 'needs'");
        diag_help(reader->diags, diag, "write: scope %.*s", STR_ARG(span_text(reader->bare_scope)));
    }
    reader->condition_nodes = 0;
    reader->bare_scope = (struct span){0};
    return condition;
}

struct mcpp_test build_test(struct mcpp_reader *reader, enum comparison comparison,
                            struct literal literal)
{
    struct mcpp_test test = {.comparison = comparison};
    *list_add(reader->arena, &test.literals) = literal;
    return test;
}

struct mcpp_literals build_add_literal(struct mcpp_reader *reader, struct mcpp_literals list,
                                       struct literal literal)
{
    if (list.count < CONDITION_NODE_MAX)
        *list_add(reader->arena, &list) = literal;
    else if (list.count == CONDITION_NODE_MAX)
        diag_error(reader->diags, "too-long", literal.word.span, "a list of more than %d values",
                   CONDITION_NODE_MAX);
    return list;
}

static size_t digits(struct str text, size_t at)
{
    size_t end = at;
    while (end < text.len && text.at[end] >= '0' && text.at[end] <= '9')
        end++;
    return end - at;
}

/* RFC 8259, section 6, without a '+', which no word holds. */
static bool is_number(struct str text)
{
    size_t at = str_starts(text, "-") ? 1 : 0;
    size_t whole = digits(text, at);
    if (whole == 0 || (whole > 1 && text.at[at] == '0'))
        return false;
    at += whole;
    if (at < text.len && text.at[at] == '.') {
        size_t fraction = digits(text, at + 1);
        if (fraction == 0)
            return false;
        at += 1 + fraction;
    }
    if (at < text.len && (text.at[at] == 'e' || text.at[at] == 'E')) {
        at += at + 1 < text.len && text.at[at + 1] == '-' ? 2 : 1;
        size_t exponent = digits(text, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == text.len;
}

static void report_value(struct mcpp_reader *reader, struct word word, const char *others)
{
    struct diag *diag = diag_error(reader->diags, "bad-value", word.span, "'%.*s' is no number%s",
                                   STR_ARG(word.text), others);
    diag_help(reader->diags, diag, "text stands in double quotes: \"%.*s\"", STR_ARG(word.text));
}

struct literal build_literal(struct mcpp_reader *reader, struct word word)
{
    if (word.is_string)
        return (struct literal){LITERAL_STRING, word};
    if (str_is(word.text, "true"))
        return (struct literal){LITERAL_TRUE, word};
    if (str_is(word.text, "false"))
        return (struct literal){LITERAL_FALSE, word};
    if (!is_number(word.text))
        report_value(reader, word, ", true or false");
    return (struct literal){LITERAL_NUMBER, word};
}

/* ---- values and tests ---- */

struct value build_value(struct mcpp_reader *reader, struct word word)
{
    struct value value = {.kind = VALUE_NUMBER, .word = word, .span = word.span};
    if (word.is_string)
        value.kind = VALUE_STRING;
    else if (str_is(word.text, "true"))
        value.kind = VALUE_TRUE;
    else if (str_is(word.text, "false"))
        value.kind = VALUE_FALSE;
    else if (str_is(word.text, "null"))
        value.kind = VALUE_NULL;
    else if (!is_number(word.text))
        report_value(reader, word, ", true, false or null");
    return value;
}

struct value build_members(enum value_kind kind, struct mcpp_members members, struct span span)
{
    return (struct value){
        .kind = kind, .span = span, .members = members.at, .count = (uint32_t)members.count};
}

struct mcpp_members build_add_member(struct mcpp_reader *reader, struct mcpp_members list,
                                     struct value_member member)
{
    if (list.count == CONDITION_NODE_MAX)
        diag_error(reader->diags, "too-long", member.value.span, "a value of more than %d parts",
                   CONDITION_NODE_MAX);
    if (list.count >= CONDITION_NODE_MAX)
        return list;
    for (size_t i = 0; i < list.count && member.name.span.source; i++)
        if (str_equal(list.at[i].name.text, member.name.text)) {
            struct diag *diag = diag_error(reader->diags, "duplicate", member.name.span,
                                           "'%.*s' given twice", STR_ARG(member.name.text));
            diag_note(reader->diags, diag, list.at[i].name.span, "first given here");
            return list;
        }
    *list_add(reader->arena, &list) = member;
    return list;
}

struct mcpp_holdings build_holdings(struct mcpp_reader *reader, struct mcpp_holdings all,
                                    struct mcpp_holdings more)
{
    for (size_t i = 0; i < more.scopes.count; i++)
        *list_add(reader->arena, &all.scopes) = more.scopes.at[i];
    for (size_t i = 0; i < more.roles.count; i++)
        *list_add(reader->arena, &all.roles) = more.roles.at[i];
    for (size_t i = 0; i < more.claims.count; i++)
        *list_add(reader->arena, &all.claims) = more.claims.at[i];
    if (more.verifier.span.source && all.verifier.span.source) {
        struct diag *diag = diag_error(reader->diags, "duplicate", more.verifier.span,
                                       "a token is accepted by one verifier");
        diag_note(reader->diags, diag, all.verifier.span, "the first one is here");
    }
    if (!all.verifier.span.source)
        all.verifier = more.verifier;
    return all;
}

struct holdings build_held(struct mcpp_holdings all)
{
    return (struct holdings){.scopes = build_words(all.scopes),
                             .roles = build_words(all.roles),
                             .verifier = all.verifier,
                             .claims = all.claims.at,
                             .claim_count = (uint32_t)all.claims.count};
}

struct test_line build_test_line(struct mcpp_reader *reader, struct test_line line,
                                 struct span span)
{
    line.span = span;
    line.comments = mcpp_comments_before(reader, span.start);
    return line;
}

struct mcpp_lines build_add_line(struct mcpp_reader *reader, struct mcpp_lines lines,
                                 struct test_line line, struct mcpp_newline end)
{
    line.comments = with_carried(reader, line.comments, end);
    line.comment_at_end = end.comment;
    *list_add(reader->arena, &lines) = line;
    return lines;
}
