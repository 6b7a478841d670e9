/*
 * Tokens that an authorization server is asked about, several verifiers together, and secrets: a
 * real server on loopback, the real upstream and loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/identity.h"

#include <event2/event.h>
#include <openssl/pem.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/identity/introspector.h"
#include "runtime/identity/key_table.h"
#include "runtime/identity/replay.h"
#include "runtime/observe/log.h"
#include "runtime/upstream/upstream.h"
#include "tests/unit/check.h"
#include "tests/unit/key_server.h"
#include "tests/unit/sign.h"

enum { DEADLINE_S = 100, CACHE_S = 30 };

/* Both clocks, moved on by tests. */
static int64_t clock_shift_s;

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int status = (int)syscall(SYS_clock_gettime, clock, out);
    out->tv_sec += clock_shift_s;
    return status;
}

static struct arena arena;
static struct signer rsa;
static const char *origin;
static uint64_t implied[2] = {1, 2};
static const struct mcpp_fact facts[2] = {{MCPP_FACT_TOKEN, "token", "", &implied[0], 0},
                                          {MCPP_FACT_SCOPE, "read", "", &implied[1], 0}};
static struct mcpp_verifier verifiers[3];
static struct mcpp_policy policy = {
    .facts = facts, .fact_count = 2, .fact_words = 1, .verifiers = verifiers};
static const char *const api[] = {"api"};

static struct fixture {
    struct mcpp_server server;
    struct worker worker;
    struct identity *identity;
    struct pool *pool;
    struct caller caller;
    struct verdict verdict;
    unsigned woken;
} at;

