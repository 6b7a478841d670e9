/*
 * What goes out with each tool. For every place in a request the most specific `send` wins: one
 * that names the tool beats one that finds it by a group or a kind, and that one beats `send …
 * for *`. A `send` without `for` is a default: for tools that need something and that are on the
 * policy's own backend, and one in the Authorization header only where nothing else proves who we
 * are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <strings.h>

#include "compiler/policy/checker.h"
#include "compiler/policy/value.h"

struct sender {
    struct checker *checker;
    LIST(struct credential) credentials;
    uint32_t *declared; /* by declaration: 1 + its credential; 0: not looked at yet */
    struct send *sends;
    uint32_t send_count;
};

/* ---- credentials ---- */

static bool are_same_secret(struct secret a, struct secret b)
{
    return a.kind == b.kind && str_equal(a.name.text, b.name.text);
}

static bool are_same(const struct credential *a, const struct credential *b)
{
    return a->kind == b->kind && !a->oauth2 && !b->oauth2 && a->label.len == 0 &&
           b->label.len == 0 && str_equal(a->name, b->name) && a->claim == b->claim &&
           are_same_secret(a->secret, b->secret) && are_same_secret(a->key, b->key);
}

static uint32_t keep(struct sender *sender, struct credential credential)
{
    for (uint32_t i = 0; i < sender->credentials.count; i++)
        if (are_same(&sender->credentials.at[i], &credential))
            return i;
    *list_add(sender->checker->arena, &sender->credentials) = credential;
    return (uint32_t)sender->credentials.count - 1;
}

/* UINT32_MAX: an unknown label, which is reported. */
static uint32_t credential_of(struct sender *sender, const struct statement *what)
{
    struct checker *checker = sender->checker;
    if (what->send != SEND_NAMED)
        return keep(sender, check_credential(checker, what));
    const struct declared *found = resolve_name(&checker->names, NAME_CREDENTIAL, what->label);
    if (!found)
        return UINT32_MAX;
    uint32_t *known = &sender->declared[found->index];
    if (!*known)
        *known = 1 + keep(sender, check_credential(checker, found->statement));
    return *known - 1;
}

/* Those that no `send` names are looked at as well. */
static void check_declared(struct sender *sender)
{
    const struct statement *statement = NULL;
    while ((statement = check_next(sender->checker, statement, STATEMENT_CREDENTIAL))) {
        const struct declared *found =
            resolve_look(&sender->checker->names, NAME_CREDENTIAL, statement->label.text);
        if (statement->send == SEND_NAMED)
            diag_error(sender->checker->diags, "bad-value", statement->span,
                       "a credential that is another one");
        else if (found && found->statement == statement && !sender->declared[found->index])
            sender->declared[found->index] =
                1 + keep(sender, check_credential(sender->checker, statement));
    }
}

/* ---- places ---- */

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

/* Whether two credentials would go to the same place of a request. */
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

typedef bool credential_test(const struct credential *a, const struct credential *b);

/* Whether the test holds for some credential of one `send` and some of another. */
static bool any_pair(const struct sender *sender, const struct send *a, const struct send *b,
                     credential_test *test)
{
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t at = 0; at < a->alternatives[i].count; at++) {
            const struct credential *one =
                &sender->credentials.at[a->alternatives[i].credentials[at]];
            for (uint32_t j = 0; j < b->count; j++)
                for (uint32_t to = 0; to < b->alternatives[j].count; to++)
                    if (test(one, &sender->credentials.at[b->alternatives[j].credentials[to]]))
                        return true;
        }
    return false;
}

/* Whether the first is a way to say who we are in the Authorization header, and the second a secret
 * that says so already: an API key, say. A claim or a certificate goes along with anything. */
static bool is_superfluous(const struct credential *standard, const struct credential *specific)
{
    return is_authorization(standard) && specific->kind != SEND_CLAIM &&
           specific->kind != SEND_CERTIFICATE;
}

/* ---- statements ---- */

static void report_twice(const struct sender *sender, const struct statement *what)
{
    diag_error(sender->checker->diags, "duplicate", what->span,
               "two credentials that go together are in the same place");
}

static void add_sent(struct sender *sender, const struct sent *sent, struct alternative *to)
{
    uint32_t index = credential_of(sender, sent->what);
    uint32_t *list = (uint32_t *)(uintptr_t)to->credentials;
    if (index >= sender->credentials.count)
        return; /* an unknown label */
    for (uint32_t i = 0; i < to->count; i++)
        if (share_place(&sender->credentials.at[list[i]], &sender->credentials.at[index])) {
            report_twice(sender, sent->what);
            return;
        }
    list[to->count++] = index;
}

static struct send read_send(struct sender *sender, const struct statement *statement)
{
    struct arena *arena = sender->checker->arena;
    struct sents sents = statement->sents;
    struct alternative *alternatives = arena_array(arena, sents.count, sizeof *alternatives);
    uint32_t count = 0;
    for (uint32_t i = 0; i < sents.count; i++) {
        if (sents.at[i].is_alternative)
            alternatives[count++].credentials = arena_array(arena, sents.count, sizeof(uint32_t));
        add_sent(sender, &sents.at[i], &alternatives[count - 1]);
    }
    return (struct send){alternatives, count, statement, statement->span};
}

