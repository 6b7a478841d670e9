/*
 * One exchange while it is answered: what came, which revision it speaks, and the ways to answer.
 * A batch is a turn whose messages are answered one after the other.
 *
 * Every message is completed exactly once, by one of the turn_answer functions; after that the turn
 * may be gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_TURN_H
#define PROTOCOL_TURN_H

#include "runtime/backend/call.h"
#include "runtime/identity/identity.h"
#include "runtime/protocol/error.h"
#include "runtime/protocol/exchange.h"
#include "runtime/protocol/jsonrpc.h"
#include "runtime/protocol/revision.h"
#include "runtime/protocol/session.h"

struct subscription;

struct batch {
    void (*go_on)(struct turn *turn); /* NULL: there is no batch */
    uint32_t node, left;              /* the next message, and how many there are */
    struct text answers;
    bool is_answered; /* the current message */
    bool is_allowed;  /* some request got an answer with status 200 */
    bool is_looping;  /* go_on is on the stack and will see is_answered */
};

/* What the current message wants to hear while it is answered (notify.h). */
struct wishes {
    struct slice progress_token; /* JSON text; empty: no progress */
    bool has_progress;           /* some was reported: */
    uint64_t progress;
    enum log_severity severity;
};

struct turn {
    struct exchange *exchange;
    const struct revision *revision; /* latest legacy until it is known */
    struct json_tape tape;
    struct message message; /* the current one */
    struct wishes wishes;   /* of the current one */
    bool takes_events;      /* an HTTP client that takes an answer as events */
    bool has_events;        /* ... and gets it so */
    bool has_session;       /* legacy, HTTP: the session that the request names */
    struct session_salt session;
    struct batch batch;
    struct text headers;               /* of the HTTP answer */
    unsigned status;                   /* of the HTTP answer when a message set one; else 0 */
    struct counting *counting;         /* of the call, with all instances */
    struct call *call;                 /* under way */
    struct subscription *subscription; /* that is open */
    struct slice uri;          /* of the resource that is read; empty: it is a tool's call */
    uint32_t tool;             /* that is called: index into the policy's */
    bool has_begun;            /* the backend's answer, as the client was told */
    struct turn *next, **link; /* pending.h */
    void (*cancel)(struct turn *turn);
    struct identity_wait wait; /* for keys */
    unsigned wait_count;
};

/* In the exchange's pool. NULL when out of memory; then the exchange is answered already. */
struct turn *turn_open(struct exchange *exchange);

/* Answers the whole exchange; a body is JSON. */
void turn_reply(struct turn *turn, unsigned status, struct slice body);

/* Makes the answer a stream of events, if it is none yet. */
void turn_begin_events(struct turn *turn);

/* Sends a message before the answer; the first one makes the answer a stream of events. */
void turn_add_event(struct turn *turn, struct slice message);

/* `{"jsonrpc":"2.0","id":…,"result":{`, with what every result of the revision carries. */
void turn_begin_result(struct turn *turn, struct text *out);
/* The same with another `resultType` than "complete". */
void turn_begin_result_of(struct turn *turn, const char *type, struct text *out);
void turn_add_member(struct text *out, const char *name);     /* `"name":`, after a comma if due */
void turn_answer_result(struct turn *turn, struct text *out); /* closes what begin opened */

void turn_answer_error(struct turn *turn, enum error_kind kind, struct slice text);
void turn_answer_error_data(struct turn *turn, enum error_kind kind, struct slice text,
                            struct slice data);
void turn_answer_nothing(struct turn *turn); /* a notification: 202 */

const struct options *turn_options(const struct turn *turn);
const struct mcpp_policy *turn_policy(const struct turn *turn);

#endif