static bool open_identity(uint32_t count)
{
    policy.verifier_count = count;
    at.server = (struct mcpp_server){.policy = &policy,
                                     .options.limits = {.jwks_bytes = 512 * 1024,
                                                        .jwks_ms = 5000,
                                                        .token_bytes = 8192,
                                                        .token_cache_bytes = 100000,
                                                        .backend_in_flight = 8,
                                                        .backend_queue = 300,
                                                        .backend_ms = 5000}};
    setenv("TEST_ID", "client:1", 1);
    setenv("TEST_SECRET", "s3cret ä", 1);
    setenv("TEST_HMAC", "0123456789abcdef0123456789abcdef", 1);
    at.server.trust = trust_open(&policy);
    at.server.replay = replay_open();
    at.server.keys = key_table_open();
    at.worker = (struct worker){.server = &at.server, .loop = event_base_new()};
    at.worker.upstream = upstream_open(&at.worker);
    at.pool = pool_open(100000);
    at.identity = at.server.trust ? identity_open(&at.worker) : NULL;
    CHECK(!getenv(verifiers[0].introspection.client_secret.name ? "TEST_SECRET" : "TEST_NONE"));
    return CHECK(at.identity != NULL);
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

static enum identity_outcome check_now(const char *token)
{
    struct presented presented = {.token = slice_of(token)};
    return identity_check(at.identity, &presented, at.pool, &at.caller, &at.verdict);
}

static void count_woken(void *context)
{
    (void)context;
    at.woken++;
}

/* One request that asks again when it is woken, from inside, as requests do. */
struct asking {
    const char *token;
    enum identity_outcome outcome;
    struct identity_wait wait;
};

static void ask_again(void *context)
{
    struct asking *asking = context;
    asking->outcome = check_now(asking->token);
    if (asking->outcome != IDENTITY_PENDING)
        return;
    asking->wait = (struct identity_wait){.done = ask_again, .context = asking};
    wait_list_add(at.verdict.waiting, &asking->wait);
}

static enum identity_outcome check(const char *token)
{
    struct asking asking = {.token = token};
    ask_again(&asking);
    while (asking.outcome == IDENTITY_PENDING)
        event_base_loop(at.worker.loop, EVLOOP_ONCE);
    return asking.outcome;
}

static struct mcpp_verifier asking(const char *name, const char *path)
{
    return (struct mcpp_verifier){
        .kind = MCPP_VERIFIER_INTROSPECTION,
        .name = name,
        .issuer = "",
        .scope_claim = "scope",
        .roles_claim = "",
        .leeway_s = 0,
        .introspection = {.endpoint = str_format(&arena, "%s%s", origin, path).at,
                          .client = MCPP_CLIENT_BASIC,
                          .client_id = {MCPP_SECRET_ENV, "TEST_ID"},
                          .client_secret = {MCPP_SECRET_ENV, "TEST_SECRET"},
                          .key_id = "",
                          .cache_s = CACHE_S},
    };
}

static const char *answer(const char *json)
{
    return str_format(&arena, "200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(json), json).at;
}

static bool was_sent(const char *text)
{
    pthread_mutex_lock(&keys.lock);
    bool found = strstr(keys.request, text) != NULL;
    pthread_mutex_unlock(&keys.lock);
    return found;
}

static long long in_seconds(int seconds)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (long long)now.tv_sec + seconds;
}

/* ---- the tests ---- */

static void test_active(void)
{
    verifiers[0] = asking("partner", "/introspect");
    verifiers[0].issuer = "https://partner";
    route(0, "/introspect",
          answer("{\"active\":true,\"scope\":\"read other\",\"sub\":\"bob\",\"client_id\":\"c\"}"));
    if (!open_identity(1))
        return;
    CHECK_INT(check("opaque+token"), IDENTITY_VALID);
    CHECK_STR(at.caller.subject, "bob");
    CHECK_STR(at.caller.client, "c");
    CHECK_STR(at.caller.issuer, "https://partner");
    CHECK(at.caller.verifier == &verifiers[0] && caller_holds(&at.caller, &implied[1], 1));
    CHECK(was_sent("POST /introspect HTTP/1.1"));
    CHECK(was_sent("token=opaque%2Btoken&token_type_hint=access_token"));
    /* RFC 6749, section 2.3.1: both parts are form-encoded first */
    CHECK(was_sent("Authorization: Basic Y2xpZW50JTNBMTpzM2NyZXQlMjAlQzMlQTQ"));
    CHECK_INT(check_now("opaque+token"), IDENTITY_VALID); /* known now */
    CHECK_INT(asked(0), 1);
    clock_shift_s += CACHE_S;
    CHECK_INT(check("opaque+token"), IDENTITY_VALID);
    CHECK_INT(asked(0), 2);
    close_identity();
}

static void test_refused(void)
{
    const struct {
        const char *json;
        enum identity_outcome outcome;
    } cases[] = {
        {"{\"active\":false}", IDENTITY_INVALID},
        {"{}", IDENTITY_INVALID},
        {"{\"active\":\"true\"}", IDENTITY_INVALID},
        {"{\"active\":1}", IDENTITY_INVALID},
        {"{\"active\":null}", IDENTITY_INVALID},
        {"{\"Active\":true}", IDENTITY_INVALID},
        {"{\"active\":true,\"aud\":\"api\",\"exp\":1000}", IDENTITY_INVALID},
        {"{\"active\":true,\"aud\":\"api\",\"exp\":\"9999999999\"}", IDENTITY_INVALID},
        {"{\"active\":true,\"aud\":\"api\",\"nbf\":9999999999}", IDENTITY_INVALID},
        {"{\"active\":true,\"aud\":\"other\"}", IDENTITY_INVALID},
        {"{\"active\":true}", IDENTITY_INVALID}, /* no audience, and one is wanted */
        {"{\"active\":true,\"aud\":\"api\",\"iss\":\"https://other\"}", IDENTITY_INVALID},
        {"{\"active\":true,\"aud\":\"api\",\"sub\":7}", IDENTITY_INVALID},
        {"{\"active\":true,\"aud\":\"api\",\"cnf\":{\"x\":1}}", IDENTITY_INVALID},
        {"{\"active\":false,\"active\":true}", IDENTITY_UNAVAILABLE}, /* no JSON of ours */
        {"<html>", IDENTITY_UNAVAILABLE},
        {"[]", IDENTITY_UNAVAILABLE},
        {"", IDENTITY_UNAVAILABLE},
        {"{\"active\":true,\"aud\":\"api\",\"iss\":\"https://partner\"}", IDENTITY_VALID},
        {"{\"active\":true,\"aud\":[\"x\",\"api\"]}", IDENTITY_VALID},
    };
    verifiers[0] = asking("partner", "/introspect");
    verifiers[0].issuer = "https://partner";
    verifiers[0].audiences = api;
    verifiers[0].audience_count = 1;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        route(0, "/introspect", answer(cases[i].json));
        if (!open_identity(1))
            return;
        enum identity_outcome found = check("opaque");
        if (!CHECK(found == cases[i].outcome))
            fprintf(stderr, "    %s: %d\n", cases[i].json, (int)found);
        if (found == IDENTITY_INVALID) { /* a no is remembered */
            CHECK_INT(check_now("opaque"), IDENTITY_INVALID);
            CHECK_INT(asked(0), 1);
            clock_shift_s += CACHE_S + 1;
            CHECK_INT(check("opaque"), IDENTITY_INVALID);
            CHECK_INT(asked(0), 2);
        }
        close_identity();
    }
}

