/*
 * Recognising callers as a whole: a real key server on loopback, the real upstream and loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/identity.h"

#include <event2/event.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/identity/key_cache.h"
#include "runtime/identity/metadata.h"
#include "runtime/identity/replay.h"
#include "runtime/identity/trust.h"
#include "runtime/observe/log.h"
#include "runtime/upstream/upstream.h"
#include "tests/unit/check.h"
#include "tests/unit/key_server.h"
#include "tests/unit/sign.h"

enum { DEADLINE_S = 100 };

/* The clock that refreshing and cooldowns go by, moved on by tests; the calendar stays. It is seen
 * by the libraries too, so that their timers fire. */
static int64_t clock_shift_s, calendar_shift_s;

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int status = (int)syscall(SYS_clock_gettime, clock, out);
    bool is_calendar = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    out->tv_sec += is_calendar ? calendar_shift_s : clock_shift_s;
    return status;
}

/* ---- a worker ---- */

static struct arena arena;
static struct signer rsa, ec, other;
static const char *origin;

enum { FACT_TOKEN, FACT_READ, FACT_WRITE, FACT_LAST, FACT_COUNT = 70, WORDS = 2 };

static struct mcpp_fact facts[FACT_COUNT];
static uint64_t implied[FACT_COUNT][WORDS];
static struct mcpp_verifier verifiers[3];
static struct mcpp_policy policy = {.facts = facts,
                                    .fact_count = FACT_COUNT,
                                    .fact_words = WORDS,
                                    .verifiers = verifiers,
                                    .verifier_count = 1};

static struct fixture {
    struct mcpp_server server;
    struct worker worker;
    struct identity *identity;
    struct pool *pool;
    struct caller caller;
    const char *cause;
    struct presented presented; /* beside the token */
    struct wait_list *waiting;
    bool is_woken;
} at;

static void set_fact(unsigned fact, enum mcpp_fact_kind kind, const char *name)
{
    implied[fact][fact / 64] |= UINT64_C(1) << fact % 64;
    facts[fact] = (struct mcpp_fact){kind, name, "", implied[fact], 0};
}

static void make_policy(void)
{
    set_fact(FACT_TOKEN, MCPP_FACT_TOKEN, "token");
    for (unsigned i = 1; i < FACT_COUNT; i++)
        set_fact(i, MCPP_FACT_SCOPE, str_format(&arena, "scope%u", i).at);
    facts[FACT_READ].name = "read:pets";
    facts[FACT_WRITE].name = "write:pets";
    facts[FACT_COUNT - 1].name = "token"; /* a scope that is called like the fact */
    implied[FACT_WRITE][0] |= UINT64_C(1) << FACT_READ;
}

static const char *const api[] = {"api"}, *const new_api[] = {"new-api"};

static struct mcpp_verifier verifier(const char *name, const char *issuer, const char *jwks)
{
    return (struct mcpp_verifier){.name = name,
                                  .issuer = issuer,
                                  .jwks = jwks,
                                  .audiences = api,
                                  .audience_count = 1,
                                  .scope_claim = "scope",
                                  .algorithms = MCPP_RS256 | MCPP_ES256,
                                  .leeway_s = 30};
}

static bool open_identity(void)
{
    at.server = (struct mcpp_server){.policy = &policy,
                                     .options.limits = {.jwks_bytes = 512 * 1024,
                                                        .jwks_ms = 5000,
                                                        .token_bytes = 8192,
                                                        .token_cache_bytes = 100000,
                                                        .backend_in_flight = 8,
                                                        .backend_queue = 8,
                                                        .backend_ms = 5000}};
    at.server.trust = trust_open(&policy);
    if (!at.server.trust)
        return false;
    at.server.replay = replay_open();
    at.server.keys = key_table_open();
    at.worker = (struct worker){.server = &at.server, .loop = event_base_new()};
    at.worker.upstream = upstream_open(&at.worker);
    at.pool = pool_open(100000);
    at.identity = identity_open(&at.worker);
    return at.identity != NULL;
}

static void close_identity(void)
{
    identity_close(at.identity);
    upstream_close(at.worker.upstream);
    event_base_free(at.worker.loop);
    pool_close(at.pool);
    trust_close(at.server.trust);
    replay_close(at.server.replay);
    key_table_close(at.server.keys);
}

