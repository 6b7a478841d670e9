/*
 * Verifiers of a policy: their settings, and which of them are accepted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/checker.h"
#include "compiler/policy/verifier_setting.h"

enum { LEEWAY_DEFAULT_S = 60, CACHE_DEFAULT_S = 30 };

static void complain_missing(struct checker *checker, const struct statement *statement,
                             const char *what, const char *line)
{
    struct diag *diag =
        diag_error(checker->diags, "missing-setting", statement->name.span,
                   "verifier '%.*s' has no %s", STR_ARG(statement->name.text), what);
    diag_help(checker->diags, diag, "add: %s", line);
}

/* Whoever has a secret can make tokens, so it must be nobody's who only checks them, and a key that
 * everybody can fetch must never be taken for one. */
static void check_secret(struct checker *checker, const struct given_settings *given,
                         struct verifier *verifier)
{
    const struct setting *secret = verifier_setting_given(given, "secret");
    const struct setting *algorithms = verifier_setting_given(given, "algorithms");
    const struct setting *jwks = verifier_setting_given(given, "jwks");
    uint32_t with_secret = verifier->algorithms & ALGORITHMS_SECRET;
    if (!algorithms)
        verifier->algorithms = secret ? ALGORITHM_HS256 : ALGORITHM_RS256 | ALGORITHM_ES256;
    else if (!secret && with_secret)
        diag_error(checker->diags, "secret-and-keys", algorithms->span,
                   "HS256, HS384 and HS512 need a secret of the verifier's own");
    else if (secret && verifier->algorithms != with_secret)
        diag_error(checker->diags, "secret-and-keys", algorithms->span,
                   "a verifier with a secret takes HS256, HS384 and HS512 alone");
    if (secret && jwks)
        diag_error(checker->diags, "secret-and-keys", jwks->span,
                   "a verifier with a secret has no key set");
}

static void check_jwt(struct checker *checker, const struct statement *statement,
                      const struct given_settings *given, struct verifier *verifier)
{
    check_secret(checker, given, verifier);
    if (!verifier_setting_given(given, "audience"))
        complain_missing(checker, statement, "audience: tokens for anybody would be accepted",
                         "audience \"backend-api\"");
}

static void check_introspection(struct checker *checker, const struct statement *statement,
                                const struct given_settings *given, struct verifier *verifier)
{
    if (!verifier_setting_given(given, "endpoint"))
        complain_missing(checker, statement, "endpoint",
                         "endpoint \"https://login.example/introspect\"");
    const struct introspection *introspection = &verifier->introspection;
    const struct setting *client = verifier_setting_given(given, "client");
    const struct setting *method = verifier_setting_given(given, "method");
    if (!client)
        complain_missing(checker, statement, "client", "client env ID secret env SECRET");
    else if (method && introspection->client.name.len &&
             (introspection->method == CLIENT_PRIVATE_KEY_JWT) != (introspection->key.name.len > 0))
        diag_error(checker->diags, "bad-value", method->span,
                   "private_key_jwt goes with a key, and only with a key");
}

static void read_verifier(struct checker *checker, const struct statement *statement,
                          struct verifier *verifier)
{
    *verifier = (struct verifier){.name = statement->name.text,
                                  .scope_claim = STR("scope"),
                                  .leeway_s = LEEWAY_DEFAULT_S,
                                  .introspection.cache_s = CACHE_DEFAULT_S,
                                  .origin = statement->span};
    struct word kind = statement->verifier_kind;
    if (statement->is_from_preset) {
        diag_error(checker->diags, "internal-error", kind.span, "the preset was not resolved");
        return;
    }
    bool is_jwt = str_is(kind.text, "jwt");
    if (!is_jwt && !str_is(kind.text, "introspection")) {
        struct diag *diag = diag_error(checker->diags, "unknown-verifier-kind", kind.span,
                                       "no kind of verifier is called '%.*s'", STR_ARG(kind.text));
        diag_help(checker->diags, diag, "the kinds are jwt and introspection");
        return;
    }
    verifier->kind = is_jwt ? VERIFIER_JWT : VERIFIER_INTROSPECTION;
    struct given_settings given = verifier_read_settings(checker, statement->settings, verifier);
    if (is_jwt)
        check_jwt(checker, statement, &given, verifier);
    else
        check_introspection(checker, statement, &given, verifier);
}

/* The accepted ones, in the order of `accept`. */
static void accept_verifiers(struct checker *checker, const struct verifier *declared)
{
    struct words list = checker->accept ? checker->accept->list : (struct words){0};
    struct verifier *accepted = arena_array(checker->arena, list.count, sizeof *accepted);
    uint32_t count = 0;
    for (uint32_t i = 0; i < list.count; i++) {
        struct map *known = &checker->names.names[NAME_VERIFIER].declared;
        const struct declared *before = map_get(known, list.at[i].text);
        bool is_again = before && before->is_used;
        const struct declared *found = resolve_name(&checker->names, NAME_VERIFIER, list.at[i]);
        if (is_again)
            diag_error(checker->diags, "duplicate", list.at[i].span,
                       "verifier '%.*s' accepted twice", STR_ARG(list.at[i].text));
        else if (found)
            accepted[count++] = declared[found->index];
    }
    for (uint32_t i = 0; i < count; i++)
        map_add(&checker->policy->verifier_index, accepted[i].name, &accepted[i]);
    checker->policy->verifiers = accepted;
    checker->policy->verifier_count = count;
}

static void check_accepted(struct checker *checker)
{
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_VERIFIER))) {
        const struct declared *declared =
            map_get(&checker->names.names[NAME_VERIFIER].declared, statement->name.text);
        if (declared->is_used)
            continue;
        struct diag *diag =
            diag_warning(checker->diags, "unaccepted-verifier", statement->name.span,
                         "verifier '%.*s' is never accepted", STR_ARG(statement->name.text));
        diag_help(checker->diags, diag, "add: accept %.*s", STR_ARG(statement->name.text));
    }
    if (checker->validate && !checker->accept) {
        struct diag *diag = diag_error(checker->diags, "nothing-accepted", checker->validate->span,
                                       "tokens are validated, but no verifier is accepted");
        diag_help(checker->diags, diag, "declare a verifier and accept it");
    }
}

void check_verifiers(struct checker *checker)
{
    uint32_t count = (uint32_t)checker->names.names[NAME_VERIFIER].all.count;
    struct verifier *verifiers = arena_array(checker->arena, count, sizeof *verifiers);
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_VERIFIER))) {
        const struct declared *declared =
            map_get(&checker->names.names[NAME_VERIFIER].declared, statement->name.text);
        if (declared->statement == statement)
            read_verifier(checker, statement, &verifiers[declared->index]);
    }
    accept_verifiers(checker, verifiers);
    check_accepted(checker);
}
