/*
 * Single credentials: where they stand in a request and where their secrets come from.
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
    case SEND_NAMED:
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

void check_secret_name(struct checker *checker, const struct secret *secret)
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

/* The checker warns: whoever runs the backend can act as the caller wherever else the token is good
 * (MCP, authorization, "Token Passthrough"). */
static void report_caller_token(struct checker *checker, const struct statement *what)
{
    struct diag *diag = diag_warning(checker->diags, "caller-token", what->span,
                                     "the caller's own token goes to the backend");
    diag_help(checker->diags, diag,
              "'send exchange' gets one that is for the backend alone (RFC 8693)");
}

struct credential check_credential(struct checker *checker, const struct statement *what)
{
    struct credential credential = {.kind = what->send,
                                    .label = what->label.text,
                                    .name = what->name.text,
                                    .secret = what->secret,
                                    .key = what->key,
                                    .origin = what->span};
    check_place(checker, what);
    check_secret_name(checker, &what->secret);
    check_secret_name(checker, &what->key);
    if (what->send == SEND_CLAIM)
        credential.claim = check_claim(checker, what->claim);
    if (what->send == SEND_OAUTH2 || what->send == SEND_EXCHANGE)
        credential.oauth2 = check_oauth2(checker, what);
    if (what->send == SEND_CALLER)
        report_caller_token(checker, what);
    return credential;
}
