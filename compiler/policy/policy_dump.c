/*
 * Prints the AST and the checked policy, one thing a line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/policy_dump.h"

#include "compiler/policy/format_part.h"
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
    static const char *const operators[] = {
        [CONDITION_NOT] = "not", [CONDITION_AND] = "and", [CONDITION_OR] = "or"};
    if (!condition->left) {
        policy_format_condition(condition, out);
        return;
    }
    str_add_format(out, "(%s ", operators[condition->kind]);
    dump_condition(condition->left, out);
    if (condition->right) {
        str_add_byte(out, ' ');
        dump_condition(condition->right, out);
    }
    str_add_byte(out, ')');
}

static void dump_guard(struct guard guard, struct str_builder *out)
{
    if (guard.when) {
        str_add_text(out, " when=");
        dump_condition(guard.when, out);
    }
    if (guard.unless) {
        str_add_text(out, " unless=");
        dump_condition(guard.unless, out);
    }
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
}

static void dump_lines(const struct statement *statement, struct str_builder *out)
{
    for (uint32_t i = 0; i < statement->lines.count; i++) {
        const struct test_line *line = &statement->lines.at[i];
        dump_comment_lines(line->comments, out);
        str_add_text(out, "  line ");
        format_test_line(line, 0, out);
        str_add_byte(out, '\n');
        dump_comment_lines(line->comment_at_end, out);
    }
}

static const char *const kinds[] = {
    [STATEMENT_VERSION] = "version",     [STATEMENT_API] = "api",
    [STATEMENT_OVERLAY] = "overlay",     [STATEMENT_SERVER] = "server",
    [STATEMENT_BACKEND] = "backend",     [STATEMENT_INCLUDE] = "include",
    [STATEMENT_PARAMETER] = "parameter", [STATEMENT_PRESET] = "preset",
    [STATEMENT_VERIFIER] = "verifier",   [STATEMENT_ACCEPT] = "accept",
    [STATEMENT_VALIDATE] = "validate",   [STATEMENT_SCOPE] = "scope",
    [STATEMENT_ROLE] = "role",           [STATEMENT_OPERATOR] = "operator",
    [STATEMENT_TOOL] = "tool",           [STATEMENT_OMIT] = "omit",
    [STATEMENT_GROUP] = "group",         [STATEMENT_HIDE] = "hide",
    [STATEMENT_DENY] = "deny",           [STATEMENT_ALLOW] = "allow",
    [STATEMENT_FILL] = "fill",           [STATEMENT_LIMIT] = "limit",
    [STATEMENT_SEND] = "send",           [STATEMENT_CREDENTIAL] = "credential",
    [STATEMENT_TEST] = "test",
};

static const char *const sends[] = {
    [SEND_NAMED] = "named",   [SEND_BEARER] = "bearer",
    [SEND_BASIC] = "basic",   [SEND_DIGEST] = "digest",
    [SEND_HEADER] = "header", [SEND_QUERY] = "query",
    [SEND_COOKIE] = "cookie", [SEND_CLAIM] = "claim",
    [SEND_CALLER] = "caller", [SEND_CERTIFICATE] = "certificate",
    [SEND_OAUTH2] = "oauth2", [SEND_EXCHANGE] = "exchange",
};

static void dump_secret(struct secret secret, struct str_builder *out)
{
    dump_word(secret.kind == SECRET_ENV ? "env" : "file", secret.name, out);
}

/* What one credential is, without its settings. */
static void dump_sent(const struct statement *what, struct str_builder *out)
{
    str_add_format(out, " %s", sends[what->send]);
    dump_word("label", what->label, out);
    if (what->kind == STATEMENT_SEND)
        dump_word("name", what->name, out);
    dump_word("flow", what->flow, out);
    dump_secret(what->secret, out);
    dump_secret(what->key, out);
    if (what->kind == STATEMENT_SEND)
        dump_word("claim", what->claim, out);
}

static void dump_sents(struct sents sents, struct str_builder *out)
{
    for (uint32_t i = 0; i < sents.count; i++) {
        str_add_text(out, i == 0 ? "" : sents.at[i].is_alternative ? " or" : " and");
        dump_sent(sents.at[i].what, out);
    }
}

