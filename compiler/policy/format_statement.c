/*
 * Single statements as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/format_part.h"

#include "compiler/policy/text.h"

struct str format_method(struct arena *arena, struct str method)
{
    return text_is_word(method) ? method : format_quoted(arena, method);
}

struct str format_path(struct arena *arena, struct str path)
{
    return text_is_path(path) ? path : format_quoted(arena, path);
}

/* ---- lists ---- */

static void put_words(struct words list, bool are_strings, struct str_builder *out)
{
    struct str *texts = arena_array(out->arena, list.count, sizeof *texts);
    for (uint32_t i = 0; i < list.count; i++)
        texts[i] = are_strings ? format_quoted(out->arena, list.at[i].text) : list.at[i].text;
    format_list(texts, list.count, out);
}

/* Names that begin a selector of another kind, and those of no word, stand in quotes. */
static bool is_plain_name(struct str name)
{
    return text_is_word(name) && !str_is(name, "tagged") && !str_is(name, "method") &&
           !str_is(name, "path");
}

struct str format_selector(struct arena *arena, const struct selector *selector)
{
    static const char *const words[] = {[SELECTOR_NAME] = "",
                                        [SELECTOR_TAGGED] = "tagged ",
                                        [SELECTOR_METHOD] = "method ",
                                        [SELECTOR_PATH] = "path ",
                                        [SELECTOR_ALL] = "*"};
    struct str text = selector->word.text;
    struct str_builder out = {.arena = arena};
    str_add_text(&out, words[selector->kind]);
    if (selector->kind == SELECTOR_METHOD ||
        (selector->kind == SELECTOR_NAME && is_plain_name(text)))
        str_add(&out, text);
    else if (selector->kind != SELECTOR_ALL)
        text_quote(text, &out);
    return str_built(&out);
}

static void put_selectors(struct selectors selectors, struct str_builder *out)
{
    struct str *texts = arena_array(out->arena, selectors.count, sizeof *texts);
    for (uint32_t i = 0; i < selectors.count; i++)
        texts[i] = format_selector(out->arena, &selectors.at[i]);
    format_list(texts, selectors.count, out);
}

/* ---- blocks ---- */

static size_t setting_column(struct settings settings)
{
    size_t column = 0;
    for (uint32_t i = 0; i < settings.count; i++) {
        size_t width = text_width(settings.at[i].name.text);
        column = width > column ? width : column;
    }
    return column;
}

static void put_setting(const struct setting *setting, size_t column, struct str_builder *out)
{
    format_pad(out, 0, FORMAT_INDENT);
    format_column(out, setting->name.text, column);
    for (uint32_t i = 0; i < setting->values.count; i++) {
        str_add_byte(out, ' ');
        if (setting->values.at[i].is_string)
            text_quote(setting->values.at[i].text, out);
        else
            str_add(out, setting->values.at[i].text);
    }
    format_comment_at_end(setting->comment_at_end, out);
    str_add_byte(out, '\n');
}

static void put_block(const struct statement *statement, struct str_builder *out)
{
    size_t column = setting_column(statement->settings);
    str_add_text(out, " {\n");
    for (uint32_t i = 0; i < statement->settings.count; i++) {
        const struct setting *setting = &statement->settings.at[i];
        format_comments(setting->comments, FORMAT_INDENT, i == 0 ? EDGE_START : EDGE_NONE, out);
        put_setting(setting, column, out);
    }
    format_comments(statement->comments_at_block_end, FORMAT_INDENT,
                    EDGE_END | (statement->settings.count ? EDGE_NONE : EDGE_START), out);
    str_add_byte(out, '}');
}

static void put_optional_block(const struct statement *statement, struct str_builder *out)
{
    if (statement->settings.count || format_has_comment(statement->comments_at_block_end))
        put_block(statement, out);
}

/* ---- declarations ---- */

static void put_include(const struct statement *statement, struct str_builder *out)
{
    if (statement->is_stdlib)
        str_add_format(out, "include <%.*s>", STR_ARG(statement->name.text));
    else
        format_named(out, "include ", statement->name.text);
    put_optional_block(statement, out);
}