static void read_all(struct sender *sender)
{
    struct checker *checker = sender->checker;
    const struct statement *statement = NULL;
    uint32_t declared = (uint32_t)checker->names.names[NAME_CREDENTIAL].all.count;
    while ((statement = check_next(checker, statement, STATEMENT_SEND)))
        sender->send_count++;
    sender->sends = arena_array(checker->arena, sender->send_count, sizeof *sender->sends);
    sender->declared = arena_array(checker->arena, declared, sizeof *sender->declared);
    for (uint32_t i = 0; i < sender->send_count; i++) {
        statement = check_next(checker, statement, STATEMENT_SEND);
        sender->sends[i] = read_send(sender, statement);
    }
    check_declared(sender);
}

/* ---- choosing ---- */

struct chosen {
    uint32_t *sends;
    enum specificity *specificities;
    uint32_t count; /* the most specific ones come first */
};

static void report_clash(struct checker *checker, const struct send *earlier,
                         const struct send *later, struct str tool)
{
    struct diag *diag =
        diag_error(checker->diags, "duplicate", later->origin,
                   "tool '%.*s' gets two credentials in the same place", STR_ARG(tool));
    diag_note(checker->diags, diag, earlier->origin, "the other one is here");
}

/* False on a clash with one that is as specific. */
static bool choose(struct sender *sender, struct chosen *all, uint32_t tool, uint32_t index,
                   enum specificity specificity)
{
    struct chosen *chosen = &all[tool];
    const struct send *send = &sender->sends[index];
    bool is_default = send->statement->selectors.count == 0;
    for (uint32_t i = 0; i < chosen->count; i++) {
        const struct send *earlier = &sender->sends[chosen->sends[i]];
        bool is_clash = any_pair(sender, earlier, send, share_place);
        if (is_clash && specificity == chosen->specificities[i]) {
            report_clash(sender->checker, earlier, send, sender->checker->policy->tools[tool].name);
            return false;
        }
        bool was_default = earlier->statement->selectors.count == 0;
        if (is_clash ||
            (is_default && !was_default && any_pair(sender, send, earlier, is_superfluous)))
            return true;
    }
    chosen->sends[chosen->count] = index;
    chosen->specificities[chosen->count++] = specificity;
    return true;
}

/* The length of "https://host:port". */
static size_t origin_size(struct str url)
{
    size_t slashes = 0, i = 0;
    while (i < url.len && !(url.at[i] == '/' && ++slashes == 3))
        i++;
    return i;
}

static bool is_elsewhere(const struct policy *policy, const struct tool *tool)
{
    size_t size = origin_size(tool->server);
    return tool->server.len && !(size == origin_size(policy->backend) &&
                                 strncasecmp(tool->server.at, policy->backend.at, size) == 0);
}

/* Whether a `send` without `for` is for the tool: nothing goes where nothing is asked for, and no
 * secret to another server. */
static bool is_for(const struct policy *policy, const struct tool *tool)
{
    return tool->needs && tool->needs->kind != CONDITION_NOTHING && !is_elsewhere(policy, tool);
}

/* For the tools that the statement selects with this specificity. A clash is reported once for each
 * statement. */
static void choose_for(struct sender *sender, struct chosen *chosen, uint32_t index,
                       const struct selection *selection, enum specificity specificity)
{
    bool is_clear = true;
    for (uint32_t i = 0; i < selection->tools.count && is_clear; i++)
        if (selection->how[i] == specificity)
            is_clear = choose(sender, chosen, selection->tools.at[i], index, specificity);
}

static void choose_default(struct sender *sender, struct chosen *chosen, uint32_t index)
{
    const struct policy *policy = sender->checker->policy;
    bool is_clear = true;
    for (uint32_t tool = 0; tool < policy->tool_count && is_clear; tool++)
        if (is_for(policy, &policy->tools[tool]))
            is_clear = choose(sender, chosen, tool, index, SELECTED_BY_ALL);
}

/* Three passes: what names its tools first, then groups and kinds, then all; in the end the
 * defaults, behind `for *`. */
static void choose_all(struct sender *sender, struct chosen *chosen)
{
    struct checker *checker = sender->checker;
    struct selection *selections =
        arena_array(checker->arena, sender->send_count, sizeof *selections);
    for (uint32_t i = 0; i < sender->send_count; i++)
        if (sender->sends[i].statement->selectors.count)
            selections[i] = select_tools(checker, sender->sends[i].statement);
    for (enum specificity specificity = SELECTED_BY_NAME; specificity > NOT_SELECTED; specificity--)
        for (uint32_t i = 0; i < sender->send_count; i++)
            choose_for(sender, chosen, i, &selections[i], specificity);
    for (uint32_t i = 0; i < sender->send_count; i++)
        if (!sender->sends[i].statement->selectors.count)
            choose_default(sender, chosen, i);
}

void check_sends(struct checker *checker)
{
    struct sender sender = {.checker = checker};
    uint32_t tool_count = checker->policy->tool_count;
    struct chosen *chosen = arena_array(checker->arena, tool_count, sizeof *chosen);
    read_all(&sender);
    for (uint32_t i = 0; i < tool_count; i++) {
        chosen[i].sends = arena_array(checker->arena, sender.send_count, sizeof(uint32_t));
        chosen[i].specificities =
            arena_array(checker->arena, sender.send_count, sizeof(enum specificity));
    }
    choose_all(&sender, chosen);
    for (uint32_t i = 0; i < tool_count; i++) {
        checker->tools[i].sends = chosen[i].sends;
        checker->tools[i].send_count = chosen[i].count;
    }
    checker->policy->credentials = sender.credentials.at;
    checker->policy->credential_count = (uint32_t)sender.credentials.count;
    checker->policy->sends = sender.sends;
    checker->policy->send_count = sender.send_count;
}
