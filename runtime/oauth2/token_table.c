/*
 * A hash table of entries, and a list of them by last use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/token_table.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "runtime/clock.h"
#include "runtime/memory/secret.h"

enum { BUCKETS = 4096, LISTENERS_MAX = 256 };

struct token_entry {
    unsigned char key[TOKEN_KEY_BYTES];
    struct token_entry *next;          /* in its bucket */
    struct token_entry *newer, *older; /* by use */
    struct token *token;               /* NULL: none */
    struct secret_text refresh_token;
    uint64_t fresh_until_ms, usable_until_ms;
    uint64_t missing_stamp;
    uint64_t rejected_ms, retry_ms; /* retry_ms: no attempt before */
    uint32_t failures;              /* in a row */
    uint32_t holds;
    bool is_coming, is_missing, was_rejected;
    char problem[TOKEN_PROBLEM_MAX];
};

struct listener {
    void (*changed)(void *context);
    void *context;
};

struct token_table {
    pthread_mutex_t lock;
    unsigned char salt[16];
    struct token_entry *buckets[BUCKETS];
    struct token_entry *newest, *oldest;
    uint32_t count;
    struct listener listeners[LISTENERS_MAX];
    uint32_t listener_count;
};

/* ---- entries ---- */

struct token_table *token_table_open(void)
{
    struct token_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    pthread_mutex_init(&table->lock, NULL);
    if (getrandom(table->salt, sizeof table->salt, 0) == sizeof table->salt)
        return table;
    token_table_close(table);
    return NULL;
}

static void free_entry(struct token_entry *entry)
{
    token_release(entry->token);
    secret_text_close(&entry->refresh_token);
    free(entry);
}

void token_table_close(struct token_table *table)
{
    if (!table)
        return;
    for (struct token_entry *entry = table->newest, *older; entry; entry = older) {
        older = entry->older;
        free_entry(entry);
    }
    pthread_mutex_destroy(&table->lock);
    free(table);
}

static bool add_part(EVP_MD_CTX *context, struct slice part)
{
    uint64_t size = part.len;
    return EVP_DigestUpdate(context, &size, sizeof size) == 1 &&
           (part.len == 0 || EVP_DigestUpdate(context, part.at, part.len) == 1);
}

/* The parts with their lengths, so that no two keys run together. */
static bool digest_key(const struct token_table *table, const struct token_key *key,
                       unsigned char *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned size = 0;
    bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, table->salt, sizeof table->salt) == 1 &&
                EVP_DigestUpdate(context, &key->credential, sizeof key->credential) == 1 &&
                add_part(context, key->issuer) && add_part(context, key->subject) &&
                add_part(context, key->caller_token) &&
                EVP_DigestFinal_ex(context, out, &size) == 1 && size == TOKEN_KEY_BYTES;
    EVP_MD_CTX_free(context);
    return done;
}

static struct token_entry **bucket_of(struct token_table *table, const unsigned char *key)
{
    return &table->buckets[(key[0] | (uint32_t)key[1] << 8) % BUCKETS];
}

static void unlist(struct token_table *table, struct token_entry *entry)
{
    *(entry->newer ? &entry->newer->older : &table->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &table->oldest) = entry->newer;
}

static void list_newest(struct token_table *table, struct token_entry *entry)
{
    entry->newer = NULL;
    entry->older = table->newest;
    *(table->newest ? &table->newest->newer : &table->oldest) = entry;
    table->newest = entry;
}

static void remove_entry(struct token_table *table, struct token_entry *entry)
{
    struct token_entry **link = bucket_of(table, entry->key);
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    unlist(table, entry);
    table->count--;
    free_entry(entry);
}

/* Makes room for one more; entries that somebody holds stay. */
static void push_out(struct token_table *table)
{
    struct token_entry *entry = table->oldest;
    while (table->count >= TOKEN_ENTRIES_MAX && entry) {
        struct token_entry *newer = entry->newer;
        if (!entry->holds)
            remove_entry(table, entry);
        entry = newer;
    }
}

static struct token_entry *find(struct token_table *table, const unsigned char *key)
{
    struct token_entry *entry = *bucket_of(table, key);
    while (entry && memcmp(entry->key, key, TOKEN_KEY_BYTES) != 0)
        entry = entry->next;
    return entry;
}

static struct token_entry *add(struct token_table *table, const unsigned char *key)
{
    struct token_entry **bucket = bucket_of(table, key);
    push_out(table);
    struct token_entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return NULL;
    memcpy(entry->key, key, TOKEN_KEY_BYTES);
    entry->next = *bucket;
    *bucket = entry;
    list_newest(table, entry);
    table->count++;
    return entry;
}

/* ---- looking ---- */