/* What the statement's first line says, in the order of the fields of struct statement. */
static void dump_head(const struct statement *statement, struct str_builder *out)
{
    str_add_text(out, kinds[statement->kind]);
    if (statement->kind == STATEMENT_SEND)
        dump_sents(statement->sents, out);
    if (statement->kind == STATEMENT_CREDENTIAL)
        dump_sent(statement, out);
    dump_word(statement->is_stdlib ? "stdlib" : "name", statement->name, out);
    dump_word(statement->is_from_preset ? "from" : "kind", statement->verifier_kind, out);
    if (statement->path.text.len) {
        put_quoted("method", statement->method.text, out);
        put_quoted("path", statement->path.text, out);
    }
    dump_word("description", statement->description, out);
    dump_word("argument", statement->argument, out);
    dump_word("claim", statement->claim, out);
    dump_words("item", statement->list, out);
    for (uint32_t i = 0; i < statement->selectors.count; i++)
        str_add_format(out, " item=%.*s",
                       STR_ARG(format_selector(out->arena, &statement->selectors.at[i])));
    dump_word("amount", statement->amount, out);
    dump_word("unit", statement->unit, out);
    dump_word("per", statement->per, out);
    dump_word("burst", statement->burst, out);
    format_holdings(&statement->holdings, false, out);
    if (statement->needs) {
        str_add_text(out, " needs=");
        dump_condition(statement->needs, out);
    }
    dump_guard(statement->guard, out);
}

static void dump_statement(const struct statement *statement, struct str_builder *out)
{
    dump_head(statement, out);
    str_add_byte(out, '\n');
    dump_comment_lines(statement->comments, out);
    dump_comment_lines(statement->comment_at_end, out);
    dump_settings(statement, out);
    for (uint32_t i = 0; i < statement->sents.count; i++) {
        dump_settings(statement->sents.at[i].what, out);
        dump_comment_lines(statement->sents.at[i].what->comments_at_block_end, out);
    }
    dump_lines(statement, out);
    dump_comment_lines(statement->comments_at_block_end, out);
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
        dump_guard(scope->granted, out);
        str_add_byte(out, '\n');
    }
}

static void put_secret(const char *name, struct secret_place secret, struct str_builder *out)
{
    if (secret.name.len == 0)
        return;
    str_add_format(out, " %s=%s", name, secret.kind == SECRET_ENV ? "env" : "file");
    put_quoted("name", secret.name, out);
}

static void dump_introspection(const struct introspection *introspection, struct str_builder *out)
{
    static const char *const methods[] = {"basic", "post", "private_key_jwt"};
    put_quoted("endpoint", introspection->endpoint, out);
    str_add_format(out, " method=%s", methods[introspection->method]);
    put_secret("client", introspection->client, out);
    put_secret("client_secret", introspection->secret, out);
    put_secret("key", introspection->key, out);
    put_quoted("key_id", introspection->key_id, out);
    str_add_format(out, " cache_s=%u", introspection->cache_s);
}

static void dump_verifier(const struct verifier *verifier, struct str_builder *out)
{
    put_quoted("issuer", verifier->issuer, out);
    put_quoted("jwks", verifier->jwks, out);
    for (uint32_t i = 0; i < verifier->audience_count; i++)
        put_quoted("audience", verifier->audiences[i], out);
    put_quoted("scope_claim", verifier->scope_claim, out);
    put_quoted("roles_claim", verifier->roles_claim, out);
    if (verifier->kind == VERIFIER_INTROSPECTION)
        dump_introspection(&verifier->introspection, out);
    if (verifier->algorithms)
        str_add_text(out, " algorithms=");
    algorithm_add_names(verifier->algorithms, " ", out);
    put_secret("secret", verifier->hmac_secret, out);
    str_add_format(out, " leeway_s=%u%s%s%s%s%s\n", verifier->leeway_s,
                   verifier->bound & BOUND_DPOP ? " bound=dpop" : "",
                   verifier->bound & BOUND_NONCE ? " bound=nonce" : "",
                   verifier->bound & BOUND_MTLS ? " bound=mtls" : "",
                   verifier->is_profile_rfc9068 ? " profile=rfc9068" : "",
                   verifier->allows_private ? " allow=private" : "");
}

static void dump_verifiers(const struct policy *policy, struct str_builder *out)
{
    for (uint32_t i = 0; i < policy->verifier_count; i++) {
        str_add_format(out, "verifier %u name=%.*s", i, STR_ARG(policy->verifiers[i].name));
        dump_verifier(&policy->verifiers[i], out);
    }
}

