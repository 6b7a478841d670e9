/*
 * Compress-hash-displace: names fall into small buckets; the fullest bucket first, each bucket gets
 * the first displacement that moves all of its names into slots that are still free.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/hash.h"

#include <string.h>

#include "runtime/decide/lookup.h"

/* Four names a bucket and one slot in nine left empty: 0.5 bytes of displacements a name, and the
 * last buckets still find a place within a few dozen tries. */
enum { NAMES_PER_BUCKET = 4, SPARE_SLOTS = 8, SEED_TRIES = 64 };

struct build {
    uint32_t count, bucket_count, slot_count;
    uint64_t *hashes;        /* of each name */
    uint32_t *bucket_starts; /* into members, bucket_count + 1 */
    uint32_t *members;       /* names, bucket by bucket */
    uint32_t *order;         /* buckets, the fullest first */
    uint16_t *displace;
    uint32_t *slots;
    uint32_t *tried; /* slots of the bucket at hand */
};

static uint32_t bucket_size(const struct build *build, uint32_t bucket)
{
    return build->bucket_starts[bucket + 1] - build->bucket_starts[bucket];
}

static void hash_names(struct build *build, const char *const *names, uint64_t seed)
{
    for (uint32_t i = 0; i < build->count; i++)
        build->hashes[i] = mcpp_hash(seed, names[i], strlen(names[i]));
}

/* A counting sort, so that members keep the order of the names. */
static void fill_buckets(struct build *build)
{
    memset(build->bucket_starts, 0, (build->bucket_count + 1) * sizeof *build->bucket_starts);
    for (uint32_t i = 0; i < build->count; i++)
        build
            ->bucket_starts[mcpp_hash_below((uint32_t)build->hashes[i], build->bucket_count) + 1]++;
    for (uint32_t i = 0; i < build->bucket_count; i++)
        build->bucket_starts[i + 1] += build->bucket_starts[i];
    for (uint32_t i = build->count; i-- > 0;) {
        uint32_t bucket = mcpp_hash_below((uint32_t)build->hashes[i], build->bucket_count);
        build->members[--build->bucket_starts[bucket + 1]] = i;
    }
    /* each start was counted down to that of its own bucket: shift back by one */
    memmove(build->bucket_starts, build->bucket_starts + 1,
            build->bucket_count * sizeof *build->bucket_starts);
    build->bucket_starts[build->bucket_count] = build->count;
}

static void order_buckets(struct build *build)
{
    uint32_t largest = 0, done = 0;
    for (uint32_t i = 0; i < build->bucket_count; i++)
        if (bucket_size(build, i) > largest)
            largest = bucket_size(build, i);
    for (uint32_t size = largest + 1; size-- > 0;)
        for (uint32_t i = 0; i < build->bucket_count; i++)
            if (bucket_size(build, i) == size)
                build->order[done++] = i;
}

/* Takes the slots that the bucket's names move to, or none of them. */
static bool place(struct build *build, uint32_t bucket, uint16_t displace)
{
    uint32_t start = build->bucket_starts[bucket], size = bucket_size(build, bucket);
    for (uint32_t i = 0; i < size; i++) {
        uint64_t hash = build->hashes[build->members[start + i]];
        uint32_t slot = mcpp_hash_below(mcpp_hash_slot(hash, displace), build->slot_count);
        if (build->slots[slot] != build->count) {
            while (i-- > 0)
                build->slots[build->tried[i]] = build->count;
            return false;
        }
        build->slots[slot] = build->members[start + i];
        build->tried[i] = slot;
    }
    build->displace[bucket] = displace;
    return true;
}

static bool place_all(struct build *build)
{
    for (uint32_t i = 0; i < build->slot_count; i++)
        build->slots[i] = build->count;
    for (uint32_t i = 0; i < build->bucket_count; i++) {
        uint32_t displace = 0;
        while (!place(build, build->order[i], (uint16_t)displace))
            if (++displace > UINT16_MAX)
                return false;
    }
    return true;
}

static void make_room(struct build *build, struct arena *arena)
{
    build->hashes = arena_array(arena, build->count + 1, sizeof *build->hashes);
    build->members = arena_array(arena, build->count + 1, sizeof *build->members);
    build->tried = arena_array(arena, build->count + 1, sizeof *build->tried);
    build->bucket_starts =
        arena_array(arena, build->bucket_count + 1, sizeof *build->bucket_starts);
    build->order = arena_array(arena, build->bucket_count, sizeof *build->order);
    build->displace = arena_array(arena, build->bucket_count, sizeof *build->displace);
    build->slots = arena_array(arena, build->slot_count, sizeof *build->slots);
}

bool hash_build(const char *const *names, uint32_t count, struct arena *arena,
                struct mcpp_hash_table *out)
{
    struct build build = {.count = count,
                          .bucket_count = count / NAMES_PER_BUCKET + 1,
                          .slot_count = count + count / SPARE_SLOTS + 1};
    make_room(&build, arena);
    for (uint64_t seed = 1; seed <= SEED_TRIES; seed++) {
        hash_names(&build, names, seed);
        fill_buckets(&build);
        order_buckets(&build);
        if (place_all(&build)) {
            *out = (struct mcpp_hash_table){.seed = seed,
                                            .bucket_count = build.bucket_count,
                                            .slot_count = build.slot_count,
                                            .displace = build.displace,
                                            .slots = build.slots};
            return true;
        }
    }
    return false;
}