static uint32_t seconds_until(uint64_t then_ms, uint64_t now)
{
    return then_ms > now ? (uint32_t)((then_ms - now + 999) / 1000) : 1;
}

static enum token_state state_of(struct token_entry *entry, uint64_t now)
{
    if (entry->is_coming)
        return TOKEN_COMING;
    if (now < entry->retry_ms)
        return TOKEN_FAILED;
    if (entry->is_missing)
        return TOKEN_MISSING;
    entry->is_coming = true;
    return TOKEN_DUE;
}

static void look(struct token_entry *entry, struct token_look *out)
{
    uint64_t now = clock_ms();
    out->token = NULL;
    out->is_stale = false;
    if (entry->token && now < entry->usable_until_ms) {
        out->state = TOKEN_HERE;
        out->token = token_hold(entry->token);
        /* ahead of time, by one asker, while the others go on */
        out->is_stale = now >= entry->fresh_until_ms && state_of(entry, now) == TOKEN_DUE;
        return;
    }
    out->state = state_of(entry, now);
    out->retry_after_s = seconds_until(entry->retry_ms, now);
    out->missing_stamp = entry->missing_stamp;
    snprintf(out->problem, sizeof out->problem, "%s", entry->problem);
}

void token_table_look(struct token_table *table, const struct token_key *key,
                      struct token_look *out)
{
    unsigned char digest[TOKEN_KEY_BYTES];
    *out = (struct token_look){.state = TOKEN_FAILED, .problem = "out of memory"};
    if (!digest_key(table, key, digest))
        return;
    pthread_mutex_lock(&table->lock);
    out->entry = find(table, digest);
    if (out->entry) {
        unlist(table, out->entry);
        list_newest(table, out->entry);
    } else {
        out->entry = add(table, digest);
    }
    if (out->entry) {
        out->entry->holds++;
        look(out->entry, out);
    }
    pthread_mutex_unlock(&table->lock);
}

void token_table_look_again(struct token_table *table, struct token_entry *entry,
                            struct token_look *out)
{
    pthread_mutex_lock(&table->lock);
    out->entry = entry;
    look(entry, out);
    pthread_mutex_unlock(&table->lock);
}

void token_table_hold(struct token_table *table, struct token_entry *entry)
{
    pthread_mutex_lock(&table->lock);
    entry->holds++;
    pthread_mutex_unlock(&table->lock);
}

void token_table_let_go(struct token_table *table, struct token_entry *entry)
{
    pthread_mutex_lock(&table->lock);
    entry->holds--;
    pthread_mutex_unlock(&table->lock);
}

/* ---- attempts ---- */

static void tell(struct token_table *table)
{
    for (uint32_t i = 0; i < table->listener_count; i++)
        table->listeners[i].changed(table->listeners[i].context);
}

/* A token is got anew a minute or a fifth of its life before it ends, and not used in its last
 * seconds: it would end on its way. One without any life serves those who wait for it now. */
static void set_life(struct token_entry *entry, bool has_life, uint32_t life_s)
{
    uint32_t life_or_usual = has_life ? life_s : TOKEN_LIFE_USUAL;
    uint64_t life = (uint64_t)(life_or_usual ? life_or_usual : 1) * 1000, now = clock_ms();
    uint64_t ahead = life / 5 < 60000 ? life / 5 : 60000;
    uint64_t last = life / 20 < 10000 ? life / 20 : 10000;
    entry->fresh_until_ms = now + life - ahead;
    entry->usable_until_ms = now + life - last;
}

static bool set_token(struct token_entry *entry, struct slice text)
{
    struct token *token = token_make(text);
    if (!token)
        return false;
    token_release(entry->token);
    entry->token = token;
    entry->failures = 0;
    entry->retry_ms = 0;
    entry->is_missing = false;
    return true;
}

static void set_refresh_token(struct token_entry *entry, struct slice text)
{
    secret_text_close(&entry->refresh_token);
    if (text.len)
        secret_text_add(&entry->refresh_token, text);
}

/* Doubled each time, with a fifth of it left to chance, so that servers do not come together. */
static uint64_t back_off_ms(const struct token_entry *entry, uint32_t retry_after_s)
{
    uint32_t doublings = entry->failures < 7 ? entry->failures - 1 : 6;
    uint64_t delay = UINT64_C(1000) << doublings;
    if (delay > TOKEN_BACK_OFF_MAX * UINT64_C(1000))
        delay = TOKEN_BACK_OFF_MAX * UINT64_C(1000);
    if (retry_after_s * UINT64_C(1000) > delay)
        delay = retry_after_s * UINT64_C(1000);
    uint32_t chance = 0;
    (void)!getrandom(&chance, sizeof chance, GRND_NONBLOCK);
    return delay - delay / 5 + chance % (delay / 5 + 1);
}