static enum identity_outcome check_now(struct slice token)
{
    struct verdict verdict;
    struct presented presented = at.presented;
    presented.token = token;
    enum identity_outcome outcome =
        identity_check(at.identity, &presented, at.pool, &at.caller, &verdict);
    at.cause = verdict.cause;
    at.waiting = verdict.waiting;
    return outcome;
}

static void woken(void *context)
{
    (void)context;
    at.is_woken = true;
}

/* main's alarm ends a wait in vain. */
static void wait_for_answer(void)
{
    struct identity_wait wait = {.done = woken};
    at.is_woken = false;
    wait_list_add(at.waiting, &wait);
    while (!at.is_woken)
        event_base_loop(at.worker.loop, EVLOOP_ONCE);
}

/* Runs the loop until the server was asked so often and the answer has come. */
static void run_until_asked(unsigned count)
{
    while (asked(0) < count || identity_is_asking(at.identity)) {
        event_base_loop(at.worker.loop, EVLOOP_NONBLOCK);
        usleep(1000);
    }
    CHECK_INT(asked(0), count);
}

static enum identity_outcome check(struct slice token)
{
    enum identity_outcome outcome = check_now(token);
    while (outcome == IDENTITY_PENDING) {
        wait_for_answer();
        outcome = check_now(token);
    }
    return outcome;
}

/* ---- tokens ---- */

static struct slice token_of(const struct signer *signer, const char *issuer, const char *more)
{
    struct str header = str_format(&arena, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}",
                                   jwk_algorithm(signer->type), signer->kid);
    struct str claims = str_format(
        &arena, "{\"iss\":\"%s\",\"aud\":\"api\",\"sub\":\"al\\u0069ce\",\"exp\":%lld%s}", issuer,
        (long long)time(NULL) + 100, more);
    return sign_bytes(&arena, signer, header, claims);
}

static const char *key_text(const struct signer *signer)
{
    return signer_jwk(&arena, signer, str_format(&arena, "\"kid\":\"%s\"", signer->kid).at);
}

static const char *keys_answer(const char *headers, const char *members)
{
    struct str body = str_format(&arena, "{\"keys\":[%s]}", members);
    return str_format(&arena, "200 OK\r\n%sContent-Length: %zu\r\n\r\n%.*s", headers, body.len,
                      STR_ARG(body))
        .at;
}

