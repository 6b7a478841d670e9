/*
 * logging/setLevel.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/logging.h"

#include "runtime/protocol/notify.h"
#include "runtime/protocol/sessions.h"

void logging_set_level(struct turn *turn)
{
    const struct message *message = &turn->message;
    struct exchange *exchange = turn->exchange;
    enum log_severity severity;
    struct slice name;
    struct text out;
    uint32_t node =
        message->params ? jsonrpc_member(message, message->params, "level", JSON_STRING) : 0;
    if (!node || !jsonrpc_string(message, node, exchange->pool, &name) ||
        !notify_severity(name, &severity)) {
        turn_answer_error(turn, ERROR_PARAMS, SLICE("level is no log level"));
        return;
    }
    if (exchange->stream) {
        exchange->stream->has_severity = true;
        exchange->stream->severity = severity;
    } else if (turn->has_session) {
        sessions_set_severity(exchange->worker->server->sessions, turn->session, severity);
    }
    turn_begin_result(turn, &out);
    turn_answer_result(turn, &out);
}