static void test_failures(void)
{
    static const char *const bad[] = {"401 No\r\nContent-Length: 0\r\n\r\n",
                                      "403 No\r\nContent-Length: 0\r\n\r\n",
                                      "500 Oops\r\nContent-Length: 0\r\n\r\n",
                                      "302 There\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n",
                                      "200 OK\r\nContent-Length: 99\r\n\r\n{}"};
    verifiers[0] = asking("partner", "/introspect");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        route(0, "/introspect", bad[i]);
        route(1, "/other", answer("{\"active\":true}"));
        if (!open_identity(1))
            return;
        CHECK_INT(check("opaque"), IDENTITY_UNAVAILABLE);
        CHECK_INT(check("another"), IDENTITY_UNAVAILABLE); /* and nobody asks for a second */
        CHECK_INT(asked(0), 1);
        CHECK_INT(asked(1), 0);
        clock_shift_s += 2;
        route(0, "/introspect", answer("{\"active\":true}"));
        CHECK_INT(check("opaque"), IDENTITY_VALID);
        close_identity();
    }
}

/* Many requests with one token cause one question, and all get its answer, cached or not. */
static void test_single_flight(void)
{
    enum { MANY = 50 };
    struct asking all[MANY];
    verifiers[0] = asking("partner", "/introspect");
    for (unsigned round = 0; round < 2; round++) {
        verifiers[0].introspection.cache_s = round ? 0 : CACHE_S;
        route(0, "/introspect", answer("{\"active\":true,\"sub\":\"x\"}"));
        if (!open_identity(1))
            return;
        for (unsigned i = 0; i < MANY; i++) {
            all[i] = (struct asking){.token = "opaque"};
            ask_again(&all[i]);
            CHECK_INT(all[i].outcome, IDENTITY_PENDING);
        }
        for (unsigned i = 0; i < MANY; i++) {
            while (all[i].outcome == IDENTITY_PENDING)
                event_base_loop(at.worker.loop, EVLOOP_ONCE);
            CHECK_INT(all[i].outcome, IDENTITY_VALID);
        }
        CHECK_INT(asked(0), 1);
        CHECK_INT(check("opaque"), IDENTITY_VALID);
        CHECK_INT(asked(0), round + 1); /* what may not be kept is asked for again */
        close_identity();
    }
}

