/*
 * Filling in credentials.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/sending.h"

#include <stdio.h>

#include "runtime/backend/arguments.h"
#include "runtime/backend/credential.h"
#include "runtime/memory/secret.h"
#include "runtime/upstream/encode.h"

/* ---- which ---- */

static uint32_t count_all(const struct sending_source *source)
{
    const struct credentials *credentials = source->worker->server->credentials;
    uint32_t count = 0;
    for (uint32_t i = 0; i < source->tool->choice_count; i++) {
        const struct mcpp_alternative *chosen =
            credentials_chosen(credentials, source->tool->choices[i]);
        count += chosen ? chosen->count : 0;
    }
    return count;
}

static bool is_listed(const struct sending *sending, uint32_t index)
{
    for (uint32_t i = 0; i < sending->count; i++)
        if (sending->items[i].index == index)
            return true;
    return false;
}

static void list_all(struct sending *sending)
{
    const struct sending_source *source = &sending->source;
    const struct mcpp_server *server = source->worker->server;
    for (uint32_t i = 0; i < source->tool->choice_count; i++) {
        const struct mcpp_alternative *chosen =
            credentials_chosen(server->credentials, source->tool->choices[i]);
        for (uint32_t at = 0; chosen && at < chosen->count; at++) {
            uint32_t index = chosen->credentials[at];
            if (is_listed(sending, index))
                continue;
            sending->items[sending->count++] =
                (struct sent){.credential = &server->policy->credentials[index], .index = index};
        }
    }
}

/* ---- kinds ---- */

static enum sending_state refuse(struct sending *sending, const char *refusal)
{
    sending->refusal = refusal;
    return SENDING_REFUSED;
}

/* RFC 9110, 5.5, and no white space around it, which would not arrive. */
static bool is_claim_value(struct slice value)
{
    return value.len && encode_is_header_value(value) && value.at[0] != ' ' &&
           value.at[0] != '\t' && value.at[value.len - 1] != ' ' && value.at[value.len - 1] != '\t';
}

static enum sending_state add_claim(struct sending *sending, struct sent *item)
{
    const struct sending_source *source = &sending->source;
    const struct mcpp_credential *credential = item->credential;
    const char *path = source->worker->server->policy->claims[credential->claim].path;
    const struct caller_claim *claim = caller_claim(source->caller, credential->claim);
    struct text line = {.pool = source->pool};
    if (!claim)
        return refuse(sending, refusal_format(source->pool,
                                              "The backend wants to know the claim '%s', which "
                                              "the caller does not have.",
                                              path));
    bool is_scalar = claim->kind != JSON_OBJECT && claim->kind != JSON_ARRAY;
    if (!is_scalar || !is_claim_value(claim->text))
        return refuse(sending, refusal_format(source->pool,
                                              "The claim '%s' cannot be sent in a header.", path));
    text_add_literal(&line, credential->name);
    text_add_literal(&line, ": ");
    text_add(&line, claim->text);
    text_add_byte(&line, '\0');
    item->text = line.at;
    return line.failed ? refuse(sending, refusal_no_memory) : SENDING_READY;
}

/* In memory of exactly its size: growing would leave copies behind. */
static enum sending_state add_caller_token(struct sending *sending, struct sent *item)
{
    static const char prefix[] = "Authorization: Bearer ";
    struct slice token = sending->source.caller_token;
    size_t size = sizeof prefix + token.len;
    if (!token_is_sendable(token))
        return refuse(sending, "The backend wants the caller's token, and there is none.");
    sending->caller_line = pool_alloc(sending->source.pool, size);
    if (!sending->caller_line)
        return refuse(sending, refusal_no_memory);
    snprintf(sending->caller_line, size, "%s%.*s", prefix, SLICE_ARG(token));
    item->text = sending->caller_line;
    return SENDING_READY;
}

static enum sending_state add_token(struct sending *sending, struct sent *item)
{
    const struct sending_source *source = &sending->source;
    if (item->credential->oauth2->flow == MCPP_FLOW_EXCHANGE && !item->token.key.caller_token.len)
        return refuse(sending, "The backend wants a token in exchange for the caller's, and the "
                               "caller shows none.");
    switch (tokens_take(source->worker->oauth2, &item->token)) {
    case TOKEN_HERE:
        item->text = token_header(item->token.token);
        return SENDING_READY;
    case TOKEN_COMING:
        return SENDING_WAITING;
    case TOKEN_MISSING:
        sending->missing = item->index;
        return SENDING_MISSING;
    case TOKEN_DUE:
    case TOKEN_FAILED:
        break;
    }
    return refuse(sending,
                  refusal_format(source->pool,
                                 "The backend was not called: %s. It is tried again in "
                                 "%u s.",
                                 item->token.problem, (unsigned)item->token.retry_after_s));
}

