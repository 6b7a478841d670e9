/*
 * The table of methods, single messages and batches.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/dispatch.h"

#include "runtime/observe/log.h"
#include "runtime/protocol/completion.h"
#include "runtime/protocol/lifecycle.h"
#include "runtime/protocol/logging.h"
#include "runtime/protocol/mirror.h"
#include "runtime/protocol/notify.h"
#include "runtime/protocol/pending.h"
#include "runtime/protocol/resources.h"
#include "runtime/protocol/subscriptions.h"
#include "runtime/protocol/tools_call.h"
#include "runtime/protocol/tools_list.h"

static const struct method {
    const char *name;
    void (*answer)(struct turn *turn);
    bool is_modern, is_legacy; /* the revisions that have it */
    bool needs_resources;      /* only a server that has some knows it */
} methods[] = {
    {"tools/call", tools_call_answer, true, true, false},
    {"tools/list", tools_list_answer, true, true, false},
    {"resources/read", resources_read, true, true, true},
    {"resources/list", resources_list, true, true, true},
    {"resources/templates/list", resources_list_templates, true, true, true},
    {"completion/complete", completion_complete, true, true, false},
    {"subscriptions/listen", subscriptions_listen, true, false, false},
    {"server/discover", lifecycle_discover, true, false, false},
    {"initialize", lifecycle_initialize, false, true, false},
    {"ping", lifecycle_ping, false, true, false},
    {"logging/setLevel", logging_set_level, false, true, false},
};

static void answer_request(struct turn *turn)
{
    bool is_modern = turn->revision->is_modern;
    bool has_resources = listing_has_resources(turn->exchange->worker->server->listing);
    if (is_modern && turn->exchange->http && !mirror_check(turn))
        return;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        bool has_it = is_modern ? methods[i].is_modern : methods[i].is_legacy;
        has_it = has_it && (!methods[i].needs_resources || has_resources);
        if (has_it && slice_is(turn->message.method, methods[i].name)) {
            notify_prepare(turn);
            subscriptions_note(turn);
            methods[i].answer(turn);
            return;
        }
    }
    turn_answer_error(turn, ERROR_METHOD, (struct slice){0});
}

/* No notification changes anything here but a cancellation. */
static void take_notification(struct turn *turn)
{
    if (slice_is(turn->message.method, "notifications/cancelled"))
        pending_cancel(turn);
    turn_answer_nothing(turn);
}

static void answer_message(struct turn *turn)
{
    switch (turn->message.kind) {
    case MESSAGE_INVALID:
        turn_answer_error(turn, ERROR_REQUEST, slice_of(turn->message.fault));
        break;
    case MESSAGE_REQUEST:
        answer_request(turn);
        break;
    case MESSAGE_NOTIFICATION:
        take_notification(turn);
        break;
    case MESSAGE_RESPONSE:
        /* we ask nothing, so it answers nothing; legacy clients may send one, modern ones not */
        if (turn->revision->is_modern)
            turn_answer_error(turn, ERROR_REQUEST, SLICE("a response to no request"));
        else
            turn_answer_nothing(turn);
        break;
    }
}

static void answer_single(struct turn *turn)
{
    turn->message = jsonrpc_read(turn->exchange->message.at, &turn->tape, 0, turn->exchange->pool);
    if (turn->message.kind == MESSAGE_INVALID || revision_choose(turn))
        answer_message(turn);
}

/* ---- batches (2025-03-26) ---- */

/* What is denied is an error of its own among the answers, and the challenge is a header of theirs
 * (RFC 9110, section 11.6.1, lets any answer have it). Only where everything was denied is the
 * whole one: a client that sees 403 throws the body away, and with it what the other calls did. */
static unsigned batch_status(const struct turn *turn)
{
    return turn->batch.is_allowed || !turn->status ? 200 : turn->status;
}

static void end_batch(struct turn *turn)
{
    struct batch *batch = &turn->batch;
    batch->go_on = NULL;
    turn->message = (struct message){0};
    if (batch->answers.len)
        text_add_byte(&batch->answers, ']');
    if (batch->answers.failed)
        turn_answer_error(turn, ERROR_MEMORY, (struct slice){0});
    else if (batch->answers.len)
        turn_reply(turn, batch_status(turn), text_slice(&batch->answers));
    else
        turn_answer_nothing(turn);
}

/* One message after the other: what waits for the backend goes on from complete(). */
static void go_on(struct turn *turn)
{
    struct batch *batch = &turn->batch;
    batch->is_looping = true;
    while (batch->left) {
        uint32_t node = batch->node;
        batch->node = turn->tape.nodes[node].next;
        batch->left--;
        batch->is_answered = false;
        turn->message =
            jsonrpc_read(turn->exchange->message.at, &turn->tape, node, turn->exchange->pool);
        answer_message(turn);
        if (!batch->is_answered) {
            batch->is_looping = false;
            return;
        }
    }
    end_batch(turn);
}

static void answer_batch(struct turn *turn)
{
    if (!revision_choose_for_batch(turn))
        return;
    if (!turn->revision->has_batches || turn->tape.nodes[0].count == 0) {
        turn_answer_error(turn, ERROR_REQUEST,
                          turn->revision->has_batches ? SLICE("the batch is empty")
                                                      : SLICE("this revision has no batches"));
        return;
    }
    turn->batch.go_on = go_on;
    turn->batch.node = 1;
    turn->batch.left = turn->tape.nodes[0].count;
    go_on(turn);
}

void dispatch_start(struct turn *turn)
{
    struct exchange *exchange = turn->exchange;
    const char *fault =
        jsonrpc_scan(exchange->message, &turn_options(turn)->limits, exchange->pool, &turn->tape);
    if (fault) {
        log_info("message refused peer=%.*s cause=\"%s\"", SLICE_ARG(exchange->peer), fault);
        turn_answer_error(turn, ERROR_PARSE, slice_of(fault));
    } else if (turn->tape.nodes[0].kind == JSON_ARRAY) {
        answer_batch(turn);
    } else {
        answer_single(turn);
    }
}
