/*
 * The tokens of a process: one entry for each (credential, caller), with its life and what became
 * of the last attempt to get one. At most one attempt is under way for an entry, whichever worker
 * makes it. No input or output happens here; everything is safe from any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_TOKEN_TABLE_H
#define OAUTH2_TOKEN_TABLE_H

#include <stdint.h>

#include "runtime/oauth2/token.h"
#include "runtime/oauth2/token_answer.h"

enum {
    TOKEN_ENTRIES_MAX = 20000, /* more push out the ones that were not used for the longest time */
    TOKEN_KEY_BYTES = 32,
    TOKEN_LIFE_USUAL = 3600,  /* seconds, when the answer does not say */
    TOKEN_REJECTS_APART = 30, /* seconds between new tokens because a backend did not like one */
    TOKEN_BACK_OFF_MAX = 60,  /* seconds between attempts that fail */
};

struct token_table;
struct token_entry;

/* Who a token is for. All parts may be empty. */
struct token_key {
    uint32_t credential;
    struct slice issuer, subject; /* of the caller */
    struct slice caller_token;    /* that is exchanged: what it could do, the new one can do */
};

enum token_state {
    TOKEN_HERE,
    TOKEN_DUE,     /* the asker is to get one now, and must say token_table_finish or _give_up */
    TOKEN_COMING,  /* somebody is getting one */
    TOKEN_MISSING, /* a person has to say yes first */
    TOKEN_FAILED,  /* the last attempt failed, and it is too early for another */
};

struct token_look {
    enum token_state state;
    struct token *token; /* TOKEN_HERE: held for the asker */
    bool is_stale;       /* TOKEN_HERE: usable still; the asker is to get a new one as with DUE */
    struct token_entry *entry; /* held for the asker until token_table_let_go; NULL: no memory */
    uint32_t retry_after_s;    /* TOKEN_FAILED */
    uint64_t missing_stamp;    /* TOKEN_MISSING: as token_table_set_missing was told */
    char problem[TOKEN_PROBLEM_MAX]; /* TOKEN_FAILED */
};

struct token_table *token_table_open(void); /* NULL: out of memory */
void token_table_close(struct token_table *table);

/* Looks the key up, and makes an entry when there is none. Sets *out. */
void token_table_look(struct token_table *table, const struct token_key *key,
                      struct token_look *out);
/* The same for an entry at hand. Only fills what is not `entry`. */
void token_table_look_again(struct token_table *table, struct token_entry *entry,
                            struct token_look *out);
void token_table_hold(struct token_table *table, struct token_entry *entry); /* once more */
void token_table_let_go(struct token_table *table, struct token_entry *entry);

/* What an attempt came to. `answer` is TOKEN_GIVEN or says what is wrong. A refresh token that the
 * answer does not bring stays as it was, unless `is_refresh_over`. */
void token_table_finish(struct token_table *table, struct token_entry *entry,
                        const struct token_answer *answer, bool is_refresh_over);
/* The attempt was not made: somebody else may. */
void token_table_give_up(struct token_table *table, struct token_entry *entry);
/* A person has to say yes first: there is nothing to get a token with. `stamp` says what the store
 * was like then. */
void token_table_set_missing(struct token_table *table, struct token_entry *entry, uint64_t stamp);
/* The store is another now: makes TOKEN_MISSING an attempt of the asker's. False: it is none. */
bool token_table_retry_missing(struct token_table *table, struct token_entry *entry);

/* Whether the entry has, or last had, this access token. */
bool token_table_knows(struct token_table *table, struct token_entry *entry, struct slice text);

/* A copy of the entry's refresh token into `out`; false when there is none. */
bool token_table_refresh_token(struct token_table *table, struct token_entry *entry,
                               struct secret_text *out);

/* The backend did not like this token. Whether asking again now may give another. */
bool token_table_reject(struct token_table *table, struct token_entry *entry,
                        const struct token *token);

/* Puts a token there that came by another way: a login, the store. */
struct token_given {
    struct slice access_token, refresh_token;
    bool has_life;
    uint32_t life_s;
};
bool token_table_put(struct token_table *table, struct token_entry *entry,
                     const struct token_given *given);

/* Called, with the lock held, whenever an attempt ends: wakes those who wait. */
void token_table_on_change(struct token_table *table, void (*changed)(void *context),
                           void *context);
void token_table_off_change(struct token_table *table, void *context);

#endif
