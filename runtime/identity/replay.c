/*
 * A hash table of buckets. An id has one bucket; a place whose time is over is free. When a bucket
 * is full of live ids the table is doubled, up to a bound.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/replay.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 8, BUCKETS_MIN = 512, BUCKETS_MAX = 1 << 17 }; /* at most 24 MB */

struct place {
    unsigned char id[REPLAY_ID];
    int64_t until_s; /* 0: free */
};

struct replay {
    pthread_mutex_t lock;
    struct place *places;
    uint32_t buckets;
};

struct replay *replay_open(void)
{
    struct replay *replay = calloc(1, sizeof *replay);
    if (!replay)
        return NULL;
    replay->buckets = BUCKETS_MIN;
    replay->places = calloc((size_t)BUCKETS_MIN * PLACES, sizeof *replay->places);
    if (replay->places) {
        pthread_mutex_init(&replay->lock, NULL);
        return replay;
    }
    free(replay);
    return NULL;
}

void replay_close(struct replay *replay)
{
    if (!replay)
        return;
    pthread_mutex_destroy(&replay->lock);
    free(replay->places);
    free(replay);
}

static struct place *bucket_of(struct place *places, uint32_t buckets, const unsigned char *id)
{
    uint32_t hash;
    memcpy(&hash, id, sizeof hash);
    return places + (size_t)(hash & (buckets - 1)) * PLACES;
}

/* A free place of the id's bucket, or NULL. */
static struct place *find_free(struct place *bucket, int64_t now_s)
{
    for (int i = 0; i < PLACES; i++)
        if (bucket[i].until_s <= now_s)
            return &bucket[i];
    return NULL;
}

static bool move_all(const struct replay *replay, struct place *places, uint32_t buckets,
                     int64_t now_s)
{
    for (size_t i = 0; i < (size_t)replay->buckets * PLACES; i++) {
        const struct place *from = &replay->places[i];
        if (from->until_s <= now_s)
            continue;
        struct place *to = find_free(bucket_of(places, buckets, from->id), now_s);
        if (!to)
            return false;
        *to = *from;
    }
    return true;
}

static bool grow(struct replay *replay, int64_t now_s)
{
    uint32_t buckets = replay->buckets * 2;
    struct place *places =
        buckets <= BUCKETS_MAX ? calloc((size_t)buckets * PLACES, sizeof *places) : NULL;
    if (!places || !move_all(replay, places, buckets, now_s)) {
        free(places);
        return false;
    }
    free(replay->places);
    replay->places = places;
    replay->buckets = buckets;
    return true;
}

static enum replay_outcome note(struct replay *replay, const unsigned char *id, int64_t now_s,
                                int64_t until_s)
{
    struct place *bucket = bucket_of(replay->places, replay->buckets, id);
    for (int i = 0; i < PLACES; i++)
        if (bucket[i].until_s > now_s && memcmp(bucket[i].id, id, REPLAY_ID) == 0)
            return REPLAY_AGAIN;
    struct place *found = find_free(bucket, now_s);
    while (!found && grow(replay, now_s))
        found = find_free(bucket_of(replay->places, replay->buckets, id), now_s);
    if (!found)
        return REPLAY_FULL;
    memcpy(found->id, id, REPLAY_ID);
    found->until_s = until_s;
    return REPLAY_FIRST;
}

enum replay_outcome replay_note(struct replay *replay, const unsigned char id[static REPLAY_ID],
                                int64_t now_s, int64_t until_s)
{
    pthread_mutex_lock(&replay->lock);
    enum replay_outcome outcome = note(replay, id, now_s, until_s);
    pthread_mutex_unlock(&replay->lock);
    return outcome;
}
