/*
 * Opening streams, and what is written to them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/subscriptions.h"

#include <event2/event.h>
#include <time.h>

#include "runtime/protocol/pending.h"
#include "runtime/protocol/session.h"
#include "runtime/protocol/tools_list.h"
#include "runtime/protocol/watchers.h"

struct subscription {
    struct subscription *next, **link;
    struct turn *turn;
    struct watcher_key key;
    bool tools, resources; /* what the client wants to hear of */
    struct event *end;     /* of the token; NULL: it has none */
};

/* ---- who ---- */

/* False: out of memory. */
static bool key_of(const struct turn *turn, struct watcher_key *key)
{
    *key = (struct watcher_key){0};
    if (!turn->revision->is_modern && turn->has_session) {
        memcpy(key->bytes, &turn->session, sizeof turn->session);
        return true;
    }
    return session_digest_owner(&turn->exchange->caller, key->bytes);
}

void subscriptions_note(const struct turn *turn)
{
    const struct mcpp_server *server = turn->exchange->worker->server;
    struct notice notice = {.kind = NOTICE_CHANGED};
    if (watchers_are_empty(server->watchers) || !key_of(turn, &notice.who) ||
        !watchers_note(server->watchers, &notice.who, &turn->exchange->caller))
        return;
    bulletin_post(server->bulletin, &notice);
}

void subscriptions_announce(const struct mcpp_server *server)
{
    bulletin_post(server->bulletin, &(struct notice){.kind = NOTICE_CHANGED, .is_for_all = true});
}

/* ---- what is written ---- */