static const char *text_answer(const char *text)
{
    return str_format(&arena, "200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(text), text).at;
}

static const char *both(const struct signer *one, const struct signer *two)
{
    return str_format(&arena, "%s,%s", key_text(one), key_text(two)).at;
}

static bool holds(unsigned fact)
{
    uint64_t set[WORDS] = {0};
    set[fact / 64] = UINT64_C(1) << fact % 64;
    return caller_holds(&at.caller, set, WORDS);
}

/* ---- the tests ---- */

static void test_facts(void)
{
    const char *jwks = str_format(&arena, "%s/jwks", origin).at;
    route(0, "/jwks", keys_answer("", both(&rsa, &ec)));
    verifiers[0] = verifier("main", origin, jwks);
    policy.verifier_count = 1;
    if (!CHECK(open_identity()))
        return;
    CHECK_INT(check_now(token_of(&rsa, origin, "")), IDENTITY_PENDING);
    CHECK_INT(check(token_of(&rsa, origin,
                             ",\"scope\":\"write:pets unknown token\",\"client_id\":\"c\\u0031\"")),
              IDENTITY_VALID);
    CHECK_INT(at.caller.kind, CALLER_VERIFIED);
    CHECK_STR(at.caller.subject, "alice");
    CHECK_STR(at.caller.client, "c1");
    CHECK_STR(at.caller.issuer, origin);
    CHECK(at.caller.verifier == &verifiers[0]);
    CHECK(holds(FACT_TOKEN) && holds(FACT_READ) && holds(FACT_WRITE) && holds(FACT_COUNT - 1));
    CHECK(!holds(FACT_LAST));
    CHECK_INT(check(token_of(&ec, origin, ",\"azp\":\"z\"")), IDENTITY_VALID);
    CHECK_STR(at.caller.client, "z");
    CHECK(holds(FACT_TOKEN) && !holds(FACT_READ) && !holds(FACT_COUNT - 1));
    CHECK_INT(check(token_of(&ec, origin, ",\"scope\":[\"scope65\"]")), IDENTITY_VALID);
    CHECK(holds(65) && !holds(64) && !holds(1));
    CHECK_INT(check_now(token_of(&rsa, "https://other", "")), IDENTITY_INVALID);
    CHECK_STR(slice_of(at.cause), "another issuer");
    CHECK_INT(at.caller.kind, CALLER_ANONYMOUS);
    CHECK_INT(check_now(token_of(&rsa, origin, ",\"nbf\":9999999999")), IDENTITY_INVALID);
    CHECK_STR(slice_of(at.cause), "not valid yet");
    CHECK_INT(check_now(SLICE("opaque")), IDENTITY_INVALID);
    CHECK_INT(check_now((struct slice){NULL, 0}), IDENTITY_INVALID);
    CHECK_INT(asked(0), 1);
    close_identity();
}

/* A flood of unknown keys costs one fetch a cooldown, and the good key stays good. */
static void test_unknown_kid(void)
{
    const char *jwks = str_format(&arena, "%s/jwks", origin).at;
    route(0, "/jwks", keys_answer("", key_text(&rsa)));
    verifiers[0] = verifier("main", origin, jwks);
    if (!CHECK(open_identity()))
        return;
    CHECK_INT(check(token_of(&rsa, origin, "")), IDENTITY_VALID);
    for (unsigned i = 0; i < 200; i++)
        CHECK_INT(check_now(token_of(&ec, origin, "")), IDENTITY_INVALID);
    CHECK_STR(slice_of(at.cause), "no such key");
    CHECK_INT(check_now(token_of(&rsa, origin, "")), IDENTITY_VALID);
    CHECK_INT(asked(0), 1);
    close_identity();
}

static void test_unavailable(void)
{
    static const char *const bad[] = {
        "500 Oops\r\nContent-Length: 0\r\n\r\n",
        "302 Found\r\nLocation: /jwks2\r\nContent-Length: 0\r\n\r\n",
        "200 OK\r\nContent-Length: 13\r\n\r\n<html></html>",
        "200 OK\r\nContent-Length: 11\r\n\r\n{\"keys\":[]}",
        "200 OK\r\nContent-Length: 99\r\n\r\n{\"keys\":[",
        "200 OK\r\nContent-Length: 300000\r\n\r\n",
    };
    const char *jwks = str_format(&arena, "%s/jwks", origin).at;
    verifiers[0] = verifier("main", origin, jwks);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        route(0, "/jwks", bad[i]);
        route(1, "/jwks2", keys_answer("", key_text(&rsa)));
        if (!CHECK(open_identity()))
            return;
        struct slice token = token_of(&rsa, origin, "");
        CHECK_INT(check(token), IDENTITY_UNAVAILABLE);
        CHECK_INT(asked(1), 0); /* redirects are not followed */
        if (i == 0) {           /* and it comes back by itself */
            route(0, "/jwks", keys_answer("", key_text(&rsa)));
            clock_shift_s += 60;
            run_until_asked(1);
            CHECK_INT(check_now(token), IDENTITY_VALID);
        }
        close_identity();
    }
}

static void test_discovery(void)
{
    const char *issuer = str_format(&arena, "%s/realm/", origin).at;
    const char *format = "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/realm-keys\"}";
    const char *good = text_answer(str_format(&arena, format, issuer, origin).at);
    verifiers[0] = verifier("main", issuer, "");
    route(0, "/realm/.well-known/openid-configuration", good);
    route(1, "/realm-keys", keys_answer("", key_text(&rsa)));
    CHECK(open_identity());
    CHECK_INT(check(token_of(&rsa, issuer, "")), IDENTITY_VALID);
    close_identity();
    /* the other place: RFC 8414 */
    route(0, "/.well-known/oauth-authorization-server/realm", good);
    CHECK(open_identity());
    CHECK_INT(check(token_of(&rsa, issuer, "")), IDENTITY_VALID);
    close_identity();
    /* another issuer's metadata */
    route(0, "/realm/.well-known/openid-configuration",
          text_answer(str_format(&arena, format, origin, origin).at));
    route(1, "/realm-keys", keys_answer("", key_text(&rsa)));
    CHECK(open_identity());
    CHECK_INT(check(token_of(&rsa, issuer, "")), IDENTITY_UNAVAILABLE);
    CHECK_INT(asked(1), 0);
    close_identity();
}