static void dump_credentials(const struct policy *policy, struct str_builder *out)
{
    for (uint32_t i = 0; i < policy->credential_count; i++) {
        const struct credential *credential = &policy->credentials[i];
        str_add_format(out, "credential %u %s", i, sends[credential->kind]);
        put_quoted("name", credential->name, out);
        put_quoted("label", credential->label, out);
        put_quoted(credential->secret.kind == SECRET_ENV ? "env" : "file",
                   credential->secret.name.text, out);
        str_add_byte(out, '\n');
    }
    for (uint32_t i = 0; i < policy->send_count; i++) {
        str_add_format(out, "send %u", i);
        for (uint32_t at = 0; at < policy->sends[i].count; at++)
            for (uint32_t k = 0; k < policy->sends[i].alternatives[at].count; k++)
                str_add_format(out, "%s %u",
                               k    ? " and"
                               : at ? " or"
                                    : "",
                               policy->sends[i].alternatives[at].credentials[k]);
        str_add_byte(out, '\n');
    }
}

static void dump_roles(const struct policy *policy, struct str_builder *out)
{
    for (uint32_t i = 0; i < policy->role_count; i++) {
        const struct role *role = &policy->roles[i];
        str_add_format(out, "role %u name=%.*s", i, STR_ARG(role->name));
        str_add_text(out, role->is_listed ? " listed" : "");
        dump_guard(role->guard, out);
        str_add_byte(out, '\n');
    }
    for (uint32_t i = 0; i < policy->derivation_count; i++)
        str_add_format(out, "derivation %u %s=%u\n", i,
                       policy->derivations[i].is_role ? "role" : "scope",
                       policy->derivations[i].index);
}

static void dump_claims(const struct policy *policy, struct str_builder *out)
{
    for (uint32_t i = 0; i < policy->claim_count; i++) {
        struct path path = policy->claims[i].path;
        str_add_format(out, "claim %u", i);
        for (uint32_t at = 0; at < path.count; at++)
            put_quoted("name", path.names[at], out);
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
        for (uint32_t at = 0; at < tool->send_count; at++)
            str_add_format(out, " send=%u", tool->sends[at]);
        for (uint32_t at = 0; at < tool->fill_count; at++)
            str_add_format(out, " fill=%.*s:%u",
                           STR_ARG(tool->operation->arguments[tool->fills[at].argument].name),
                           tool->fills[at].claim);
        str_add_byte(out, '\n');
    }
}

static void dump_set(struct tool_set tools, struct str_builder *out)
{
    for (uint32_t at = 0; at < tools.count; at++)
        str_add_format(out, " tool=%u", tools.at[at]);
}

static void dump_rules(const struct policy *policy, struct str_builder *out)
{
    static const char *const rules[] = {
        [RULE_HIDE] = "hide", [RULE_DENY] = "deny", [RULE_ALLOW_ONLY] = "allow only"};
    static const char *const keys[] = {[LIMIT_SUBJECT] = "subject",
                                       [LIMIT_CLIENT] = "client",
                                       [LIMIT_TOOL] = "tool",
                                       [LIMIT_ALL] = "all"};
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        str_add_format(out, "rule %u %s%s%s", i, rules[rule->kind],
                       rule->mentions_arguments ? " arguments" : "",
                       rule->mentions_caller ? " caller" : "");
        dump_set(rule->tools, out);
        dump_guard(rule->guard, out);
        if (rule->message.len)
            put_quoted("message", rule->message, out);
        str_add_byte(out, '\n');
    }
    for (uint32_t i = 0; i < policy->limit_count; i++) {
        const struct limit *limit = &policy->limits[i];
        str_add_format(out, "limit %u", i);
        dump_set(limit->tools, out);
        str_add_format(out, " amount=%u period_s=%u burst=%u per=%s\n", limit->amount,
                       limit->period_s, limit->burst, keys[limit->key]);
    }
}

static void dump_operator(const struct policy *policy, struct str_builder *out)
{
    const struct operator_holdings *held = &policy->operator_holdings;
    if (!held->is_narrowed)
        return;
    str_add_text(out, "operator");
    for (uint32_t i = 0; i < held->scope_count; i++)
        str_add_format(out, " scope=%u", held->scopes[i]);
    for (uint32_t i = 0; i < held->role_count; i++)
        str_add_format(out, " role=%u", held->roles[i]);
    str_add_format(out, " claims=%.*s\n",
                   STR_ARG(policy_claims_json(held->claims, held->claim_count, out->arena)));
}

static void dump_tests(const struct policy *policy, struct str_builder *out)
{
    for (uint32_t i = 0; i < policy->test_count; i++) {
        str_add_format(out, "test %u", i);
        put_quoted("name", policy->tests[i]->name.text, out);
        str_add_byte(out, '\n');
        dump_lines(policy->tests[i], out);
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
    dump_roles(policy, out);
    dump_claims(policy, out);
    dump_tools(policy, out);
    dump_rules(policy, out);
    dump_operator(policy, out);
    dump_tests(policy, out);
}
