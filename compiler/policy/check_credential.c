/*
 * Credentials of a policy, and which of them go out with each tool: for every place in a request
 * the most specific `send` wins: one that names the tool beats one that finds it by a group or a
 * kind, and that one beats `send …` for all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/checker.h"

#include <strings.h>

#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

/* ---- names ---- */

/* Headers that belong to the message itself, not to whoever sends it (RFC 9110, section 7.6). */
static bool is_message_header(struct str name)
{
    static const char *const names[] = {
        "host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade",
        "te",   "trailer",        "expect"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_of(names[i]).len == name.len && strncasecmp(names[i], name.at, name.len) == 0)
            return true;
    return false;
}

static void check_place(struct checker *checker, const struct statement *statement)
{
    struct word name = statement->name;
    switch (statement->send) {
    case SEND_BEARER:
    case SEND_BASIC:
    case SEND_DIGEST:
    case SEND_CERTIFICATE:
    case SEND_OAUTH2:
    case SEND_EXCHANGE:
    case SEND_CALLER:
        return;
    case SEND_HEADER:
    case SEND_CLAIM:
        if (!value_is_http_token(name.text) || is_message_header(name.text))
            diag_error(checker->diags, "bad-value", name.span,
                       "'%.*s' is no header for a credential", STR_ARG(name.text));
        return;
    case SEND_COOKIE:
        if (!value_is_http_token(name.text))
            diag_error(checker->diags, "bad-value", name.span, "'%.*s' is no name for a cookie",
                       STR_ARG(name.text));
        return;
    case SEND_QUERY:
        if (name.text.len == 0 || !text_is_printable(name.text))
            diag_error(checker->diags, "bad-value", name.span,
                       "a query parameter without a printable name");
        return;
    }
}

/* POSIX: names of environment variables are letters, digits and '_', not beginning with a digit. */
static bool is_variable_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] == '.' || name.at[i] == '-')
            return false;
    return name.len && text_is_word(name) && !(name.at[0] >= '0' && name.at[0] <= '9');
}

static void check_secret(struct checker *checker, const struct secret *secret)
{
    if (!secret->name.span.source && secret->name.text.len == 0)
        return; /* there is none */
    if (secret->kind == SECRET_ENV && !is_variable_name(secret->name.text))
        diag_error(checker->diags, "bad-value", secret->name.span,
                   "'%.*s' is no name of an environment variable", STR_ARG(secret->name.text));
    if (secret->kind == SECRET_FILE &&
        (secret->name.text.len == 0 || !text_is_printable(secret->name.text)))
        diag_error(checker->diags, "bad-value", secret->name.span, "no name of a file");
}

/* ---- choosing ---- */

/* Whether two credentials would go to the same place of a request. */
static bool is_header(enum send_kind kind)
{
    return kind == SEND_HEADER || kind == SEND_CLAIM;
}

static bool is_authorization(const struct credential *credential)
{
    switch (credential->kind) {
    case SEND_BEARER:
    case SEND_BASIC:
    case SEND_DIGEST:
    case SEND_OAUTH2:
    case SEND_EXCHANGE:
    case SEND_CALLER:
        return true;
    default:
        return is_header(credential->kind) && credential->name.len == 13 &&
               strncasecmp(credential->name.at, "authorization", 13) == 0;
    }
}

static bool share_place(const struct credential *a, const struct credential *b)
{
    if (is_authorization(a) || is_authorization(b))
        return is_authorization(a) && is_authorization(b);
    bool are_alike = a->kind == b->kind || (is_header(a->kind) && is_header(b->kind));
    if (!are_alike || a->name.len != b->name.len)
        return false;
    return is_header(a->kind) ? strncasecmp(a->name.at, b->name.at, a->name.len) == 0
                              : str_equal(a->name, b->name);
}

struct choice {
    uint32_t *credentials;
    enum specificity *specificities;
    uint32_t count; /* the most specific ones come first */
};

struct chooser {
    struct checker *checker;
    const struct credential *credentials;
    struct choice *choices; /* of each tool */
};

static void report_clash(struct chooser *chooser, const struct credential *earlier,
                         const struct credential *later, struct str tool)
{
    struct diag_list *diags = chooser->checker->diags;
    struct diag *diag =
        diag_error(diags, "duplicate", later->origin,
                   "tool '%.*s' gets two credentials in the same place", STR_ARG(tool));
    diag_note(diags, diag, earlier->origin, "the other one is here");
}