/* Two verifiers for one issuer, as in a migration, and one whose keys never come. */
static void test_several(void)
{
    const char *jwks = str_format(&arena, "%s/jwks", origin).at;
    const char *new_jwks = str_format(&arena, "%s/new", origin).at;
    const char *broken = str_format(&arena, "%s/none", origin).at;
    route(0, "/jwks", keys_answer("", key_text(&rsa)));
    route(1, "/new", keys_answer("Cache-Control: max-age=7200\r\n", key_text(&other)));
    verifiers[0] = verifier("old", origin, jwks);
    verifiers[1] = verifier("new", origin, new_jwks);
    verifiers[1].audiences = new_api;
    verifiers[2] = verifier("third", "https://third", broken);
    policy.verifier_count = 3;
    if (!CHECK(open_identity()))
        return;
    CHECK_INT(check(token_of(&rsa, origin, "")), IDENTITY_VALID);
    CHECK(at.caller.verifier == &verifiers[0]);
    CHECK_INT(check(token_of(&other, origin, "")), IDENTITY_INVALID); /* of the new's audience */
    verifiers[1].audiences = api;
    close_identity();
    CHECK(open_identity());
    CHECK_INT(check(token_of(&other, origin, "")), IDENTITY_VALID);
    CHECK(at.caller.verifier == &verifiers[1]);
    CHECK_INT(check(token_of(&rsa, "https://third", "")), IDENTITY_UNAVAILABLE);
    verifiers[0].algorithms = MCPP_ES256;
    CHECK_INT(check(token_of(&rsa, origin, "")), IDENTITY_INVALID);
    close_identity();
    policy.verifier_count = 1;
}

static const char *failure = "500 Oops\r\nContent-Length: 0\r\n\r\n";

/* Rotation, refreshing in the background, and an issuer that is gone for a day. */
static void test_over_time(void)
{
    struct slice by_rsa = token_of(&rsa, origin, ""), by_ec = token_of(&ec, origin, "");
    route(0, "/jwks", keys_answer("Cache-Control: max-age=600\r\n", key_text(&rsa)));
    verifiers[0] = verifier("main", origin, str_format(&arena, "%s/jwks", origin).at);
    CHECK(open_identity());
    CHECK_INT(check(by_rsa), IDENTITY_VALID);
    CHECK_INT(check_now(by_ec), IDENTITY_INVALID);
    keys.routes[0].answer = keys_answer("", both(&rsa, &ec));
    clock_shift_s += KEYS_COOLDOWN;
    CHECK_INT(check(by_ec), IDENTITY_VALID);
    CHECK_INT(check(by_rsa), IDENTITY_VALID);
    CHECK_INT(asked(0), 2);
    keys.routes[0].answer = keys_answer("", key_text(&ec));
    clock_shift_s += KEYS_LIFE;
    run_until_asked(3); /* nobody waited for it */
    CHECK_INT(check_now(by_rsa), IDENTITY_INVALID);
    CHECK_INT(check_now(by_ec), IDENTITY_VALID);
    keys.routes[0].answer = failure;
    clock_shift_s += KEYS_LIFE;
    run_until_asked(4);
    CHECK_INT(check_now(by_ec), IDENTITY_VALID);
    clock_shift_s += KEYS_STALE - 60;
    run_until_asked(5);
    CHECK_INT(check_now(by_ec), IDENTITY_VALID);
    clock_shift_s += 120;
    CHECK_INT(check(by_ec), IDENTITY_UNAVAILABLE);
    keys.routes[0].answer = keys_answer("", key_text(&ec));
    clock_shift_s += 600;
    run_until_asked(asked(0) + 1);
    CHECK_INT(check_now(by_ec), IDENTITY_VALID);
    close_identity();
}

static void never(void *context)
{
    *(bool *)context = true;
}

