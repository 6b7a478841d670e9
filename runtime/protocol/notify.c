/*
 * Building and sending notifications.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/notify.h"

#include <inttypes.h>

#include "runtime/protocol/sessions.h"

enum {
    PROGRESS_PARTS = 20,        /* notifications for the whole, at most, when the whole is known */
    PROGRESS_STEP = 256 * 1024, /* bytes between them when it is not */
};

static const char *const severities[SEVERITY_COUNT] = {"debug", "info",     "notice", "warning",
                                                       "error", "critical", "alert",  "emergency"};

bool notify_severity(struct slice name, enum log_severity *out)
{
    for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
        if (!slice_is(name, severities[i]))
            continue;
        *out = (enum log_severity)i;
        return true;
    }
    return false;
}

/* ---- sending ---- */

static bool takes_events(const struct turn *turn)
{
    return !turn->exchange->http || turn->takes_events;
}

static void send(struct turn *turn, struct text *notification)
{
    if (notification->failed)
        return; /* a notification may be missed, the answer not */
    turn_add_event(turn, text_slice(notification));
}

static void begin(struct text *out, struct turn *turn, const char *method)
{
    *out = (struct text){.pool = turn->exchange->pool};
    text_add_format(out, "{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"params\":{", method);
}

/* ---- what is wanted ---- */

/* The session's level; modern revisions have none: logging is deprecated there, and we do not
 * begin with it. */
static enum log_severity agreed_severity(const struct turn *turn)
{
    const struct exchange *exchange = turn->exchange;
    if (turn->revision->is_modern)
        return SEVERITY_COUNT;
    if (exchange->stream)
        return exchange->stream->has_severity ? exchange->stream->severity : SEVERITY_COUNT;
    return turn->has_session ? sessions_severity(exchange->worker->server->sessions, turn->session)
                             : SEVERITY_COUNT;
}

void notify_prepare(struct turn *turn)
{
    const struct message *message = &turn->message;
    turn->wishes = (struct wishes){.severity = SEVERITY_COUNT};
    if (!takes_events(turn))
        return;
    uint32_t token = jsonrpc_meta(message, "progressToken");
    if (token && (message->tape->nodes[token].kind == JSON_STRING ||
                  message->tape->nodes[token].kind == JSON_NUMBER))
        turn->wishes.progress_token = jsonrpc_raw(message, token);
    turn->wishes.severity = agreed_severity(turn);
}

bool notify_wants_progress(const struct turn *turn)
{
    return turn->wishes.progress_token.len > 0;
}

bool notify_wants_log(const struct turn *turn, enum log_severity severity)
{
    return turn->wishes.severity <= severity && severity < SEVERITY_COUNT;
}

/* ---- progress ---- */

void notify_progress(struct turn *turn, uint64_t progress, uint64_t total)
{
    struct wishes *wishes = &turn->wishes;
    uint64_t step = total ? total / PROGRESS_PARTS : PROGRESS_STEP;
    bool is_end = total && progress == total;
    struct text out;
    /* "MUST increase with each notification" */
    if (wishes->has_progress &&
        (progress <= wishes->progress ||
         (!is_end && wishes->progress && progress - wishes->progress < step)))
        return;
    wishes->has_progress = true;
    wishes->progress = progress;
    begin(&out, turn, "notifications/progress");
    text_add_literal(&out, "\"progressToken\":");
    text_add(&out, wishes->progress_token);
    text_add_format(&out, ",\"progress\":%" PRIu64, progress);
    if (total)
        text_add_format(&out, ",\"total\":%" PRIu64, total);
    text_add_literal(&out, "}}");
    send(turn, &out);
}

/* ---- log messages ---- */

void notify_log(struct turn *turn, enum log_severity severity, struct slice data)
{
    struct text out;
    begin(&out, turn, "notifications/message");
    text_add_format(&out,
                    "\"level\":\"%s\",\"logger\":\"tools/call\",\"data\":", severities[severity]);
    text_add(&out, data);
    text_add_literal(&out, "}}");
    send(turn, &out);
}
