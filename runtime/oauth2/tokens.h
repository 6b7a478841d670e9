/*
 * Taking a token for a request to the backend: one that is there, or one that is got now, from the
 * store or from the authorization server. Callers of one credential and one person wait together
 * for one attempt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_TOKENS_H
#define OAUTH2_TOKENS_H

#include "runtime/oauth2/oauth2_worker.h"
#include "runtime/oauth2/token_table.h"

/* Starts as {0} with `key` and the functions of `place` set; the key's texts must stay. */
struct token_wait {
    struct token_key key;
    struct identity_wait place;      /* called after TOKEN_COMING: take again */
    struct token *token;             /* after TOKEN_HERE: held */
    uint32_t retry_after_s;          /* after TOKEN_FAILED */
    char problem[TOKEN_PROBLEM_MAX]; /* likewise, in words without secrets */
    /* of tokens.c alone */
    struct token_entry *entry;
};

/* TOKEN_HERE, TOKEN_COMING (`done` will be called, and then this again), TOKEN_MISSING or
 * TOKEN_FAILED. */
enum token_state tokens_take(struct oauth2_worker *own, struct token_wait *wait);

/* Lets go of everything; due after every tokens_take, at any time. */
void tokens_let_go(struct oauth2_worker *own, struct token_wait *wait);

/* The backend answered 401 to the token of `wait`. Whether taking again may help. */
bool tokens_reject(struct oauth2_worker *own, struct token_wait *wait);

/* Keeps what a person agreed to, for the key: in the store and at once for all workers. False when
 * the store cannot be written, which is logged; the token serves until the server stops. */
bool tokens_keep(struct oauth2 *oauth2, const struct token_key *key,
                 const struct token_answer *answer);

#endif