static void test_cancel(void)
{
    bool is_called = false;
    struct waker *waker;
    struct wait_list list = {0};
    struct identity_wait one = {.done = never, .context = &is_called};
    struct identity_wait two = {.done = never, .context = &is_called};
    at.worker.loop = event_base_new();
    list.waker = waker = waker_open(at.worker.loop);
    wait_list_add(&list, &one);
    wait_list_add(&list, &two);
    identity_wait_cancel(&one);
    identity_wait_cancel(&one);
    wait_list_wake(&list);
    CHECK(!is_called); /* never from inside */
    event_base_loop(at.worker.loop, EVLOOP_NONBLOCK);
    CHECK(is_called && !list.first);
    is_called = false;
    wait_list_add(&list, &one);
    wait_list_wake(&list);
    identity_wait_cancel(&one); /* on its way already */
    wait_list_add(&list, &two);
    event_base_loop(at.worker.loop, EVLOOP_NONBLOCK);
    CHECK(!is_called && list.first == &two);
    wait_list_wake(&list);
    waker_close(waker); /* whoever it would have called */
    event_base_loop(at.worker.loop, EVLOOP_NONBLOCK);
    CHECK(!is_called);
    event_base_free(at.worker.loop);
}

/* A token that is known costs no signature, and is forgotten with the key that signed it. */
static void test_known(void)
{
    struct slice good = token_of(&rsa, origin, ",\"scope\":\"read:pets\"");
    struct str copy = str_copy(&arena, (struct str){good.at, good.len});
    char *text = (char *)(uintptr_t)copy.at;
    struct slice spoilt = {text, good.len};
    route(0, "/jwks", keys_answer("Cache-Control: max-age=600\r\n", both(&rsa, &ec)));
    verifiers[0] = verifier("main", origin, str_format(&arena, "%s/jwks", origin).at);
    CHECK(open_identity());
    CHECK_INT(check(good), IDENTITY_VALID);
    for (unsigned i = 0; i < 3; i++) {
        pool_reset(at.pool); /* nothing of the first request's memory is used */
        CHECK_INT(check_now(good), IDENTITY_VALID);
        CHECK_STR(at.caller.subject, "alice");
        CHECK_STR(at.caller.issuer, origin);
        CHECK(at.caller.verifier == &verifiers[0] && holds(FACT_READ) && !holds(FACT_WRITE));
    }
    /* another payload under the same signature */
    char *claims = strchr(text, '.') + 9;
    *claims = *claims == 'A' ? 'B' : 'A';
    CHECK_INT(check_now(spoilt), IDENTITY_INVALID);
    /* a refresh that brings the same keys changes nothing */
    clock_shift_s += 600;
    run_until_asked(2);
    CHECK_INT(check_now(good), IDENTITY_VALID);
    keys.routes[0].answer = keys_answer("", key_text(&ec));
    clock_shift_s += 600;
    run_until_asked(3);
    CHECK_INT(check_now(good), IDENTITY_INVALID);
    close_identity();
}

static void test_expiry(void)
{
    struct str claims = str_format(&arena, "{\"iss\":\"%s\",\"aud\":\"api\",\"exp\":%lld}", origin,
                                   (long long)time(NULL) + 5);
    struct slice token = sign_bytes(&arena, &rsa, STR("{\"alg\":\"RS256\",\"kid\":\"r\"}"), claims);
    route(0, "/jwks", keys_answer("", key_text(&rsa)));
    verifiers[0] = verifier("main", origin, str_format(&arena, "%s/jwks", origin).at);
    CHECK(open_identity());
    CHECK_INT(check(token), IDENTITY_VALID);
    calendar_shift_s = 30; /* within the leeway */
    CHECK_INT(check_now(token), IDENTITY_VALID);
    calendar_shift_s = 36;
    CHECK_INT(check_now(token), IDENTITY_INVALID);
    CHECK_STR(slice_of(at.cause), "expired");
    calendar_shift_s = 0;
    close_identity();
}

static void test_refused_at_start(void)
{
    static const char *const urls[] = {
        "http://keys.example/jwks",
        "ftp://127.0.0.1/jwks",
        "jwks.json",
        "https://",
        "http://127.0.0.1.evil.example/",
        "http://localhost@evil.example/",
        "https://a b/",
        "https://a/\r\nX: y",
        "http://[::2]/",
        "https://user@host/",
        "http://0x7f000001/",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        verifiers[0] = verifier("main", origin, urls[i]);
        if (!CHECK(!open_identity()))
            fprintf(stderr, "    %s\n", urls[i]);
        close_identity();
    }
    verifiers[0] = verifier("main", "", "https://keys.example/");
    CHECK(!open_identity());
    close_identity();
    policy.verifier_count = 0;
    CHECK(!open_identity());
    close_identity();
    policy.verifier_count = 1;
}

