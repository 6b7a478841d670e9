/*
 * A queue for each worker, and a bell that wakes its loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/bulletin.h"

#include <pthread.h>
#include <stdlib.h>

#include "runtime/bell.h"
#include "runtime/observe/log.h"

enum { BOARD_MAX = 4096 }; /* notices that a worker has not taken yet */

struct pinned {
    struct pinned *next;
    struct notice notice;
    char text[];
};

struct board {
    struct bulletin *bulletin;
    struct board *next;
    const struct worker *worker;
    void (*take)(const struct worker *worker, const struct notice *notice);
    struct bell *bell;
    struct turn *turns;
    struct subscription *subscriptions;
    /* under the bulletin's lock: */
    struct pinned *first, **last;
    uint32_t count;
};

struct bulletin {
    pthread_mutex_t lock;
    struct board *boards;
};

struct bulletin *bulletin_open(void)
{
    struct bulletin *bulletin = calloc(1, sizeof *bulletin);
    if (bulletin)
        pthread_mutex_init(&bulletin->lock, NULL);
    return bulletin;
}

void bulletin_close(struct bulletin *bulletin)
{
    if (!bulletin)
        return;
    pthread_mutex_destroy(&bulletin->lock);
    free(bulletin);
}

static void pin(struct board *board, const struct notice *notice)
{
    struct pinned *pinned =
        board->count < BOARD_MAX ? malloc(sizeof *pinned + notice->text.len) : NULL;
    if (!pinned) {
        log_warning("a notice between workers was lost");
        return;
    }
    pinned->next = NULL;
    pinned->notice = *notice;
    if (notice->text.len)
        memcpy(pinned->text, notice->text.at, notice->text.len);
    pinned->notice.text.at = pinned->text;
    *board->last = pinned;
    board->last = &pinned->next;
    board->count++;
    bell_ring(board->bell);
}

void bulletin_post(struct bulletin *bulletin, const struct notice *notice)
{
    pthread_mutex_lock(&bulletin->lock);
    for (struct board *board = bulletin->boards; board; board = board->next)
        pin(board, notice);
    pthread_mutex_unlock(&bulletin->lock);
}

static struct pinned *take_all(struct board *board)
{
    pthread_mutex_lock(&board->bulletin->lock);
    struct pinned *first = board->first;
    board->first = NULL;
    board->last = &board->first;
    board->count = 0;
    pthread_mutex_unlock(&board->bulletin->lock);
    return first;
}

static void on_posted(void *context)
{
    struct board *board = context;
    for (struct pinned *next, *pinned = take_all(board); pinned; pinned = next) {
        next = pinned->next;
        board->take(board->worker, &pinned->notice);
        free(pinned);
    }
}

struct board *board_open(struct bulletin *bulletin, const struct worker *worker,
                         void (*take)(const struct worker *worker, const struct notice *notice))
{
    struct board *board = calloc(1, sizeof *board);
    if (board) {
        *board = (struct board){.bulletin = bulletin, .worker = worker, .take = take};
        board->last = &board->first;
        board->bell = bell_open(worker->loop, on_posted, board);
    }
    if (!board || !board->bell) {
        log_error("notices between workers cannot be set up");
        free(board);
        return NULL;
    }
    pthread_mutex_lock(&bulletin->lock);
    board->next = bulletin->boards;
    bulletin->boards = board;
    pthread_mutex_unlock(&bulletin->lock);
    return board;
}

void board_close(struct board *board)
{
    if (!board)
        return;
    struct board **link = &board->bulletin->boards;
    pthread_mutex_lock(&board->bulletin->lock);
    while (*link != board)
        link = &(*link)->next;
    *link = board->next;
    pthread_mutex_unlock(&board->bulletin->lock);
    for (struct pinned *next, *pinned = board->first; pinned; pinned = next) {
        next = pinned->next;
        free(pinned);
    }
    bell_close(board->bell);
    free(board);
}

struct turn **board_turns(struct board *board)
{
    return &board->turns;
}

struct subscription **board_subscriptions(struct board *board)
{
    return &board->subscriptions;
}