/* The server goes while somebody waits. */
static void test_closed(void)
{
    verifiers[0] = asking("partner", "/introspect");
    route(0, "/introspect", answer("{\"active\":true}"));
    if (!open_identity(1))
        return;
    CHECK_INT(check_now("opaque"), IDENTITY_PENDING);
    CHECK(identity_is_asking(at.identity) && identity_is_ready(at.identity));
    struct identity_wait wait = {.done = count_woken};
    at.woken = 0;
    wait_list_add(at.verdict.waiting, &wait);
    close_identity();
    CHECK_INT(at.woken, 0);
}

static void test_expiry(void)
{
    verifiers[0] = asking("partner", "/introspect");
    route(0, "/introspect",
          answer(str_format(&arena, "{\"active\":true,\"exp\":%lld}", in_seconds(10)).at));
    if (!open_identity(1))
        return;
    CHECK_INT(check("opaque"), IDENTITY_VALID);
    clock_shift_s += 11; /* sooner than the cache's time */
    CHECK_INT(check("opaque"), IDENTITY_INVALID);
    CHECK_INT(asked(0), 2);
    close_identity();
}

static const char *jwt(const char *issuer)
{
    struct str claims = str_format(&arena, "{\"iss\":\"%s\",\"aud\":\"api\",\"exp\":%lld}", issuer,
                                   in_seconds(100));
    return sign_bytes(&arena, &rsa, STR("{\"alg\":\"RS256\",\"kid\":\"k\"}"), claims).at;
}

/* MultiAuth: a JWT goes by its issuer, what is no JWT to those who can be asked, in order. */
static void test_several(void)
{
    const char *key = signer_jwk(&arena, &rsa, "\"kid\":\"k\"");
    verifiers[0] = (struct mcpp_verifier){.name = "own",
                                          .issuer = "https://own",
                                          .jwks = str_format(&arena, "%s/jwks", origin).at,
                                          .audiences = api,
                                          .audience_count = 1,
                                          .scope_claim = "scope",
                                          .roles_claim = "",
                                          .algorithms = MCPP_RS256};
    verifiers[1] = asking("first", "/first");
    verifiers[2] = asking("second", "/second");
    verifiers[2].issuer = "https://second";
    route(0, "/jwks", answer(str_format(&arena, "{\"keys\":[%s]}", key).at));
    route(1, "/first", answer("{\"active\":false}"));
    route(2, "/second", answer("{\"active\":true,\"sub\":\"s\"}"));
    if (!open_identity(3))
        return;
    CHECK_INT(check(jwt("https://own")), IDENTITY_VALID);
    CHECK(at.caller.verifier == &verifiers[0]);
    CHECK_INT(asked(1) + asked(2), 0);
    CHECK_INT(check("opaque"), IDENTITY_VALID);
    CHECK(at.caller.verifier == &verifiers[2]);
    CHECK(asked(1) == 1 && asked(2) == 1);
    CHECK_INT(check(jwt("https://second")), IDENTITY_VALID); /* a JWT can be asked about, too */
    CHECK(at.caller.verifier == &verifiers[2]);
    CHECK(asked(1) == 2 && asked(2) == 2);
    CHECK_INT(check(jwt("https://third")), IDENTITY_INVALID); /* the second is of another issuer */
    CHECK(asked(1) == 3 && asked(2) == 2);
    /* what is spoilt or encrypted is told to nobody */
    const char *spoilt = str_format(&arena, "%sAAAA", jwt("https://own")).at;
    CHECK_INT(check(spoilt), IDENTITY_INVALID);
    CHECK_INT(check("e30.AAAA.AAAA.AAAA.AAAA"), IDENTITY_INVALID);
    CHECK(asked(1) == 3 && asked(2) == 2);
    /* one that is down is no reason to refuse what the other one knows */
    route(1, "/first", "500 Oops\r\nContent-Length: 0\r\n\r\n");
    CHECK_INT(check("other"), IDENTITY_VALID);
    route(2, "/second", answer("{\"active\":false}"));
    clock_shift_s += 2;
    CHECK_INT(check("third"), IDENTITY_UNAVAILABLE);
    close_identity();
}

