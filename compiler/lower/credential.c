/*
 * What is sent for each operation, as its `security` says: alternatives are OR, the schemes of one
 * are AND. A token in the environment, BACKEND_API_TOKEN, stands in for every token that has no
 * better source; it goes nowhere else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/credential.h"

#include <string.h>

#include "compiler/lower/scheme.h"

/* The default (the whole interface of forwarding): one variable for every backend request. */
static const char default_variable[] = "BACKEND_API_TOKEN";

/* Operations that send the same. */
struct group {
    struct str key; /* the choice as text */
    struct sents sents;
    LIST(uint32_t) operations;
};

struct sending {
    struct lowering *lowering;
    bool *is_used, *is_asked; /* by scheme: is sent; some tool's security names it */
    LIST(struct group *) groups;
    bool has_default;   /* some tools have the default alone */
    bool has_elsewhere; /* some tool of a group is on a server of its own */
    bool is_optional;   /* some tool of a group is public */
};

struct choice {
    struct sending *sending;
    LIST(struct sent) sents;
    LIST(struct str) keys; /* of the alternatives */
};

/* ---- one choice ---- */

static const struct statement *default_token(const struct lowering *lowering)
{
    struct statement *what = arena_new(lowering->arena, struct statement);
    what->kind = STATEMENT_SEND;
    what->send = SEND_BEARER;
    what->span = (struct span){lowering->api->source, 0, 0};
    what->secret = (struct secret){SECRET_ENV, lowering_name(str_of(default_variable), what->span)};
    return what;
}

static const struct statement *named(const struct lowering *lowering,
                                     const struct security_scheme *scheme)
{
    struct statement *what = arena_new(lowering->arena, struct statement);
    what->kind = STATEMENT_SEND;
    what->send = SEND_NAMED;
    what->span = scheme->span;
    what->label = lowering_string(scheme->name, scheme->span);
    return what;
}

/* Whether all of the alternative can be sent. */
static bool is_sendable(const struct lowering *lowering, const struct security_set *set,
                        bool with_default)
{
    for (uint32_t i = 0; i < set->requirement_count; i++) {
        const struct security_scheme *scheme = set->requirements[i].scheme;
        if (!(with_default && scheme_is_token(scheme)) && !scheme_is_sendable(lowering, scheme))
            return false;
    }
    return true;
}

static bool is_authorization(const struct security_scheme *scheme)
{
    return scheme->kind != SCHEME_API_KEY && scheme->kind != SCHEME_MUTUAL_TLS;
}

/* There is one Authorization header: of two schemes that want it the first gets it. */
static bool is_taken(const struct security_set *set, uint32_t requirement)
{
    for (uint32_t i = 0; i < requirement; i++)
        if (is_authorization(set->requirements[i].scheme) &&
            is_authorization(set->requirements[requirement].scheme))
            return true;
    return false;
}

static bool has_token(const struct security_set *set)
{
    for (uint32_t i = 0; i < set->requirement_count; i++)
        if (scheme_is_token(set->requirements[i].scheme))
            return true;
    return false;
}

static bool was_added(const struct choice *choice, struct str key)
{
    for (size_t i = 0; i < choice->keys.count; i++)
        if (str_equal(choice->keys.at[i], key))
            return true;
    return false;
}

static struct str key_of(const struct lowering *lowering, const struct security_set *set,
                         bool with_default)
{
    struct str_builder key = {.arena = lowering->arena};
    for (uint32_t i = 0; i < set->requirement_count; i++) {
        const struct security_scheme *scheme = set->requirements[i].scheme;
        bool is_default = with_default && scheme_is_token(scheme);
        str_add_format(&key, "&%u",
                       is_default ? lowering->api->scheme_count
                                  : (uint32_t)(scheme - lowering->api->schemes));
    }
    return str_built(&key);
}

static void add_set(struct choice *choice, const struct security_set *set, bool with_default)
{
    const struct lowering *lowering = choice->sending->lowering;
    struct str key = key_of(lowering, set, with_default);
    bool is_first = true;
    if (!is_sendable(lowering, set, with_default) || was_added(choice, key))
        return;
    *list_add(lowering->arena, &choice->keys) = key;
    for (uint32_t i = 0; i < set->requirement_count; i++) {
        const struct security_scheme *scheme = set->requirements[i].scheme;
        bool is_default = with_default && scheme_is_token(scheme);
        if (is_taken(set, i))
            continue;
        if (!is_default)
            choice->sending->is_used[scheme - lowering->api->schemes] = true;
        *list_add(lowering->arena, &choice->sents) =
            (struct sent){is_default ? default_token(lowering) : named(lowering, scheme), is_first};
        is_first = false;
    }
}

/* The length of "https://host:port". */
static size_t origin_size(struct str url)
{
    size_t slashes = 0, i = 0;
    while (i < url.len && !(url.at[i] == '/' && ++slashes == 3))
        i++;
    return i;
}

static bool is_elsewhere(const struct lowering *lowering, const struct operation *operation)
{
    size_t size = origin_size(operation->server);
    return operation->server.len && !lowering->has_one_backend &&
           !(size == origin_size(lowering->backend) &&
             memcmp(operation->server.at, lowering->backend.at, size) == 0);
}

/* The alternatives that are not sent without any secret come first: behind one that needs nothing
 * nothing more is looked at. */
