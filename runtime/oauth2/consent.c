/*
 * A table of askings; small, so it is looked through.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/consent.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "runtime/clock.h"
#include "runtime/memory/secret.h"
#include "runtime/oauth2/pairs.h"

enum { ID_BYTES = 32 };

struct entry {
    char id[CONSENT_ID_SIZE]; /* "": free */
    uint64_t ends_ms;
    struct consent consent;
};

struct consents {
    pthread_mutex_t lock;
    struct entry entries[CONSENTS_MAX];
};

struct consents *consents_open(void)
{
    struct consents *consents = calloc(1, sizeof *consents);
    if (consents)
        pthread_mutex_init(&consents->lock, NULL);
    return consents;
}

void consent_close(struct consent *consent)
{
    secret_text_close(&consent->issuer);
    secret_text_close(&consent->subject);
    secret_text_close(&consent->cookie);
    authorization_close(&consent->asked);
}

static void forget(struct entry *entry)
{
    consent_close(&entry->consent);
    *entry = (struct entry){0};
}

void consents_close(struct consents *consents)
{
    if (!consents)
        return;
    for (size_t i = 0; i < CONSENTS_MAX; i++)
        forget(&consents->entries[i]);
    pthread_mutex_destroy(&consents->lock);
    free(consents);
}

static void forget_old(struct consents *consents)
{
    uint64_t now = clock_ms();
    for (size_t i = 0; i < CONSENTS_MAX; i++)
        if (consents->entries[i].id[0] && consents->entries[i].ends_ms <= now)
            forget(&consents->entries[i]);
}

static struct entry *find(struct consents *consents, struct slice id)
{
    forget_old(consents);
    for (size_t i = 0; i < CONSENTS_MAX; i++)
        if (consents->entries[i].id[0] && secret_equal(slice_of(consents->entries[i].id), id))
            return &consents->entries[i];
    return NULL;
}

static bool is_of(const struct consent *consent, uint32_t credential, struct slice issuer,
                  struct slice subject)
{
    return consent->credential == credential &&
           slice_equal(secret_text_slice(&consent->issuer), issuer) &&
           slice_equal(secret_text_slice(&consent->subject), subject);
}

static bool draw_id(char id[static CONSENT_ID_SIZE])
{
    unsigned char bytes[ID_BYTES];
    struct secret_text text = {0};
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return false;
    pairs_add_base64url(&text, bytes, sizeof bytes);
    bool done = !text.failed && text.len + 1 == CONSENT_ID_SIZE;
    if (done)
        memcpy(id, text.at, CONSENT_ID_SIZE);
    secret_text_close(&text);
    return done;
}

static bool fill(struct entry *entry, uint32_t credential, struct slice issuer,
                 struct slice subject)
{
    entry->consent.credential = credential;
    secret_text_add(&entry->consent.issuer, issuer);
    secret_text_add(&entry->consent.subject, subject);
    entry->ends_ms = clock_ms() + CONSENT_S * UINT64_C(1000);
    if (!entry->consent.issuer.failed && !entry->consent.subject.failed && draw_id(entry->id))
        return true;
    forget(entry);
    return false;
}

bool consents_begin(struct consents *consents, uint32_t credential, struct slice issuer,
                    struct slice subject, char id[static CONSENT_ID_SIZE])
{
    struct entry *found = NULL, *unused = NULL;
    pthread_mutex_lock(&consents->lock);
    forget_old(consents);
    for (size_t i = 0; i < CONSENTS_MAX && !found; i++) {
        struct entry *entry = &consents->entries[i];
        if (!entry->id[0])
            unused = unused ? unused : entry;
        else if (is_of(&entry->consent, credential, issuer, subject))
            found = entry;
    }
    if (!found && unused && fill(unused, credential, issuer, subject))
        found = unused;
    if (found)
        memcpy(id, found->id, CONSENT_ID_SIZE);
    pthread_mutex_unlock(&consents->lock);
    return found != NULL;
}

bool consents_find(struct consents *consents, struct slice id, struct consent *out)
{
    pthread_mutex_lock(&consents->lock);
    const struct entry *entry = find(consents, id);
    if (entry) {
        out->credential = entry->consent.credential;
        secret_text_add(&out->issuer, secret_text_slice(&entry->consent.issuer));
        secret_text_add(&out->subject, secret_text_slice(&entry->consent.subject));
    }
    pthread_mutex_unlock(&consents->lock);
    return entry && !out->issuer.failed && !out->subject.failed;
}

bool consents_ask(struct consents *consents, struct slice id, struct consent *begun)
{
    pthread_mutex_lock(&consents->lock);
    struct entry *entry = find(consents, id);
    if (entry) {
        secret_text_close(&entry->consent.cookie);
        authorization_close(&entry->consent.asked);
        entry->consent.cookie = begun->cookie;
        entry->consent.asked = begun->asked;
        begun->cookie = (struct secret_text){0};
        begun->asked = (struct authorization){0};
    }
    pthread_mutex_unlock(&consents->lock);
    return entry != NULL;
}

bool consents_take(struct consents *consents, struct slice state, struct slice cookie,
                   struct consent *out)
{
    bool is_found = false;
    pthread_mutex_lock(&consents->lock);
    forget_old(consents);
    for (size_t i = 0; i < CONSENTS_MAX && !is_found; i++) {
        struct entry *entry = &consents->entries[i];
        const struct consent *consent = &entry->consent;
        if (!entry->id[0] || !consent->cookie.len ||
            !secret_equal(secret_text_slice(&consent->asked.state), state) ||
            !secret_equal(secret_text_slice(&consent->cookie), cookie))
            continue;
        *out = entry->consent;
        *entry = (struct entry){0};
        is_found = true;
    }
    pthread_mutex_unlock(&consents->lock);
    return is_found;
}
