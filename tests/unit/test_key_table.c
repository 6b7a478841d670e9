/*
 * Key sets that workers share: who fetches, when, and who hears of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/key_table.h"

#include <event2/event.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/check.h"

enum { LIFE = 600 };

static int64_t clock_shift_s;

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int status = (int)syscall(SYS_clock_gettime, clock, out);
    out->tv_sec += clock_shift_s;
    return status;
}

static const struct key_source source = {"https://i/jwks", "https://i", false};
static struct event_base *loop;
static struct key_table *table;

/* Two workers; one thread plays both. */
static struct side {
    struct bell *bell;
    struct key_entry *entry;
    uint64_t generation;
    unsigned heard;
    struct key_look found;
} one, two;

static void hear(void *context)
{
    ((struct side *)context)->heard++;
}

static void open_side(struct side *side)
{
    *side = (struct side){.bell = bell_open(loop, hear, side)};
    side->entry = key_table_join(table, &source, side->bell);
    CHECK(side->bell && side->entry);
}

static void close_side(struct side *side)
{
    key_table_leave(table, side->entry, side->bell);
    bell_close(side->bell);
}

static void look(struct side *side, bool wants_more)
{
    key_table_look(table, side->entry, side->generation, wants_more, &side->found);
    if (side->found.text)
        side->generation = side->found.generation;
    key_text_release(side->found.text);
}

static bool finish(struct side *side, const char *text)
{
    uint64_t generation = key_table_finish(table, side->entry, slice_of(text), LIFE);
    bool is_new = generation != side->generation;
    side->generation = generation;
    return is_new;
}

static void open_all(void)
{
    loop = event_base_new();
    table = key_table_open();
    open_side(&one);
    open_side(&two);
    CHECK(one.entry == two.entry);
}

static void close_all(void)
{
    close_side(&one);
    close_side(&two);
    key_table_close(table);
    event_base_free(loop);
}

static void test_one_attempt(void)
{
    open_all();
    look(&one, false);
    look(&two, false);
    CHECK(one.found.is_due && one.found.is_coming && !one.found.text);
    CHECK(!two.found.is_due && two.found.is_coming && !two.found.text);
    key_table_give_up(table, one.entry); /* the other one makes it */
    event_base_loop(loop, EVLOOP_NONBLOCK);
    CHECK_INT(two.heard, 1);
    look(&two, false);
    look(&one, false);
    CHECK(two.found.is_due && !one.found.is_due);
    CHECK(finish(&two, "{a}"));
    event_base_loop(loop, EVLOOP_NONBLOCK);
    CHECK_INT(one.heard, 2);
    look(&two, false);
    CHECK(!two.found.text && !two.found.is_due && !two.found.is_coming);
    CHECK(two.found.wait_ms > (LIFE - 10) * 1000 && two.found.fetched_s);
    key_table_look(table, one.entry, 0, false, &one.found);
    CHECK(one.found.text && slice_is(key_text_slice(one.found.text), "{a}"));
    CHECK(key_table_has(table, one.entry, SLICE("{a}")));
    CHECK(!key_table_has(table, one.entry, SLICE("{b}")));
    /* who holds a text may read it after another one has come */
    clock_shift_s += LIFE;
    look(&two, false);
    CHECK(two.found.is_due && finish(&two, "{b}"));
    CHECK(slice_is(key_text_slice(one.found.text), "{a}"));
    key_text_release(one.found.text);
    close_all();
}

static void test_cooldown(void)
{
    open_all();
    look(&one, false);
    finish(&one, "{a}");
    look(&two, true);
    CHECK(two.found.text && !two.found.is_due); /* what came may be what it misses */
    look(&two, true);
    CHECK(!two.found.is_due && !two.found.is_coming);
    clock_shift_s += KEYS_COOLDOWN;
    look(&two, true);
    look(&one, true);
    CHECK(two.found.is_due && !one.found.is_due && one.found.is_coming);
    CHECK(!finish(&two, "{a}")); /* the same: nobody reads it again */
    look(&one, true);
    CHECK(!one.found.text && !one.found.is_due && !one.found.is_coming);
    close_all();
}

static void test_failures(void)
{
    static const uint32_t without[] = {1, 2, 4, 8, 16, 32, 60, 60};
    static const uint32_t with[] = {30, 60, 120, 240, 300, 300};
    open_all();
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        CHECK_INT(key_table_fail(table, one.entry), without[i]);
    look(&one, false);
    CHECK(one.found.has_failed && !one.found.is_due && one.found.wait_ms > 50000);
    finish(&one, "{a}");
    for (size_t i = 0; i < sizeof with / sizeof *with; i++)
        CHECK_INT(key_table_fail(table, one.entry), with[i]);
    look(&two, false);
    CHECK(two.found.text && two.found.has_failed); /* the old ones serve */
    CHECK(two.found.usable_until_ms > one.found.usable_until_ms);
    close_all();
}

static void test_sources(void)
{
    const struct key_source others[] = {
        {"https://i/jwks", "https://j", false},
        {"https://i/jwks2", "https://i", false},
        {"https://i/jwks", "https://i", true},
    };
    open_all();
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct key_entry *entry = key_table_join(table, &others[i], one.bell);
        CHECK(entry && entry != one.entry);
        key_table_leave(table, entry, one.bell);
    }
    close_all();
}

int main(void)
{
    test_one_attempt();
    test_cooldown();
    test_failures();
    test_sources();
    return check_report();
}
