/*
 * Prints the AST and the checked policy, one thing a line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/policy_dump.h"

#include "compiler/policy/format.h"
#include "compiler/policy/text.h"

static void put_quoted(const char *label, struct str text, struct str_builder *out)
{
    str_add_format(out, " %s=", label);
    text_quote(text, out);
}

/* ---- border 4 ---- */

static void dump_word(const char *label, struct word word, struct str_builder *out)
{
    if (word.is_string)
        put_quoted(label, word.text, out);
    else if (word.text.len)
        str_add_format(out, " %s=%.*s", label, STR_ARG(word.text));
}

static void dump_words(const char *label, struct words words, struct str_builder *out)
{
    for (uint32_t i = 0; i < words.count; i++)
        dump_word(label, words.at[i], out);
}

/* Fully in brackets, unlike the formatter: the tree is what matters here. */
static void dump_condition(const struct condition *condition, struct str_builder *out)
{
    if (condition->kind != CONDITION_AND && condition->kind != CONDITION_OR) {
        policy_format_condition(condition, out);
        return;
    }
    str_add_text(out, condition->kind == CONDITION_AND ? "(and " : "(or ");
    dump_condition(condition->left, out);
    str_add_byte(out, ' ');
    dump_condition(condition->right, out);
    str_add_byte(out, ')');
}

static void dump_comment_lines(struct str comments, struct str_builder *out)
{
    while (comments.len) {
        size_t end = str_find(comments, '\n');
        struct str line = str_part(comments, 0, end);
        line = str_from(line, str_find(line, '#'));
        while (str_ends(line, " ") || str_ends(line, "\t") || str_ends(line, "\r"))
            line.len--;
        if (line.len)
            str_add_format(out, "  comment %.*s\n", STR_ARG(line));
        comments = str_from(comments, end + 1);
    }
}

static void dump_settings(const struct statement *statement, struct str_builder *out)
{
    for (uint32_t i = 0; i < statement->settings.count; i++) {
        const struct setting *setting = &statement->settings.at[i];
        dump_comment_lines(setting->comments, out);
        str_add_format(out, "  setting %.*s", STR_ARG(setting->name.text));
        dump_words("value", setting->values, out);
        str_add_byte(out, '\n');
        dump_comment_lines(setting->comment_at_end, out);
    }
    dump_comment_lines(statement->comments_at_block_end, out);
}

static void dump_statement(const struct statement *statement, struct str_builder *out)
{
    static const char *const kinds[] = {
        [STATEMENT_VERSION] = "version", [STATEMENT_API] = "api",
        [STATEMENT_OVERLAY] = "overlay", [STATEMENT_SERVER] = "server",
        [STATEMENT_BACKEND] = "backend", [STATEMENT_VERIFIER] = "verifier",
        [STATEMENT_ACCEPT] = "accept",   [STATEMENT_VALIDATE] = "validate",
        [STATEMENT_SCOPE] = "scope",     [STATEMENT_TOOL] = "tool",
        [STATEMENT_OMIT] = "omit",       [STATEMENT_SEND] = "send",
    };
    static const char *const sends[] = {"bearer", "basic", "header", "query", "cookie"};
    str_add_text(out, kinds[statement->kind]);
    if (statement->kind == STATEMENT_SEND)
        str_add_format(out, " %s", sends[statement->send]);
    dump_word("name", statement->name, out);
    dump_word("kind", statement->verifier_kind, out);
    if (statement->path.text.len) {
        put_quoted("method", statement->method.text, out);
        put_quoted("path", statement->path.text, out);
    }
    dump_word("description", statement->description, out);
    dump_word(statement->secret.kind == SECRET_ENV ? "env" : "file", statement->secret.name, out);
    dump_words("item", statement->list, out);
    if (statement->needs) {
        str_add_text(out, " needs=");
        dump_condition(statement->needs, out);
    }
    str_add_byte(out, '\n');
    dump_comment_lines(statement->comments, out);
    dump_comment_lines(statement->comment_at_end, out);
    dump_settings(statement, out);
}

void ast_dump(const struct policy_ast *ast, struct str_builder *out)
{
    for (uint32_t i = 0; i < ast->statement_count; i++)
        dump_statement(&ast->statements[i], out);
    if (str_find(ast->comments_at_end, '#') < ast->comments_at_end.len) {
        str_add_text(out, "end\n");
        dump_comment_lines(ast->comments_at_end, out);
    }
}

/* ---- border 5 ---- */

static void dump_scopes(const struct policy *policy, struct str_builder *out)
{
    for (uint32_t i = 0; i < policy->scope_count; i++) {
        const struct scope *scope = &policy->scopes[i];
        str_add_format(out, "scope %u", i);
        put_quoted("name", scope->name, out);
        put_quoted("description", scope->description, out);
        for (uint32_t at = 0; at < scope->implies_count; at++)
            str_add_format(out, " implies=%u", scope->implies[at]);
        str_add_byte(out, '\n');
    }
}

static void dump_verifiers(const struct policy *policy, struct str_builder *out)
{
    for (uint32_t i = 0; i < policy->verifier_count; i++) {
        const struct verifier *verifier = &policy->verifiers[i];
        str_add_format(out, "verifier %u name=%.*s", i, STR_ARG(verifier->name));
        put_quoted("issuer", verifier->issuer, out);
        put_quoted("jwks", verifier->jwks, out);
        put_quoted("audience", verifier->audience, out);
        put_quoted("scope_claim", verifier->scope_claim, out);
        str_add_format(out, " algorithms=%s%s leeway_s=%u\n",
                       verifier->algorithms & ALGORITHM_RS256 ? "RS256" : "",
                       verifier->algorithms & ALGORITHM_ES256 ? " ES256" : "", verifier->leeway_s);
    }
}

static void dump_credentials(const struct policy *policy, struct str_builder *out)
{
    static const char *const kinds[] = {"bearer", "basic", "header", "query", "cookie"};
    for (uint32_t i = 0; i < policy->credential_count; i++) {
        const struct credential *credential = &policy->credentials[i];
        str_add_format(out, "credential %u %s", i, kinds[credential->kind]);
        put_quoted("name", credential->name, out);
        put_quoted(credential->secret_kind == SECRET_ENV ? "env" : "file", credential->secret_name,
                   out);
        str_add_byte(out, '\n');
    }
}

static void dump_tools(const struct policy *policy, struct str_builder *out)
{
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct tool *tool = &policy->tools[i];
        str_add_format(out, "tool %u name=%.*s operation=%.*s", i, STR_ARG(tool->name),
                       STR_ARG(tool->operation->method));
        str_add_format(out, " %.*s needs=", STR_ARG(tool->operation->path));
        dump_condition(tool->needs, out);
        put_quoted("title", tool->title, out);
        str_add_format(out, " hints=%u timeout_ms=%u", tool->hints, tool->timeout_ms);
        for (uint32_t at = 0; at < tool->credential_count; at++)
            str_add_format(out, " credential=%u", tool->credentials[at]);
        str_add_byte(out, '\n');
    }
}

void policy_dump(const struct policy *policy, struct str_builder *out)
{
    str_add_text(out, "policy");
    put_quoted("server", policy->server_name, out);
    put_quoted("backend", policy->backend, out);
    str_add_format(out, " validate_tokens=%s\n", policy->validate_tokens ? "yes" : "no");
    dump_scopes(policy, out);
    dump_verifiers(policy, out);
    dump_credentials(policy, out);
    dump_tools(policy, out);
}
