/*
 * Credentials of a policy, and which of them go out with each tool: for every place in a request
 * the most specific `send` wins, so `send … for tool` beats `send …`.
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
        return;
    case SEND_HEADER:
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
    if (secret->kind == SECRET_ENV && !is_variable_name(secret->name.text))
        diag_error(checker->diags, "bad-value", secret->name.span,
                   "'%.*s' is no name of an environment variable", STR_ARG(secret->name.text));
    if (secret->kind == SECRET_FILE &&
        (secret->name.text.len == 0 || !text_is_printable(secret->name.text)))
        diag_error(checker->diags, "bad-value", secret->name.span, "no name of a file");
}

/* ---- choosing ---- */

/* Whether two credentials would go to the same place of a request. */
static bool is_authorization(const struct credential *credential)
{
    return credential->kind == SEND_BEARER || credential->kind == SEND_BASIC ||
           (credential->kind == SEND_HEADER && credential->name.len == 13 &&
            strncasecmp(credential->name.at, "authorization", 13) == 0);
}

static bool share_place(const struct credential *a, const struct credential *b)
{
    if (is_authorization(a) || is_authorization(b))
        return is_authorization(a) && is_authorization(b);
    if (a->kind != b->kind || a->name.len != b->name.len)
        return false;
    return a->kind == SEND_HEADER ? strncasecmp(a->name.at, b->name.at, a->name.len) == 0
                                  : str_equal(a->name, b->name);
}

struct choice {
    uint32_t *credentials;
    uint32_t count, specific_count; /* the specific ones come first */
};

struct chooser {
    struct checker *checker;
    const struct credential *credentials;
    struct choice *choices; /* of each tool */
};

static void report_clash(struct chooser *chooser, const struct credential *earlier,
                         const struct statement *statement, struct str tool)
{
    struct diag_list *diags = chooser->checker->diags;
    struct diag *diag =
        diag_error(diags, "duplicate", statement->span,
                   "tool '%.*s' gets two credentials in the same place", STR_ARG(tool));
    diag_note(diags, diag, earlier->origin, "the other one is here");
}

static void choose(struct chooser *chooser, uint32_t tool, uint32_t credential,
                   const struct statement *statement)
{
    struct choice *choice = &chooser->choices[tool];
    bool is_specific = statement->list.count > 0;
    for (uint32_t i = 0; i < choice->count; i++) {
        const struct credential *earlier = &chooser->credentials[choice->credentials[i]];
        if (!share_place(earlier, &chooser->credentials[credential]))
            continue;
        if (is_specific || i >= choice->specific_count)
            report_clash(chooser, earlier, statement, chooser->checker->policy->tools[tool].name);
        return;
    }
    choice->credentials[choice->count++] = credential;
    choice->specific_count += is_specific;
}

static void choose_for_named(struct chooser *chooser, uint32_t credential,
                             const struct statement *statement)
{
    for (uint32_t i = 0; i < statement->list.count; i++) {
        const struct declared *tool = resolve_tool(&chooser->checker->names, statement->list.at[i]);
        if (tool)
            choose(chooser, tool->index, credential, statement);
    }
}

/* A default goes to every tool, public ones too, where no specific one took its place. A clash of
 * two defaults is reported once. */
static void choose_for_all(struct chooser *chooser, uint32_t credential,
                           const struct statement *statement)
{
    uint32_t errors = chooser->checker->diags->error_count;
    for (uint32_t tool = 0; tool < chooser->checker->policy->tool_count; tool++)
        if (chooser->checker->diags->error_count == errors)
            choose(chooser, tool, credential, statement);
}

/* Two passes: what names its tools first, then the defaults. */
static void choose_all(struct chooser *chooser)
{
    for (int defaults = 0; defaults <= 1; defaults++) {
        const struct statement *statement = NULL;
        uint32_t credential = 0;
        while ((statement = check_next(chooser->checker, statement, STATEMENT_SEND))) {
            if (!defaults && statement->list.count)
                choose_for_named(chooser, credential, statement);
            else if (defaults && !statement->list.count)
                choose_for_all(chooser, credential, statement);
            credential++;
        }
    }
}

static void finish_tools(struct chooser *chooser)
{
    const struct policy *policy = chooser->checker->policy;
    struct tool *tools = arena_array(chooser->checker->arena, policy->tool_count, sizeof *tools);
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        tools[i] = policy->tools[i];
        tools[i].credentials = chooser->choices[i].credentials;
        tools[i].credential_count = chooser->choices[i].count;
    }
    chooser->checker->policy->tools = tools;
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
        credentials[i] = (struct credential){.kind = statement->send,
                                             .name = statement->name.text,
                                             .secret_kind = statement->secret.kind,
                                             .secret_name = statement->secret.name.text,
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
    for (uint32_t i = 0; i < tool_count; i++)
        chooser.choices[i].credentials = arena_array(checker->arena, count, sizeof(uint32_t));
    choose_all(&chooser);
    finish_tools(&chooser);
}