static void put_verifier(const struct statement *statement, struct str_builder *out)
{
    struct word kind = statement->verifier_kind;
    str_add_format(out, "verifier %.*s %s", STR_ARG(statement->name.text),
                   statement->is_from_preset ? "from " : "");
    str_add(out, kind.is_string ? format_quoted(out->arena, kind.text) : kind.text);
    if (statement->is_from_preset)
        put_optional_block(statement, out);
    else
        put_block(statement, out);
}

static void put_operation(const struct statement *statement, struct columns columns, bool is_last,
                          struct str_builder *out)
{
    format_column(out, format_method(out->arena, statement->method.text), columns.method);
    str_add_byte(out, ' ');
    format_column(out, format_path(out->arena, statement->path.text), is_last ? 0 : columns.path);
}

static void put_tool(const struct statement *statement, struct columns columns,
                     struct str_builder *out)
{
    str_add_text(out, "tool ");
    format_column(out, statement->name.text, columns.name);
    str_add_byte(out, ' ');
    put_operation(statement, columns, false, out);
    str_add_text(out, " needs ");
    policy_format_condition(statement->needs, out);
    put_optional_block(statement, out);
}

static void put_omit(const struct statement *statement, struct columns columns,
                     struct str_builder *out)
{
    bool has_reason = statement->description.is_string;
    str_add_text(out, "omit ");
    if (columns.has_tools)
        format_pad(out, 0, columns.name + 1);
    put_operation(statement, columns, !has_reason, out);
    if (has_reason)
        format_named(out, " ", statement->description.text);
}

static void put_scope(const struct statement *statement, struct columns columns,
                      struct str_builder *out)
{
    bool has_description = statement->description.is_string;
    str_add_text(out, "scope ");
    format_column(out, format_quoted(out->arena, statement->name.text),
                  has_description ? columns.scope : 0);
    if (has_description)
        format_named(out, " ", statement->description.text);
    if (statement->list.count) {
        str_add_text(out, " implies");
        put_words(statement->list, true, out);
    }
    if (statement->guard.when || statement->guard.unless) {
        str_add_text(out, " granted");
        format_guard(statement->guard, (struct word){0}, out);
    }
}

/* ---- rules ---- */

static void put_rule(const char *words, const struct statement *statement, struct str_builder *out)
{
    str_add_text(out, words);
    put_selectors(statement->selectors, out);
    format_guard(statement->guard, statement->description, out);
}

static void put_fill(const struct statement *statement, struct str_builder *out)
{
    str_add_format(out, "fill %.*s", STR_ARG(statement->name.text));
    if (statement->argument.is_string)
        text_quote(statement->argument.text, out);
    format_named(out, " from claim ", statement->claim.text);
}

static void put_limit(const struct statement *statement, struct str_builder *out)
{
    str_add_text(out, "limit");
    put_selectors(statement->selectors, out);
    str_add_format(out, " %.*s per %.*s", STR_ARG(statement->amount.text),
                   STR_ARG(statement->unit.text));
    if (statement->per.text.len)
        str_add_format(out, " per %.*s", STR_ARG(statement->per.text));
    if (statement->burst.text.len)
        str_add_format(out, " burst %.*s", STR_ARG(statement->burst.text));
}

/* ---- toward the backend ---- */

static void put_secret(struct secret secret, struct str_builder *out)
{
    if (secret.name.text.len == 0 && !secret.name.is_string)
        return;
    if (secret.kind == SECRET_ENV)
        str_add_format(out, " env %.*s", STR_ARG(secret.name.text));
    else
        format_named(out, " file ", secret.name.text);
}

/* A label stands in quotes: it is a name of the document, and may be a keyword. */
static void put_sent(const struct statement *what, struct str_builder *out)
{
    static const char *const kinds[] = {
        [SEND_BEARER] = "bearer",      [SEND_BASIC] = "basic",
        [SEND_DIGEST] = "digest",      [SEND_HEADER] = "header",
        [SEND_QUERY] = "query",        [SEND_COOKIE] = "cookie",
        [SEND_CLAIM] = "header",       [SEND_CERTIFICATE] = "certificate",
        [SEND_OAUTH2] = "oauth2",      [SEND_EXCHANGE] = "exchange",
        [SEND_CALLER] = "caller token"};
    if (what->send == SEND_NAMED) {
        format_named(out, " ", what->label.text);
        return;
    }
    str_add_format(out, " %s", kinds[what->send]);
    if (what->name.is_string)
        format_named(out, " ", what->name.text);
    if (what->send == SEND_OAUTH2)
        str_add_format(out, " %.*s", STR_ARG(what->flow.text));
    put_secret(what->secret, out);
    if (what->send == SEND_CERTIFICATE) {
        str_add_text(out, " key");
        put_secret(what->key, out);
    }
    if (what->send == SEND_CLAIM)
        format_named(out, " claim ", what->claim.text);
    if (what->send == SEND_OAUTH2 || what->send == SEND_EXCHANGE)
        put_block(what, out);
}

