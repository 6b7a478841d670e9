/*
 * Counting calls: bursts, filling up, whom a limit counts, several limits at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/limiter.h"

#include <stdio.h>

#include "tests/unit/check.h"

static const struct mcpp_limit limits[] = {
    {.count = 60, .period_s = 60, .burst = 3, .per = MCPP_PER_SUBJECT},
    {.count = 2, .period_s = 3600, .burst = 2, .per = MCPP_PER_TOOL},
    {.count = 1, .period_s = 1, .burst = 1, .per = MCPP_PER_CLIENT},
    {.count = 7, .period_s = 3, .burst = 1, .per = MCPP_PER_ALL},
};
static const uint16_t first[] = {0}, second[] = {1}, third[] = {2}, fourth[] = {3}, both[] = {0, 1};
static const struct mcpp_tool tools[] = {
    {.name = "a", .limits = first, .limit_count = 1},
    {.name = "b", .limits = second, .limit_count = 1},
    {.name = "c", .limits = third, .limit_count = 1},
    {.name = "d", .limits = fourth, .limit_count = 1},
    {.name = "e", .limits = both, .limit_count = 2},
    {.name = "f"},
};
static const struct mcpp_policy policy = {
    .tools = tools, .tool_count = 6, .limits = limits, .limit_count = 4};

static struct limiter *limiter;

static struct caller caller_of(const char *issuer, const char *subject, const char *client)
{
    return (struct caller){.kind = CALLER_VERIFIED,
                           .issuer = slice_of(issuer),
                           .subject = slice_of(subject),
                           .client = slice_of(client)};
}

static uint32_t take(unsigned tool, struct caller caller, uint64_t now_ms)
{
    return limiter_take(limiter, &tools[tool], &caller, now_ms);
}

static void check_subjects(void)
{
    struct caller alice = caller_of("i", "alice", "x"), bob = caller_of("i", "bob", "x");
    struct caller other = caller_of("j", "alice", "x"), nobody = {0};
    struct caller local = {.kind = CALLER_OPERATOR};
    for (int i = 0; i < 3; i++)
        CHECK_INT(take(0, alice, 1000), 0);
    CHECK_INT(take(0, alice, 1000), 1);
    CHECK_INT(take(0, alice, 1999), 1); /* asking takes nothing */
    CHECK_INT(take(0, alice, 2000), 0);
    CHECK_INT(take(0, alice, 2000), 1);
    CHECK_INT(take(0, bob, 2000), 0);
    CHECK_INT(take(0, other, 2000), 0);
    CHECK_INT(take(0, nobody, 2000), 0);
    CHECK_INT(take(0, local, 2000), 0);
    /* a long rest fills the bucket, and no more than that */
    for (int i = 0; i < 3; i++)
        CHECK_INT(take(0, alice, UINT64_C(1) << 50), 0);
    CHECK_INT(take(0, alice, UINT64_C(1) << 50), 1);
}

static void check_other_keys(void)
{
    struct caller alice = caller_of("i", "alice", "x"), bob = caller_of("i", "bob", "x");
    struct caller app = caller_of("i", "alice", "y");
    CHECK_INT(take(1, alice, 0), 0);
    CHECK_INT(take(1, bob, 0), 0);
    CHECK_INT(take(1, alice, 0), 1800);
    CHECK_INT(take(1, alice, 1799 * 1000), 1);
    CHECK_INT(take(1, alice, 1800 * 1000), 0);
    CHECK_INT(take(2, alice, 0), 0);
    CHECK_INT(take(2, bob, 0), 1); /* the same client */
    CHECK_INT(take(2, app, 0), 0);
    CHECK_INT(take(3, alice, 0), 0);
    CHECK_INT(take(3, bob, 428), 1); /* 3/7 of a second is 428.6 ms */
    CHECK_INT(take(3, bob, 429), 0);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(take(5, bob, 0), 0);
}

/* A call that one limit refuses is not counted by the other. */
static void check_both(void)
{
    struct caller carol = caller_of("i", "carol", "z");
    uint64_t now = UINT64_C(1) << 51;
    CHECK_INT(take(4, carol, now), 0);
    CHECK_INT(take(4, carol, now), 0);
    CHECK_INT(take(4, carol, now), 1800);
    CHECK_INT(take(4, carol, now), 1800);
    CHECK_INT(take(0, carol, now), 0); /* the third of three */
    CHECK_INT(take(0, carol, now), 1);
}

/* More subjects than there is room for: memory stays, and each new one has a full bucket. */
static void check_many(void)
{
    char name[32];
    unsigned waiting = 0; /* a new subject never has to */
    for (unsigned i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "subject-%u", i);
        waiting += take(0, caller_of("i", name, "x"), 5000 + i) != 0;
    }
    CHECK_INT(waiting, 0);
}

int main(void)
{
    limiter = limiter_open(&policy, 0x1234567);
    if (!CHECK(limiter != NULL))
        return check_report();
    check_subjects();
    check_other_keys();
    check_both();
    limiter_close(limiter);
    limiter = limiter_open(&policy, 0x1234567);
    check_many();
    limiter_close(limiter);
    return check_report();
}
