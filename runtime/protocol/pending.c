/*
 * Lists of turns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/pending.h"

void pending_leave(struct turn *turn)
{
    if (!turn->link)
        return;
    *turn->link = turn->next;
    if (turn->next)
        turn->next->link = turn->link;
    turn->link = NULL;
}

void pending_join(struct turn *turn, void (*cancel)(struct turn *turn))
{
    struct exchange *exchange = turn->exchange;
    struct turn **list = exchange->stream    ? &exchange->stream->turns
                         : turn->has_session ? board_turns(exchange->worker->board)
                                             : NULL;
    turn->cancel = cancel;
    if (!list)
        return;
    turn->next = *list;
    turn->link = list;
    if (turn->next)
        turn->next->link = &turn->next;
    *list = turn;
}

static void cancel_one(struct turn *list, struct slice id, const struct session_salt *session)
{
    for (struct turn *turn = list; turn; turn = turn->next) {
        if (!slice_equal(turn->message.id, id) ||
            (session && memcmp(&turn->session, session, sizeof *session) != 0))
            continue;
        turn->cancel(turn);
        return;
    }
}

void pending_cancel(struct turn *turn)
{
    const struct exchange *exchange = turn->exchange;
    const struct message *message = &turn->message;
    uint32_t node = message->params
                        ? json_member(message->text, message->tape, message->params, "requestId")
                        : 0;
    if (!node)
        return;
    struct slice id = jsonrpc_raw(message, node);
    if (exchange->stream)
        cancel_one(exchange->stream->turns, id, NULL);
    else if (turn->has_session)
        bulletin_post(
            exchange->worker->server->bulletin,
            &(struct notice){.kind = NOTICE_CANCEL, .session = turn->session, .text = id});
}

void pending_take(const struct worker *worker, const struct notice *notice)
{
    cancel_one(*board_turns(worker->board), notice->text, &notice->session);
}