static void add_id(const struct turn *turn, struct text *out)
{
    text_add_literal(out, "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":");
    text_add(out, turn->message.id);
    text_add_byte(out, '}');
}

/* Notifications of the newest revision say which request they belong to. */
static void tell(const struct subscription *subscription, const char *method, const char *members)
{
    struct turn *turn = subscription->turn;
    struct text out = {.pool = turn->exchange->pool};
    text_add_format(&out, "{\"jsonrpc\":\"2.0\",\"method\":\"%s\"", method);
    if (turn->revision->is_modern) {
        text_add_literal(&out, ",\"params\":{");
        add_id(turn, &out);
        text_add_format(&out, "%s}", members);
    }
    text_add_byte(&out, '}');
    if (!out.failed)
        turn_add_event(turn, text_slice(&out));
}

static void tell_changes(const struct subscription *subscription)
{
    if (subscription->tools)
        tell(subscription, "notifications/tools/list_changed", "");
    if (subscription->resources)
        tell(subscription, "notifications/resources/list_changed", "");
}

void subscriptions_take(const struct worker *worker, const struct notice *notice)
{
    for (struct subscription *at = *board_subscriptions(worker->board); at; at = at->next)
        if (notice->is_for_all || memcmp(&at->key, &notice->who, sizeof at->key) == 0)
            tell_changes(at);
}

/* ---- the end ---- */

static void leave(struct subscription *subscription)
{
    struct turn *turn = subscription->turn;
    *subscription->link = subscription->next;
    if (subscription->next)
        subscription->next->link = subscription->link;
    if (subscription->end)
        event_free(subscription->end);
    watchers_remove(turn->exchange->worker->server->watchers, &subscription->key);
    pending_leave(turn);
    turn->exchange->abandon = NULL;
    turn->exchange->stop = NULL;
}

static void abandon(struct exchange *exchange)
{
    leave(((struct turn *)exchange->waiting)->subscription);
}

/* The client wants no more: without a response. */
static void cancel(struct turn *turn)
{
    leave(turn->subscription);
    turn_answer_nothing(turn);
}

/* We end it: the request's response says that it is no accident. */
static void end(struct turn *turn)
{
    struct text out = {.pool = turn->exchange->pool};
    leave(turn->subscription);
    if (!turn->revision->is_modern) {
        turn_answer_nothing(turn);
        return;
    }
    text_add_literal(&out, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add(&out, turn->message.id);
    text_add_literal(&out, ",\"result\":{\"resultType\":\"complete\",");
    add_id(turn, &out);
    text_add_literal(&out, "}}");
    if (out.failed)
        out.len = 0;
    turn_reply(turn, 200, text_slice(&out));
}

static void stop(struct exchange *exchange)
{
    end(exchange->waiting);
}

static void on_token_end(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    end(context);
}

/* ---- the beginning ---- */

/* False: out of memory for the timer, without which the stream would outlive its token. */
static bool watch_token(struct subscription *subscription)
{
    struct turn *turn = subscription->turn;
    struct timespec now;
    int64_t expires_ms = turn->exchange->caller.expires_ms;
    if (!expires_ms)
        return true;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t left = expires_ms - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    struct timeval wait = {left > 0 ? left / 1000 : 0, left > 0 ? left % 1000 * 1000 : 1};
    subscription->end = event_new(turn->exchange->worker->loop, -1, 0, on_token_end, turn);
    return subscription->end && event_add(subscription->end, &wait) == 0;
}

/* Joins the streams of this worker; false: the message is answered. */
static bool join(struct turn *turn, struct subscription *subscription)
{
    const struct worker *worker = turn->exchange->worker;
    struct watchers *watchers = worker->server->watchers;
    subscription->turn = turn;
    bool is_watched = key_of(turn, &subscription->key) &&
                      watchers_add(watchers, &subscription->key, &turn->exchange->caller);
    if (!is_watched || !watch_token(subscription)) {
        if (subscription->end)
            event_free(subscription->end);
        if (is_watched)
            watchers_remove(watchers, &subscription->key);
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
        return false;
    }
    struct subscription **list = board_subscriptions(worker->board);
    subscription->next = *list;
    subscription->link = list;
    if (subscription->next)
        subscription->next->link = &subscription->next;
    *list = subscription;
    turn->subscription = subscription;
    turn->exchange->waiting = turn;
    turn->exchange->abandon = abandon;
    turn->exchange->stop = stop;
    pending_join(turn, cancel);
    return true;
}

/* What is asked for; nothing of ours beside tools and resources ever changes. False: it is no
 * filter. */
static bool read_filter(const struct turn *turn, struct subscription *out)
{
    const struct message *message = &turn->message;
    uint32_t filter = jsonrpc_member(message, message->params, "notifications", JSON_OBJECT);
    if (!filter)
        return false;
    out->tools = jsonrpc_member(message, filter, "toolsListChanged", JSON_TRUE) != 0;
    out->resources = jsonrpc_member(message, filter, "resourcesListChanged", JSON_TRUE) != 0 &&
                     listing_has_resources(turn->exchange->worker->server->listing);
    return true;
}

void subscriptions_listen(struct turn *turn)
{
    struct subscription *subscription = pool_zero(turn->exchange->pool, sizeof *subscription);
    if (!subscription) {
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
    } else if (turn->exchange->http && !turn->takes_events) {
        turn_answer_error(turn, ERROR_ACCEPT, SLICE("the answer is text/event-stream"));
    } else if (!read_filter(turn, subscription)) {
        turn_answer_error(turn, ERROR_PARAMS, SLICE("notifications is missing"));
    } else if (join(turn, subscription)) {
        const char *joint = subscription->tools && subscription->resources ? "," : "";
        char members[120];
        snprintf(members, sizeof members, ",\"notifications\":{%s%s%s}",
                 subscription->tools ? "\"toolsListChanged\":true" : "", joint,
                 subscription->resources ? "\"resourcesListChanged\":true" : "");
        tell(subscription, "notifications/subscriptions/acknowledged", members);
    }
}

void subscriptions_open(struct turn *turn)
{
    struct subscription *subscription = pool_zero(turn->exchange->pool, sizeof *subscription);
    if (!subscription) {
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
        return;
    }
    subscription->tools = true;
    subscription->resources = listing_has_resources(turn->exchange->worker->server->listing);
    if (join(turn, subscription))
        turn_begin_events(turn);
}