static void test_clients(void)
{
    const char *const key = "test_introspection.pem";
    verifiers[0] = asking("partner", "/introspect");
    verifiers[0].introspection.client = MCPP_CLIENT_POST;
    route(0, "/introspect", answer("{\"active\":true}"));
    if (!open_identity(1))
        return;
    CHECK_INT(check("opaque"), IDENTITY_VALID);
    CHECK(was_sent("client_id=client%3A1&client_secret=s3cret+%C3%A4") ||
          was_sent("client_id=client%3A1&client_secret=s3cret%20%C3%A4"));
    CHECK(!was_sent("Authorization:"));
    close_identity();
    FILE *file = fopen(key, "w");
    CHECK(file && PEM_write_PrivateKey(file, rsa.key, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(file);
    verifiers[0].introspection.client = MCPP_CLIENT_JWT;
    verifiers[0].introspection.client_secret = (struct mcpp_secret){0};
    verifiers[0].introspection.key = (struct mcpp_secret){MCPP_SECRET_FILE, key};
    if (!open_identity(1))
        return;
    CHECK_INT(check("opaque"), IDENTITY_VALID);
    CHECK(was_sent("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A"
                   "jwt-bearer&client_assertion=ey"));
    close_identity();
    unlink(key);
    setenv("TEST_ID", "client", 1);
    CHECK(!trust_open(&policy)); /* the key's file is gone */
    CHECK(getenv("TEST_ID"));    /* nothing is forgotten before all is read */
    verifiers[0] = asking("partner", "/introspect");
    verifiers[0].introspection.client_secret.name = "TEST_NOT_SET";
    CHECK(!trust_open(&policy));
    unsetenv("TEST_ID");
}

static void test_hmac(void)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    verifiers[0] = (struct mcpp_verifier){.name = "old",
                                          .issuer = "https://old",
                                          .jwks = "",
                                          .audiences = api,
                                          .audience_count = 1,
                                          .scope_claim = "scope",
                                          .roles_claim = "",
                                          .algorithms = MCPP_HS256,
                                          .hmac_secret = {MCPP_SECRET_ENV, "TEST_HMAC"}};
    if (!open_identity(1))
        return;
    struct str claims = str_format(&arena, "{\"iss\":\"https://old\",\"aud\":\"api\",\"exp\":%lld}",
                                   in_seconds(100));
    struct str header = STR("{\"alg\":\"HS256\"}");
    struct str text =
        str_format(&arena, "%.*s.%.*s", STR_ARG(jwk_base64url(&arena, header.at, header.len)),
                   STR_ARG(jwk_base64url(&arena, claims.at, claims.len)));
    struct str mac = jwk_sign_secret(&arena, str_of(secret), "HS256", text);
    struct str wrong = jwk_sign_secret(&arena, STR("wrong"), "HS256", text);
    const char *good = str_format(&arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(mac)).at;
    CHECK_INT(check_now(good), IDENTITY_VALID);
    CHECK_INT(check_now(good), IDENTITY_VALID);
    CHECK_INT(check_now(str_format(&arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(wrong)).at),
              IDENTITY_INVALID);
    CHECK_INT(check_now(jwt("https://old")), IDENTITY_INVALID);
    CHECK_STR(slice_of(at.verdict.cause), "algorithm is not accepted");
    close_identity();
}

int main(void)
{
    alarm(DEADLINE_S);
    log_set_level(LOG_LEVEL_ERROR);
    key_server_start();
    origin = str_format(&arena, "http://127.0.0.1:%u", keys.port).at;
    rsa = signer_make(JWK_RSA, "k");
    test_active();
    test_refused();
    test_failures();
    test_single_flight();
    test_closed();
    test_expiry();
    test_several();
    test_clients();
    test_hmac();
    key_server_stop();
    EVP_PKEY_free(rsa.key);
    arena_free(&arena);
    return check_report();
}
