/*
 * A list of entries: a policy has few verifiers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/key_table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/clock.h"

/* Seconds between attempts after failures, doubled each time. Without keys nothing works, so it is
 * tried again soon; with keys there is time. */
enum { RETRY_MIN = 1, RETRY_MIN_WITH_KEYS = 30, RETRY_MAX = 60, RETRY_MAX_WITH_KEYS = 300 };

struct key_text {
    atomic_uint holds;
    size_t len;
    char at[];
};

struct listener {
    struct listener *next;
    struct bell *bell;
};

struct key_entry {
    struct key_entry *next;
    struct key_source source;
    struct listener *listeners;
    struct key_text *text; /* NULL before the first good answer */
    uint64_t generation;   /* counts texts */
    uint64_t due_ms, attempt_ms, usable_until_ms;
    int64_t fetched_s;
    uint32_t failures; /* in a row */
    bool is_coming;
};

struct key_table {
    pthread_mutex_t lock;
    struct key_entry *entries;
};

bool key_source_equal(const struct key_source *a, const struct key_source *b)
{
    return strcmp(a->jwks, b->jwks) == 0 && strcmp(a->issuer, b->issuer) == 0 &&
           a->allows_private == b->allows_private;
}

/* ---- texts ---- */

static struct key_text *text_make(struct slice text)
{
    struct key_text *made = malloc(sizeof *made + text.len + 1);
    if (!made)
        return NULL;
    atomic_init(&made->holds, 1);
    made->len = text.len;
    memcpy(made->at, text.at, text.len);
    made->at[text.len] = '\0';
    return made;
}

struct slice key_text_slice(const struct key_text *text)
{
    return (struct slice){text->at, text->len};
}

void key_text_release(struct key_text *text)
{
    if (text && atomic_fetch_sub_explicit(&text->holds, 1, memory_order_acq_rel) == 1)
        free(text);
}

/* ---- the table ---- */

struct key_table *key_table_open(void)
{
    struct key_table *table = calloc(1, sizeof *table);
    if (table)
        pthread_mutex_init(&table->lock, NULL);
    return table;
}

/* All workers have left. */
void key_table_close(struct key_table *table)
{
    if (!table)
        return;
    for (struct key_entry *next, *entry = table->entries; entry; entry = next) {
        next = entry->next;
        key_text_release(entry->text);
        free(entry);
    }
    pthread_mutex_destroy(&table->lock);
    free(table);
}

/* With the lock held. */
static struct key_entry *find(struct key_table *table, const struct key_source *source)
{
    struct key_entry *entry = table->entries;
    while (entry && !key_source_equal(&entry->source, source))
        entry = entry->next;
    if (entry)
        return entry;
    entry = calloc(1, sizeof *entry);
    if (!entry)
        return NULL;
    entry->source = *source;
    entry->next = table->entries;
    table->entries = entry;
    return entry;
}

struct key_entry *key_table_join(struct key_table *table, const struct key_source *source,
                                 struct bell *bell)
{
    struct listener *listener = malloc(sizeof *listener);
    if (!listener)
        return NULL;
    pthread_mutex_lock(&table->lock);
    struct key_entry *entry = find(table, source);
    if (entry) {
        *listener = (struct listener){entry->listeners, bell};
        entry->listeners = listener;
    }
    pthread_mutex_unlock(&table->lock);
    if (!entry)
        free(listener);
    return entry;
}

void key_table_leave(struct key_table *table, struct key_entry *entry, const struct bell *bell)
{
    pthread_mutex_lock(&table->lock);
    struct listener **link = &entry->listeners;
    while ((*link)->bell != bell)
        link = &(*link)->next;
    struct listener *found = *link;
    *link = found->next;
    pthread_mutex_unlock(&table->lock);
    free(found);
}

/* ---- attempts ---- */

static bool is_due(const struct key_entry *entry, bool wants_more, uint64_t now)
{
    if (entry->is_coming)
        return false;
    return now >= entry->due_ms || (wants_more && now - entry->attempt_ms >= KEYS_COOLDOWN * 1000);
}

void key_table_look(struct key_table *table, struct key_entry *entry, uint64_t generation,
                    bool wants_more, struct key_look *out)
{
    uint64_t now = clock_coarse_ms();
    pthread_mutex_lock(&table->lock);
    *out = (struct key_look){
        .generation = entry->generation,
        .usable_until_ms = entry->usable_until_ms,
        .fetched_s = entry->fetched_s,
        .has_failed = entry->failures != 0,
        /* what the asker has not seen yet may have what it misses */
        .is_due = is_due(entry, wants_more && generation == entry->generation, now),
    };
    if (entry->generation != generation) {
        atomic_fetch_add_explicit(&entry->text->holds, 1, memory_order_relaxed);
        out->text = entry->text;
    }
    if (out->is_due) {
        entry->is_coming = true;
        entry->attempt_ms = now;
    }
    out->is_coming = entry->is_coming;
    out->wait_ms = entry->due_ms > now ? (uint32_t)(entry->due_ms - now) : 0;
    pthread_mutex_unlock(&table->lock);
}

bool key_table_has(struct key_table *table, struct key_entry *entry, struct slice text)
{
    pthread_mutex_lock(&table->lock);
    bool has = entry->text && slice_equal(key_text_slice(entry->text), text);
    pthread_mutex_unlock(&table->lock);
    return has;
}

/* With the lock held. The pause before another attempt begins when this one has ended. */
static void end_attempt(struct key_entry *entry, uint32_t wait_s)
{
    entry->is_coming = false;
    entry->attempt_ms = clock_coarse_ms();
    entry->due_ms = entry->attempt_ms + (uint64_t)wait_s * 1000;
    for (const struct listener *listener = entry->listeners; listener; listener = listener->next)
        bell_ring(listener->bell);
}

uint64_t key_table_finish(struct key_table *table, struct key_entry *entry, struct slice text,
                          uint32_t life_s)
{
    struct key_text *old = NULL;
    uint64_t generation = 0;
    pthread_mutex_lock(&table->lock);
    if (!entry->text || !slice_equal(key_text_slice(entry->text), text)) {
        struct key_text *made = text_make(text);
        if (!made)
            goto out;
        old = entry->text;
        entry->text = made;
        entry->generation++;
    }
    generation = entry->generation;
    entry->failures = 0;
    entry->fetched_s = time(NULL);
    end_attempt(entry, life_s);
    entry->usable_until_ms = entry->attempt_ms + ((uint64_t)life_s + KEYS_STALE) * 1000;
out:
    pthread_mutex_unlock(&table->lock);
    key_text_release(old);
    return generation;
}

uint32_t key_table_fail(struct key_table *table, struct key_entry *entry)
{
    pthread_mutex_lock(&table->lock);
    uint32_t delay = entry->text ? RETRY_MIN_WITH_KEYS : RETRY_MIN;
    const uint32_t max = entry->text ? RETRY_MAX_WITH_KEYS : RETRY_MAX;
    for (uint32_t i = 0; i < entry->failures && delay < max; i++)
        delay *= 2;
    delay = delay < max ? delay : max;
    entry->failures++;
    end_attempt(entry, delay);
    pthread_mutex_unlock(&table->lock);
    return delay;
}

void key_table_give_up(struct key_table *table, struct key_entry *entry)
{
    pthread_mutex_lock(&table->lock);
    end_attempt(entry, 0);
    pthread_mutex_unlock(&table->lock);
}