/* False on a clash with one that is as specific. */
static bool choose(struct chooser *chooser, uint32_t tool, uint32_t credential,
                   enum specificity specificity)
{
    struct choice *choice = &chooser->choices[tool];
    const struct credential *chosen = &chooser->credentials[credential];
    for (uint32_t i = 0; i < choice->count; i++) {
        const struct credential *earlier = &chooser->credentials[choice->credentials[i]];
        if (!share_place(earlier, chosen))
            continue;
        if (specificity == choice->specificities[i])
            report_clash(chooser, earlier, chosen, chooser->checker->policy->tools[tool].name);
        return specificity != choice->specificities[i];
    }
    choice->credentials[choice->count] = credential;
    choice->specificities[choice->count++] = specificity;
    return true;
}

/* For the tools that the statement selects with this specificity. One without `for` is for all,
 * public tools too. A clash is reported once for each statement. */
static void choose_for(struct chooser *chooser, uint32_t credential,
                       const struct selection *selection, enum specificity specificity)
{
    bool is_clear = true;
    for (uint32_t i = 0; i < selection->tools.count && is_clear; i++)
        if (selection->how[i] == specificity)
            is_clear = choose(chooser, selection->tools.at[i], credential, specificity);
}

static void choose_for_all(struct chooser *chooser, uint32_t credential)
{
    bool is_clear = true;
    for (uint32_t i = 0; i < chooser->checker->policy->tool_count && is_clear; i++)
        is_clear = choose(chooser, i, credential, SELECTED_BY_ALL);
}

/* Three passes: what names its tools first, then groups and kinds, then the defaults. */
static void choose_all(struct chooser *chooser)
{
    struct checker *checker = chooser->checker;
    uint32_t count = checker->policy->credential_count;
    struct selection *selections = arena_array(checker->arena, count, sizeof *selections);
    for (uint32_t i = 0; i < count; i++)
        if (chooser->credentials[i].statement->selectors.count)
            selections[i] = select_tools(checker, chooser->credentials[i].statement);
    for (enum specificity specificity = SELECTED_BY_NAME; specificity > NOT_SELECTED; specificity--)
        for (uint32_t i = 0; i < count; i++) {
            if (chooser->credentials[i].statement->selectors.count)
                choose_for(chooser, i, &selections[i], specificity);
            else if (specificity == SELECTED_BY_ALL)
                choose_for_all(chooser, i);
        }
}

static void finish_tools(struct chooser *chooser)
{
    struct checker *checker = chooser->checker;
    for (uint32_t i = 0; i < checker->policy->tool_count; i++) {
        checker->tools[i].credentials = chooser->choices[i].credentials;
        checker->tools[i].credential_count = chooser->choices[i].count;
    }
}

static uint32_t claim_of(struct checker *checker, const struct statement *statement)
{
    return statement->send == SEND_CLAIM ? check_claim(checker, statement->claim) : 0;
}

static uint32_t read_credentials(struct checker *checker)
{
    uint32_t count = 0;
    const struct statement *statement = NULL;
    while ((statement = check_next(checker, statement, STATEMENT_SEND)))
        count++;
    struct credential *credentials = arena_array(checker->arena, count, sizeof *credentials);
    for (uint32_t i = 0; i < count; i++) {
        statement = check_next(checker, statement, STATEMENT_SEND);
        check_place(checker, statement);
        check_secret(checker, &statement->secret);
        check_secret(checker, &statement->key);
        credentials[i] = (struct credential){.kind = statement->send,
                                             .name = statement->name.text,
                                             .secret_kind = statement->secret.kind,
                                             .secret_name = statement->secret.name.text,
                                             .claim = claim_of(checker, statement),
                                             .statement = statement,
                                             .origin = statement->span};
    }
    checker->policy->credentials = credentials;
    checker->policy->credential_count = count;
    return count;
}

void check_credentials(struct checker *checker)
{
    uint32_t tool_count = checker->policy->tool_count, count = read_credentials(checker);
    struct chooser chooser = {
        .checker = checker,
        .credentials = checker->policy->credentials,
        .choices = arena_array(checker->arena, tool_count, sizeof *chooser.choices),
    };
    for (uint32_t i = 0; i < tool_count; i++) {
        struct choice *choice = &chooser.choices[i];
        choice->credentials = arena_array(checker->arena, count, sizeof *choice->credentials);
        choice->specificities = arena_array(checker->arena, count, sizeof *choice->specificities);
    }
    choose_all(&chooser);
    finish_tools(&chooser);
}