static enum sending_state fill(struct sending *sending, struct sent *item)
{
    const struct mcpp_server *server = sending->source.worker->server;
    const char *text = credential_text(server->credentials, item->index);
    switch (item->credential->kind) {
    case MCPP_SEND_BEARER:
    case MCPP_SEND_BASIC:
    case MCPP_SEND_HEADER:
    case MCPP_SEND_QUERY:
    case MCPP_SEND_COOKIE:
        item->text = text;
        break;
    case MCPP_SEND_DIGEST:
        sending->digest = text;
        break;
    case MCPP_SEND_CERTIFICATE:
        credential_certificate(server->credentials, item->index, &sending->certificate,
                               &sending->certificate_key);
        break;
    case MCPP_SEND_OAUTH2:
        return add_token(sending, item);
    case MCPP_SEND_CLAIM:
        return add_claim(sending, item);
    case MCPP_SEND_CALLER:
        return add_caller_token(sending, item);
    }
    return SENDING_READY;
}

/* ---- the interface ---- */

struct token_key sending_key(const struct worker *worker, uint32_t credential,
                             const struct caller *caller, struct slice caller_token)
{
    const struct mcpp_oauth2 *oauth2 = worker->server->policy->credentials[credential].oauth2;
    struct token_key key = {.credential = credential};
    bool is_exchange = oauth2->flow == MCPP_FLOW_EXCHANGE;
    bool asks_a_person = oauth2->flow == MCPP_FLOW_AUTHORIZATION_CODE ||
                         oauth2->flow == MCPP_FLOW_IMPLICIT || oauth2->flow == MCPP_FLOW_DEVICE;
    if (is_exchange)
        key.caller_token = caller_token;
    if (caller->kind == CALLER_VERIFIED && (is_exchange || (asks_a_person && !oauth2->is_shared))) {
        key.issuer = caller->issuer;
        key.subject = caller->subject;
    }
    return key;
}

enum sending_state sending_prepare(struct sending *sending)
{
    while (sending->ready < sending->count) {
        enum sending_state state = fill(sending, &sending->items[sending->ready]);
        if (state != SENDING_READY)
            return state;
        sending->ready++;
    }
    return SENDING_READY;
}

enum sending_state sending_start(const struct sending_source *source, struct sending *out)
{
    uint32_t count = count_all(source);
    *out = (struct sending){.source = *source};
    if (count == 0)
        return SENDING_READY;
    out->items = pool_alloc(source->pool, count * sizeof *out->items);
    if (!out->items)
        return refuse(out, refusal_no_memory);
    list_all(out);
    for (uint32_t i = 0; i < out->count; i++) {
        struct sent *item = &out->items[i];
        if (item->credential->kind != MCPP_SEND_OAUTH2)
            continue;
        item->token.key =
            sending_key(source->worker, item->index, source->caller, source->caller_token);
        item->token.place =
            (struct identity_wait){.done = source->done, .context = source->context};
    }
    return sending_prepare(out);
}

bool sending_reject(struct sending *sending)
{
    bool may_help = false;
    for (uint32_t i = 0; i < sending->count; i++) {
        struct sent *item = &sending->items[i];
        if (item->credential->kind != MCPP_SEND_OAUTH2)
            continue;
        item->text = NULL;
        may_help = tokens_reject(sending->source.worker->oauth2, &item->token) || may_help;
        sending->ready = sending->ready < i ? sending->ready : i;
    }
    return may_help;
}

void sending_close(struct sending *sending)
{
    for (uint32_t i = 0; i < sending->count; i++)
        if (sending->items[i].credential->kind == MCPP_SEND_OAUTH2)
            tokens_let_go(sending->source.worker->oauth2, &sending->items[i].token);
    if (sending->caller_line)
        secret_wipe(sending->caller_line, strlen(sending->caller_line));
    sending->count = sending->ready = 0;
    sending->caller_line = NULL;
}
