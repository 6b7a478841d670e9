/*
 * The cache of tokens: what is found is what was put in, within its bounds, and a flood of tokens
 * that come once does not push out those that are used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/token_cache.h"

#include "compiler/base/str.h"
#include "tests/unit/check.h"

enum { BYTES = 64 * 1024, NOW = 1000, LATER = 5000 };

static struct arena arena;
static const struct siphash_key key = {{1, 2}};
static const struct mcpp_policy policy = {.fact_words = 2, .claim_count = 2};
static const uint64_t facts[2] = {5, 7};
static const struct caller_claim claims[2] = {{JSON_STRING, {"north", 5}}, {JSON_NULL, {NULL, 0}}};

static struct known_token known_of(const char *subject)
{
    return (struct known_token){
        .caller = {.kind = CALLER_VERIFIED,
                   .facts = facts,
                   .claims = claims,
                   .subject = slice_of(subject),
                   .issuer = SLICE("https://i")},
        .binding.kinds = MCPP_BOUND_MTLS,
        .expires_ms = LATER,
        .verifier = 3,
        .generation = 9,
    };
}

/* Of the length of a real one; the end differs, as a signature does. */
static struct slice token(unsigned number)
{
    struct str text = str_format(&arena, "%0600u.%u", 0U, number);
    return (struct slice){text.at, text.len};
}

static void test_find(void)
{
    struct token_cache *cache = token_cache_open(&policy, BYTES, &key);
    struct known_token known = known_of("alice");
    struct pool *pool = pool_open(10000);
    struct caller caller;
    if (!CHECK(cache))
        return;
    token_cache_add(cache, token(1), &known);
    const struct known_token *found = token_cache_find(cache, token(1), NOW);
    if (!CHECK(found && token_cache_copy(cache, found, pool, &caller)))
        return;
    CHECK(found->verifier == 3 && found->generation == 9 && found->binding.kinds);
    token_cache_drop(cache, found); /* the copy does not need it */
    CHECK_INT(token_cache_count(cache), 0);
    CHECK_INT(token_cache_bytes(cache), 0);
    CHECK(caller.facts[0] == 5 && caller.facts[1] == 7 && caller.facts != facts);
    CHECK_INT(caller.claims[0].kind, JSON_STRING);
    CHECK_STR(caller.claims[0].text, "north");
    CHECK_INT(caller.claims[1].kind, JSON_NULL);
    CHECK_STR(caller.subject, "alice");
    CHECK_STR(caller.issuer, "https://i");
    CHECK_INT(caller.client.len, 0);
    CHECK(!token_cache_find(cache, token(1), NOW));
    pool_close(pool);
    token_cache_close(cache);
}

static void test_misses(void)
{
    struct token_cache *cache = token_cache_open(&policy, BYTES, &key);
    struct known_token alice = known_of("alice"), bob = known_of("bob");
    struct str other = str_copy(&arena, (struct str){token(1).at, token(1).len});
    ((char *)(uintptr_t)other.at)[10] = '1'; /* another payload, the same end */
    token_cache_add(cache, token(1), &alice);
    CHECK(!token_cache_find(cache, token(2), NOW));
    CHECK(!token_cache_find(cache, (struct slice){token(1).at, token(1).len - 1}, NOW));
    CHECK(!token_cache_find(cache, (struct slice){other.at, other.len}, NOW));
    CHECK(!token_cache_find(cache, (struct slice){NULL, 0}, NOW));
    CHECK(token_cache_find(cache, token(1), LATER - 1));
    CHECK(!token_cache_find(cache, token(1), LATER));
    CHECK_INT(token_cache_count(cache), 0); /* and it is gone */
    /* learned anew */
    token_cache_add(cache, token(1), &alice);
    token_cache_add(cache, token(1), &bob);
    CHECK_INT(token_cache_count(cache), 1);
    const struct known_token *found = token_cache_find(cache, token(1), NOW);
    CHECK(found && slice_is(found->caller.subject, "bob"));
    /* short ones */
    token_cache_add(cache, SLICE("a"), &alice);
    CHECK(token_cache_find(cache, SLICE("a"), NOW) && !token_cache_find(cache, SLICE("b"), NOW));
    token_cache_close(cache);
}

static void test_flood(void)
{
    enum { HOT = 10, FLOOD = 20000 };
    struct token_cache *cache = token_cache_open(&policy, BYTES, &key);
    struct known_token known = known_of("alice");
    for (unsigned i = 0; i < HOT; i++) {
        token_cache_add(cache, token(i), &known);
        CHECK(token_cache_find(cache, token(i), NOW)); /* seen again */
    }
    for (unsigned i = 0; i < FLOOD; i++) {
        token_cache_add(cache, token(1000 + i), &known);
        if (token_cache_bytes(cache) > BYTES)
            CHECK(false);
    }
    for (unsigned i = 0; i < HOT; i++)
        CHECK(token_cache_find(cache, token(i), NOW));
    CHECK(token_cache_count(cache) > 20 && token_cache_bytes(cache) <= BYTES);
    /* when the hot set itself moves on, the old one makes room */
    for (unsigned i = 0; i < 2000; i++) {
        token_cache_add(cache, token(100000 + i), &known);
        token_cache_find(cache, token(100000 + i), NOW);
        if (token_cache_bytes(cache) > BYTES)
            CHECK(false);
    }
    CHECK(token_cache_find(cache, token(100000 + 1999), NOW));
    CHECK(!token_cache_find(cache, token(0), NOW));
    token_cache_close(cache);
}

static void test_bounds(void)
{
    struct known_token known = known_of("alice");
    struct token_cache *none = token_cache_open(&policy, 0, &key);
    token_cache_add(none, token(1), &known);
    CHECK(!token_cache_find(none, token(1), NOW));
    token_cache_close(none);
    struct token_cache *small = token_cache_open(&policy, 8192, &key);
    struct str large = str_format(&arena, "%04000u", 1U);
    token_cache_add(small, (struct slice){large.at, large.len}, &known);
    CHECK_INT(token_cache_count(small), 0); /* one that would push out all others */
    token_cache_close(small);
}

static void test_siphash(void)
{
    /* the vectors of the paper's appendix and reference code: key 00..0f, input 00..0e */
    static const struct siphash_key reference = {
        {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    static const char input[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    CHECK(siphash(&reference, (struct slice){input, 15}) == UINT64_C(0xa129ca6149be45e5));
    CHECK(siphash(&reference, (struct slice){input, 0}) == UINT64_C(0x726fdb47dd0e0e31));
    CHECK(siphash(&reference, (struct slice){input, 8}) == UINT64_C(0x93f5f5799a932462));
}

int main(void)
{
    test_siphash();
    test_find();
    test_misses();
    test_flood();
    test_bounds();
    arena_free(&arena);
    return check_report();
}
