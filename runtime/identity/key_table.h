/*
 * The key sets of a process as texts: for each source the last good one, its life, and the times of
 * attempts to fetch it. At most one attempt is under way for a source, whichever worker makes it;
 * each worker makes keys of its own out of the text. No input or output happens here; everything is
 * safe from any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_KEY_TABLE_H
#define IDENTITY_KEY_TABLE_H

#include <stdint.h>

#include "runtime/bell.h"
#include "runtime/memory/slice.h"

/* Seconds. */
enum {
    KEYS_STALE = 24 * 3600, /* beyond their life, while the issuer fails */
    KEYS_COOLDOWN = 30,     /* between attempts because of an unknown kid */
};

struct key_table;
struct key_entry;
struct key_text;

/* Where keys come from; texts are borrowed for as long as the table lives. */
struct key_source {
    const char *jwks; /* "": found through the issuer's metadata */
    const char *issuer;
    bool allows_private; /* from an address of a private network too */
};

bool key_source_equal(const struct key_source *a, const struct key_source *b);

struct key_table *key_table_open(void);        /* NULL: out of memory */
void key_table_close(struct key_table *table); /* NULL is fine */

/* The source's entry; the bell is rung whenever an attempt has ended, until the worker leaves.
 * NULL: out of memory. */
struct key_entry *key_table_join(struct key_table *table, const struct key_source *source,
                                 struct bell *bell);
void key_table_leave(struct key_table *table, struct key_entry *entry, const struct bell *bell);

struct key_look {
    struct key_text *text;    /* another than the asker's: held for it. NULL: there is none */
    uint64_t generation;      /* of the text that is there; 0: none */
    uint64_t usable_until_ms; /* of clock_coarse_ms */
    int64_t fetched_s;        /* since 1970 */
    uint32_t wait_ms;         /* until the next attempt is due */
    bool is_due;              /* the asker is to make one now, and to end it */
    bool is_coming;           /* somebody makes one; the bells will be rung */
    bool has_failed;          /* the last one */
};

/* `generation` is of the text that the asker has, 0 for none; `wants_more`: it misses a key, so
 * that an attempt is due unless there was one just now. */
void key_table_look(struct key_table *table, struct key_entry *entry, uint64_t generation,
                    bool wants_more, struct key_look *out);

struct slice key_text_slice(const struct key_text *text); /* a NUL byte follows */
void key_text_release(struct key_text *text);

/* Whether the text that is there is this one. */
bool key_table_has(struct key_table *table, struct key_entry *entry, struct slice text);

/* The ends of an attempt; the next one is due after `life_s`. The generation of the text, or 0: out
 * of memory, to be said with key_table_fail. */
uint64_t key_table_finish(struct key_table *table, struct key_entry *entry, struct slice text,
                          uint32_t life_s);
uint32_t key_table_fail(struct key_table *table, struct key_entry *entry); /* seconds until then */
void key_table_give_up(struct key_table *table, struct key_entry *entry);  /* none was made */

#endif
