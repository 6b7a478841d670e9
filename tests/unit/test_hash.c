/*
 * The perfect hash of names: every size up to 20,000, hostile names, the same table every time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"

#include "compiler/tables/hash.h"
#include "runtime/decide/lookup.h"

/* The index that the table gives for a name, without the comparison that follows. */
static uint32_t slot_of(const struct mcpp_hash_table *table, const char *name)
{
    uint64_t hash = mcpp_hash(table->seed, name, strlen(name));
    uint16_t displace = table->displace[mcpp_hash_below((uint32_t)hash, table->bucket_count)];
    return table->slots[mcpp_hash_below(mcpp_hash_slot(hash, displace), table->slot_count)];
}

static bool finds_all(const struct mcpp_hash_table *table, const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (slot_of(table, names[i]) != i)
            return false;
    return true;
}

static const char **numbered(struct arena *arena, const char *format, uint32_t count)
{
    const char **names = arena_array(arena, count + 1, sizeof *names);
    for (uint32_t i = 0; i < count; i++)
        names[i] = str_format(arena, "%s%u", format, i).at;
    return names;
}

static void check_sizes(void)
{
    static const uint32_t large[] = {1000, 4096, 9999, 20000};
    struct arena arena = {0};
    struct mcpp_hash_table table;
    for (uint32_t count = 0; count <= 300; count++) {
        const char **names = numbered(&arena, "getThing", count);
        CHECK(hash_build(names, count, &arena, &table) && finds_all(&table, names, count));
        CHECK(table.bucket_count >= 1 && table.slot_count >= 1);
    }
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        const char **names = numbered(&arena, "a/rather/long/common/prefix/of/names/", large[i]);
        CHECK(hash_build(names, large[i], &arena, &table) && finds_all(&table, names, large[i]));
        CHECK(table.slot_count <= large[i] + large[i] / 8 + 1);
    }
    arena_free(&arena);
}

/* Names that differ in one bit, in length alone, or at the ends of words of eight bytes. */
static void check_near_names(void)
{
    struct arena arena = {0};
    struct mcpp_hash_table table;
    const char *names[600];
    uint32_t count = 0;
    for (uint32_t size = 0; size < 40; size++) {
        char *text = arena_alloc(&arena, size + 1);
        memset(text, 'a', size);
        names[count++] = text;
        for (uint32_t at = 0; at < size && count < 600; at += 3) {
            char *other = arena_alloc(&arena, size + 1);
            memset(other, 'a', size);
            other[at] = 'b';
            names[count++] = other;
        }
    }
    CHECK(hash_build(names, count, &arena, &table));
    CHECK(finds_all(&table, names, count));
    arena_free(&arena);
}

static void check_determinism(void)
{
    struct arena arena = {0};
    struct mcpp_hash_table first, second;
    const char **names = numbered(&arena, "tool_", 500);
    CHECK(hash_build(names, 500, &arena, &first) && hash_build(names, 500, &arena, &second));
    CHECK(first.seed == second.seed && first.slot_count == second.slot_count);
    CHECK(!memcmp(first.slots, second.slots, first.slot_count * sizeof *first.slots));
    CHECK(!memcmp(first.displace, second.displace, first.bucket_count * sizeof *first.displace));
    arena_free(&arena);
}

/* The functions are part of the ABI: policy.c files out there hold displacements made with them. */
static void check_fixed_values(void)
{
    CHECK(mcpp_hash(1, "", 0) == UINT64_C(0x17fb89ee35ed72b0));
    CHECK(mcpp_hash(1, "getPetById", 10) == UINT64_C(0x15c5e2139c400e4b));
    CHECK(mcpp_hash_slot(UINT64_C(0x0123456789abcdef), 7) == UINT32_C(0x80b46379));
}

static void check_duplicates_are_refused(void)
{
    struct arena arena = {0};
    struct mcpp_hash_table table;
    const char *names[] = {"same", "same"};
    CHECK(!hash_build(names, 2, &arena, &table));
    arena_free(&arena);
}

int main(void)
{
    check_sizes();
    check_near_names();
    check_determinism();
    check_fixed_values();
    check_duplicates_are_refused();
    return check_report();
}