static struct choice read_choice(struct sending *sending, const struct operation *operation)
{
    struct choice choice = {.sending = sending};
    uint32_t count = 0;
    while (count < operation->security_count && operation->security[count].requirement_count)
        count++;
    for (uint32_t i = 0; i < count; i++)
        add_set(&choice, &operation->security[i], false);
    bool has_default =
        !is_elsewhere(sending->lowering, operation) && count == operation->security_count;
    for (uint32_t i = 0; has_default && i < count; i++)
        if (has_token(&operation->security[i]))
            add_set(&choice, &operation->security[i], true);
    return choice;
}

/* ---- all of them ---- */

static bool is_public(const struct operation *operation)
{
    for (uint32_t i = 0; i < operation->security_count; i++)
        if (operation->security[i].requirement_count == 0)
            return true;
    return operation->security_count == 0;
}

static struct group *group_of(struct sending *sending, const struct choice *choice)
{
    struct arena *arena = sending->lowering->arena;
    struct str_builder key = {.arena = arena};
    for (size_t i = 0; i < choice->keys.count; i++)
        str_add_format(&key, "|%.*s", STR_ARG(choice->keys.at[i]));
    for (size_t i = 0; i < sending->groups.count; i++)
        if (str_equal(sending->groups.at[i]->key, str_built(&key)))
            return sending->groups.at[i];
    struct group *group = arena_new(arena, struct group);
    group->key = str_built(&key);
    group->sents = (struct sents){choice->sents.at, (uint32_t)choice->sents.count};
    *list_add(arena, &sending->groups) = group;
    return group;
}

static bool is_default_alone(const struct choice *choice)
{
    return choice->sents.count == 1 && choice->sents.at[0].what->send == SEND_BEARER;
}

static void read_operation(struct sending *sending, uint32_t index)
{
    const struct lowering *lowering = sending->lowering;
    const struct operation *operation = &lowering->api->operations[index];
    struct choice choice = read_choice(sending, operation);
    for (uint32_t set = 0; set < operation->security_count; set++)
        for (uint32_t i = 0; i < operation->security[set].requirement_count; i++)
            sending->is_asked[operation->security[set].requirements[i].scheme -
                              lowering->api->schemes] = true;
    bool is_default = is_default_alone(&choice) && !is_public(operation);
    sending->has_default = sending->has_default || is_default;
    if (is_default || choice.sents.count == 0)
        return;
    sending->has_elsewhere = sending->has_elsewhere || is_elsewhere(lowering, operation);
    sending->is_optional = sending->is_optional || is_public(operation);
    *list_add(lowering->arena, &group_of(sending, &choice)->operations) = index;
}

static struct selectors selectors_of(const struct lowering *lowering, const struct group *group)
{
    struct selector *all = arena_array(lowering->arena, group->operations.count, sizeof *all);
    for (size_t i = 0; i < group->operations.count; i++) {
        uint32_t index = group->operations.at[i];
        struct span span = lowering->api->operations[index].span;
        all[i] =
            (struct selector){SELECTOR_NAME, lowering_name(lowering->names[index], span), span};
    }
    return (struct selectors){all, (uint32_t)group->operations.count};
}

static void add_send(struct lowering *lowering, struct sents sents, struct selectors selectors)
{
    struct statement *statement = lowering_add(lowering, STATEMENT_SEND, sents.at[0].what->span);
    statement->sents = sents;
    statement->selectors = selectors;
}

/* Where a document does not speak about security at all, its backend may want a token all the same.
 */
static void send_default(struct lowering *lowering)
{
    struct sent *sent = arena_new(lowering->arena, struct sent);
    struct selector *all = arena_new(lowering->arena, struct selector);
    bool is_silent = true;
    for (uint32_t i = 0; i < lowering->api->operation_count; i++)
        is_silent = is_silent && !lowering->api->operations[i].has_security;
    *sent = (struct sent){default_token(lowering), true};
    *all = (struct selector){.kind = SELECTOR_ALL, .span = sent->what->span};
    add_send(lowering, (struct sents){sent, 1}, (struct selectors){all, is_silent ? 1 : 0});
}

void credential_lower(struct lowering *lowering)
{
    const struct api *api = lowering->api;
    struct sending sending = {
        .lowering = lowering,
        .is_used = arena_array(lowering->arena, api->scheme_count, sizeof *sending.is_used),
        .is_asked = arena_array(lowering->arena, api->scheme_count, sizeof *sending.is_asked)};
    for (uint32_t i = 0; i < api->operation_count; i++)
        if (lowering->is_tool[i] && !api->operations[i].is_inexpressible)
            read_operation(&sending, i);
    lowering_gap(lowering);
    lowering_comment(lowering, "Toward the backend. Secrets are read when the server starts; this "
                               "file only names them. Of several alternatives the first one whose "
                               "secrets are set is sent.");
    for (uint32_t i = 0; i < api->scheme_count; i++)
        if (sending.is_used[i] ||
            (sending.is_asked[i] && !scheme_is_sendable(lowering, &api->schemes[i])))
            scheme_lower(lowering, &api->schemes[i]);
    bool is_one = sending.groups.count == 1 && !sending.has_default && !sending.has_elsewhere &&
                  !sending.is_optional;
    if (sending.has_default || sending.groups.count == 0)
        send_default(lowering);
    for (size_t i = 0; i < sending.groups.count; i++) {
        struct selectors selectors = {0};
        if (!is_one)
            selectors = selectors_of(lowering, sending.groups.at[i]);
        add_send(lowering, sending.groups.at[i]->sents, selectors);
    }
}
