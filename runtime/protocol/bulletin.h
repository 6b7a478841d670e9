/*
 * Notices between the workers of a process: each one that is posted comes to every worker, the
 * poster's own included, later and from its loop. For what a request on one connection means to
 * requests on others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_BULLETIN_H
#define PROTOCOL_BULLETIN_H

#include "runtime/memory/slice.h"
#include "runtime/protocol/session.h"
#include "runtime/protocol/watchers.h"

enum notice_kind {
    NOTICE_CANCEL,  /* the request with the id `text` of this session */
    NOTICE_CHANGED, /* what a caller sees has changed: tell its streams (subscriptions.h) */
};

struct notice {
    enum notice_kind kind;
    struct session_salt session;
    struct slice text; /* copied when posted */
    struct watcher_key who;
    bool is_for_all; /* instead of `who` */
};

struct bulletin; /* of the process */
struct board;    /* of a worker */

struct bulletin *bulletin_open(void); /* NULL: out of memory */
void bulletin_close(struct bulletin *bulletin);

/* From any worker. A notice that finds no memory or a full board is lost: nothing depends on it. */
void bulletin_post(struct bulletin *bulletin, const struct notice *notice);

/* `take` is called from the loop. NULL and a logged reason when it cannot be. */
struct board *board_open(struct bulletin *bulletin, const struct worker *worker,
                         void (*take)(const struct worker *worker, const struct notice *notice));
void board_close(struct board *board);

/* The requests under way on this worker that notices can be about (pending.h). */
struct turn **board_turns(struct board *board);
/* The streams that are open on this worker (subscriptions.h). */
struct subscription;
struct subscription **board_subscriptions(struct board *board);

#endif
