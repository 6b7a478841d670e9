/*
 * Verifiers of a policy: their settings, and which of them are accepted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/checker.h"

#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

enum verifier_setting {
    SETTING_ISSUER,
    SETTING_JWKS,
    SETTING_AUDIENCE,
    SETTING_ALGORITHMS,
    SETTING_LEEWAY,
    SETTING_SCOPES,
    SETTING_COUNT,
};

static const char *const setting_names[] = {
    [SETTING_ISSUER] = "issuer",     [SETTING_JWKS] = "jwks",
    [SETTING_AUDIENCE] = "audience", [SETTING_ALGORITHMS] = "algorithms",
    [SETTING_LEEWAY] = "leeway",     [SETTING_SCOPES] = "scopes",
    [SETTING_COUNT] = NULL,
};

enum { LEEWAY_DEFAULT_S = 60, LEEWAY_MAX_S = 600, MS_PER_S = 1000 };

static void set_url(struct checker *checker, const struct setting *setting, bool may_have_query,
                    struct str *out)
{
    if (value_is_single(checker->diags, setting, true) &&
        value_check_url(checker->diags, setting->values.at[0], may_have_query))
        *out = setting->values.at[0].text;
}

static void set_audience(struct checker *checker, const struct setting *setting,
                         struct verifier *verifier)
{
    if (!value_is_single(checker->diags, setting, true))
        return;
    struct word word = setting->values.at[0];
    if (word.text.len == 0 || !text_is_printable(word.text))
        diag_error(checker->diags, "bad-value", word.span, "an audience that no token can name");
    verifier->audience = word.text;
}

static void set_algorithms(struct checker *checker, const struct setting *setting,
                           struct verifier *verifier)
{
    static const struct str known[] = {STR_INIT("RS256"), STR_INIT("ES256")};
    static const uint32_t bits[] = {ALGORITHM_RS256, ALGORITHM_ES256};
    verifier->algorithms = 0;
    for (uint32_t i = 0; i < setting->values.count; i++) {
        struct word word = setting->values.at[i];
        uint32_t bit = str_equal(word.text, known[0])   ? bits[0]
                       : str_equal(word.text, known[1]) ? bits[1]
                                                        : 0;
        verifier->algorithms |= bit;
        if (bit)
            continue;
        struct diag *diag =
            diag_error(checker->diags, "unknown-algorithm", word.span,
                       "no signature algorithm '%.*s' is supported", STR_ARG(word.text));
        diag_help(checker->diags, diag, "the algorithms are RS256 and ES256");
    }
}

static void set_leeway(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    uint64_t ms;
    if (!value_is_single(checker->diags, setting, false))
        return;
    struct word word = setting->values.at[0];
    if (!value_duration_ms(word.text, &ms) || ms % MS_PER_S || ms > LEEWAY_MAX_S * MS_PER_S)
        diag_error(checker->diags, "bad-value", word.span, "a leeway is whole seconds, at most %ds",
                   LEEWAY_MAX_S);
    else
        verifier->leeway_s = (uint32_t)(ms / MS_PER_S);
}

static void set_scopes(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    struct words values = setting->values;
    if (values.count != 2 || !str_is(values.at[0].text, "claim") || values.at[0].is_string ||
        !values.at[1].is_string || values.at[1].text.len == 0) {
        struct diag *diag = diag_error(checker->diags, "bad-value", setting->span,
                                       "'scopes' takes the claim that holds them");
        diag_help(checker->diags, diag, "write: scopes claim \"scope\"");
        return;
    }
    if (!text_is_printable(values.at[1].text))
        diag_error(checker->diags, "bad-value", values.at[1].span,
                   "a claim name with a control character");
    verifier->scope_claim = values.at[1].text;
}

static void set_setting(struct checker *checker, enum verifier_setting kind,
                        const struct setting *setting, struct verifier *verifier)
{
    switch (kind) {
    case SETTING_ISSUER:
        set_url(checker, setting, false, &verifier->issuer);
        break;
    case SETTING_JWKS:
        set_url(checker, setting, true, &verifier->jwks);
        break;
    case SETTING_AUDIENCE:
        set_audience(checker, setting, verifier);
        break;
    case SETTING_ALGORITHMS:
        set_algorithms(checker, setting, verifier);
        break;
    case SETTING_LEEWAY:
        set_leeway(checker, setting, verifier);
        break;
    case SETTING_SCOPES:
        set_scopes(checker, setting, verifier);
        break;
    case SETTING_COUNT:
        break;
    }
}

static void read_settings(struct checker *checker, const struct statement *statement,
                          struct verifier *verifier)
{
    const struct setting *seen[SETTING_COUNT] = {0};
    for (uint32_t i = 0; i < statement->settings.count; i++) {
        const struct setting *setting = &statement->settings.at[i];
        int kind = value_setting_kind(checker->diags, setting, setting_names);
        if (kind < 0)
            continue;
        if (seen[kind]) {
            struct diag *diag = diag_error(checker->diags, "duplicate", setting->name.span,
                                           "setting '%s' given twice", setting_names[kind]);
            diag_note(checker->diags, diag, seen[kind]->name.span, "first given here");
            continue;
        }
        seen[kind] = setting;
        set_setting(checker, (enum verifier_setting)kind, setting, verifier);
    }
    if (!seen[SETTING_AUDIENCE]) {
        struct diag *diag =
            diag_error(checker->diags, "missing-setting", statement->name.span,
                       "verifier '%.*s' has no audience: tokens for anybody would be accepted",
                       STR_ARG(statement->name.text));
        diag_help(checker->diags, diag, "add: audience \"backend-api\"");
    }
}

static void read_verifier(struct checker *checker, const struct statement *statement,
                          struct verifier *verifier)
{
    *verifier = (struct verifier){.name = statement->name.text,
                                  .scope_claim = STR("scope"),
                                  .algorithms = ALGORITHM_RS256 | ALGORITHM_ES256,
                                  .leeway_s = LEEWAY_DEFAULT_S,
                                  .origin = statement->span};
    struct word kind = statement->verifier_kind;
    if (statement->is_from_preset) {
        diag_error(checker->diags, "not-yet", kind.span,
                   "this mcpc cannot do what the statement says");
        return;
    }
    if (str_is(kind.text, "jwt")) {
        read_settings(checker, statement, verifier);
        return;
    }
    struct diag *diag = diag_error(checker->diags, "unknown-verifier-kind", kind.span,
                                   "no kind of verifier is called '%.*s'", STR_ARG(kind.text));
    diag_help(checker->diags, diag, "the kind is jwt");
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