static void test_metadata(void)
{
    static const char *const fine[] = {"https://a", "HTTPS://a:8443/x?y=z", "http://localhost:1/",
                                       "http://127.1.2.3/x", "http://[::1]:80/"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        CHECK(!metadata_url_fault(fine[i]));
    static const char *const uris[] = {"\"http://i/keys\"",
                                       "\"https://127.0.0.1/keys\"",
                                       "\"https://localhost/k\"",
                                       "7",
                                       "null",
                                       "\"https://x\\u0000/\"",
                                       "\"\"",
                                       "\"file:///etc/passwd\"",
                                       "\"https://a@b/\""};
    const char *cause;
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
        struct str text = str_format(&arena, "{\"issuer\":\"https://i\",\"jwks_uri\":%s}", uris[i]);
        CHECK(!metadata_jwks_url(slice_from(text), "https://i", &cause));
    }
    char *url =
        metadata_jwks_url(SLICE("{\"issuer\":\"https://i\",\"jwks_uri\":\"https:\\/\\/k\\/j\"}"),
                          "https://i", &cause);
    CHECK(url && strcmp(url, "https://k/j") == 0);
    free(url);
    CHECK(!metadata_jwks_url(SLICE("{\"issuer\":\"https://i/\",\"jwks_uri\":\"https://k/j\"}"),
                             "https://i", &cause));
}

static void test_life(void)
{
    CHECK_INT(key_cache_life((struct slice){NULL, 0}), KEYS_LIFE);
    CHECK_INT(key_cache_life(SLICE("public")), KEYS_LIFE);
    CHECK_INT(key_cache_life(SLICE("public, max-age=7200, must-revalidate")), 7200);
    CHECK_INT(key_cache_life(SLICE("Max-Age=61")), 61);
    CHECK_INT(key_cache_life(SLICE("max-age=0")), KEYS_LIFE_MIN);
    CHECK_INT(key_cache_life(SLICE("max-age=")), KEYS_LIFE);
    CHECK_INT(key_cache_life(SLICE("max-age=99999999999999999999")), KEYS_LIFE_MAX);
    CHECK_INT(key_cache_life(SLICE("no-store")), KEYS_LIFE_MIN);
    CHECK_INT(key_cache_life(SLICE("s-maxage=5, , private")), KEYS_LIFE);
    CHECK_INT(key_cache_life(SLICE(",,,")), KEYS_LIFE);
}

static void test_holding(void)
{
    uint64_t none[WORDS] = {0}, one[WORDS] = {0, 2}, two[WORDS] = {1, 3};
    struct caller anonymous = {0}, operator= {.kind = CALLER_OPERATOR};
    struct caller someone = {.kind = CALLER_VERIFIED, .facts = one};
    struct caller nobody = {.kind = CALLER_ANONYMOUS, .facts = one};
    CHECK(caller_holds(&anonymous, none, WORDS) && !caller_holds(&anonymous, one, WORDS));
    CHECK(caller_holds(&operator, two, WORDS));
    CHECK(caller_holds(&someone, one, WORDS) && !caller_holds(&someone, two, WORDS));
    CHECK(caller_holds(&nobody, one, WORDS) && !caller_holds(&nobody, two, WORDS));
}

int main(void)
{
    alarm(DEADLINE_S);
    log_set_level(LOG_LEVEL_ERROR);
    key_server_start();
    origin = str_format(&arena, "http://127.0.0.1:%u", keys.port).at;
    rsa = signer_make(JWK_RSA, "r");
    other = signer_make(JWK_RSA, "r");
    ec = signer_make(JWK_EC, "e");
    make_policy();
    test_holding();
    test_life();
    test_metadata();
    test_facts();
    test_unknown_kid();
    test_unavailable();
    test_discovery();
    test_several();
    test_over_time();
    test_cancel();
    test_known();
    test_expiry();
    test_refused_at_start();
    key_server_stop();
    EVP_PKEY_free(rsa.key);
    EVP_PKEY_free(other.key);
    EVP_PKEY_free(ec.key);
    arena_free(&arena);
    return check_report();
}