static void set_failed(struct token_entry *entry, const char *problem, uint32_t retry_after_s)
{
    entry->failures++;
    entry->retry_ms = clock_ms() + back_off_ms(entry, retry_after_s);
    snprintf(entry->problem, sizeof entry->problem, "%s", problem);
}

void token_table_finish(struct token_table *table, struct token_entry *entry,
                        const struct token_answer *answer, bool is_refresh_over)
{
    pthread_mutex_lock(&table->lock);
    entry->is_coming = false;
    if (is_refresh_over)
        secret_text_close(&entry->refresh_token);
    if (answer->verdict != TOKEN_GIVEN) {
        set_failed(entry, answer->problem, answer->retry_after_s);
    } else if (set_token(entry, secret_text_slice(&answer->access_token))) {
        set_life(entry, answer->has_life, answer->life_s);
        if (answer->refresh_token.len)
            set_refresh_token(entry, secret_text_slice(&answer->refresh_token));
    } else {
        set_failed(entry, "out of memory", 0);
    }
    tell(table);
    pthread_mutex_unlock(&table->lock);
}

void token_table_give_up(struct token_table *table, struct token_entry *entry)
{
    pthread_mutex_lock(&table->lock);
    entry->is_coming = false;
    tell(table);
    pthread_mutex_unlock(&table->lock);
}

void token_table_set_missing(struct token_table *table, struct token_entry *entry, uint64_t stamp)
{
    pthread_mutex_lock(&table->lock);
    entry->is_coming = false;
    entry->is_missing = true;
    entry->missing_stamp = stamp;
    secret_text_close(&entry->refresh_token);
    tell(table);
    pthread_mutex_unlock(&table->lock);
}

bool token_table_retry_missing(struct token_table *table, struct token_entry *entry)
{
    pthread_mutex_lock(&table->lock);
    bool may_try = entry->is_missing && !entry->is_coming;
    if (may_try) {
        entry->is_missing = false;
        entry->is_coming = true;
    }
    pthread_mutex_unlock(&table->lock);
    return may_try;
}

bool token_table_knows(struct token_table *table, struct token_entry *entry, struct slice text)
{
    pthread_mutex_lock(&table->lock);
    bool knows = entry->token && secret_equal(token_text(entry->token), text);
    pthread_mutex_unlock(&table->lock);
    return knows;
}

bool token_table_refresh_token(struct token_table *table, struct token_entry *entry,
                               struct secret_text *out)
{
    pthread_mutex_lock(&table->lock);
    bool has_one = entry->refresh_token.len > 0;
    if (has_one)
        secret_text_add(out, secret_text_slice(&entry->refresh_token));
    pthread_mutex_unlock(&table->lock);
    return has_one && !out->failed;
}

bool token_table_reject(struct token_table *table, struct token_entry *entry,
                        const struct token *token)
{
    uint64_t now = clock_ms();
    pthread_mutex_lock(&table->lock);
    bool is_newer = entry->token != token;       /* somebody was faster */
    bool is_known = entry->usable_until_ms == 0; /* a new one is due or on its way */
    bool may_try = is_newer || is_known || !entry->was_rejected ||
                   now - entry->rejected_ms >= TOKEN_REJECTS_APART * UINT64_C(1000);
    if (!is_newer && !is_known && may_try) {
        entry->was_rejected = true;
        entry->rejected_ms = now;
        entry->usable_until_ms = entry->fresh_until_ms = 0;
    }
    pthread_mutex_unlock(&table->lock);
    return may_try;
}

bool token_table_put(struct token_table *table, struct token_entry *entry,
                     const struct token_given *given)
{
    pthread_mutex_lock(&table->lock);
    bool done = set_token(entry, given->access_token);
    entry->is_coming = false;
    if (done) {
        set_life(entry, given->has_life, given->life_s);
        set_refresh_token(entry, given->refresh_token);
    }
    tell(table);
    pthread_mutex_unlock(&table->lock);
    return done;
}

/* ---- listeners ---- */

void token_table_on_change(struct token_table *table, void (*changed)(void *context), void *context)
{
    pthread_mutex_lock(&table->lock);
    if (table->listener_count < LISTENERS_MAX)
        table->listeners[table->listener_count++] = (struct listener){changed, context};
    pthread_mutex_unlock(&table->lock);
}

void token_table_off_change(struct token_table *table, void *context)
{
    pthread_mutex_lock(&table->lock);
    for (uint32_t i = 0; i < table->listener_count; i++)
        if (table->listeners[i].context == context)
            table->listeners[i--] = table->listeners[--table->listener_count];
    pthread_mutex_unlock(&table->lock);
}