static void put_send(const struct statement *statement, struct str_builder *out)
{
    str_add_text(out, "send");
    for (uint32_t i = 0; i < statement->sents.count; i++) {
        if (i)
            str_add_text(out, statement->sents.at[i].is_alternative ? " or" : " and");
        put_sent(statement->sents.at[i].what, out);
    }
    if (statement->selectors.count) {
        str_add_text(out, " for");
        put_selectors(statement->selectors, out);
    }
}

/* ---- all ---- */

static void put_text(const struct statement *statement, struct str_builder *out)
{
    static const char *const words[] = {[STATEMENT_API] = "api ",
                                        [STATEMENT_OVERLAY] = "overlay ",
                                        [STATEMENT_SERVER] = "server ",
                                        [STATEMENT_BACKEND] = "backend "};
    format_named(out, words[statement->kind], statement->name.text);
}

static void put_head(const struct statement *statement, struct str_builder *out)
{
    switch (statement->kind) {
    case STATEMENT_VERSION:
        str_add_format(out, "mcpp %.*s", STR_ARG(statement->name.text));
        break;
    case STATEMENT_API:
    case STATEMENT_OVERLAY:
    case STATEMENT_SERVER:
    case STATEMENT_BACKEND:
        put_text(statement, out);
        break;
    case STATEMENT_INCLUDE:
        put_include(statement, out);
        break;
    case STATEMENT_PARAMETER:
        str_add_format(out, "parameter %.*s", STR_ARG(statement->name.text));
        if (statement->description.is_string)
            format_named(out, " ", statement->description.text);
        break;
    case STATEMENT_PRESET:
        str_add_format(out, "preset %.*s", STR_ARG(statement->verifier_kind.text));
        put_block(statement, out);
        break;
    case STATEMENT_VERIFIER:
        put_verifier(statement, out);
        break;
    case STATEMENT_ACCEPT:
        str_add_text(out, "accept");
        put_words(statement->list, false, out);
        break;
    default:
        str_add_text(out, "validate tokens");
        break;
    }
}

void format_statement(const struct statement *statement, struct columns columns,
                      struct str_builder *out)
{
    switch (statement->kind) {
    case STATEMENT_SCOPE:
        put_scope(statement, columns, out);
        break;
    case STATEMENT_ROLE:
        str_add_format(out, "role %.*s", STR_ARG(statement->name.text));
        format_guard(statement->guard, (struct word){0}, out);
        break;
    case STATEMENT_OPERATOR:
        str_add_text(out, "operator");
        format_holdings(&statement->holdings, false, out);
        break;
    case STATEMENT_TOOL:
        put_tool(statement, columns, out);
        break;
    case STATEMENT_OMIT:
        put_omit(statement, columns, out);
        break;
    case STATEMENT_GROUP:
        str_add_format(out, "group %.*s =", STR_ARG(statement->name.text));
        put_selectors(statement->selectors, out);
        break;
    case STATEMENT_HIDE:
        put_rule("hide", statement, out);
        break;
    case STATEMENT_DENY:
        put_rule("deny", statement, out);
        break;
    case STATEMENT_ALLOW:
        put_rule("allow only", statement, out);
        break;
    case STATEMENT_FILL:
        put_fill(statement, out);
        break;
    case STATEMENT_LIMIT:
        put_limit(statement, out);
        break;
    case STATEMENT_SEND:
        put_send(statement, out);
        break;
    case STATEMENT_CREDENTIAL:
        format_named(out, "credential ", statement->label.text);
        put_sent(statement, out);
        break;
    case STATEMENT_TEST:
        format_test(statement, out);
        break;
    default:
        put_head(statement, out);
        break;
    }
}

void policy_format_statement(const struct statement *statement, struct str_builder *out)
{
    format_statement(statement, (struct columns){0}, out);
}
