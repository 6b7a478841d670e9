/*
 * Signatures and keys against Wycheproof's vectors and the figures of RFC 7520, as far as they
 * speak of RS256 and ES256. The data's folder comes from the environment variable MCPP_DATA.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "compiler/base/source.h"
#include "runtime/identity/base64url.h"
#include "runtime/identity/jwks.h"
#include "tests/unit/check.h"

enum { PART_MAX = 16384 };

static struct arena arena;

static bool load(const char *name, struct json_text *out)
{
    const char *error;
    struct str path = str_format(&arena, "%s/%s", getenv("MCPP_DATA"), name);
    struct source *source = source_read(&arena, path.at, &error);
    *out = (struct json_text){0};
    if (CHECK(source) && CHECK(json_text_scan(out, source->text.at, source->text.len,
                                              (struct json_bounds){20, 100000})))
        return true;
    fprintf(stderr, "    %s\n", path.at);
    return false;
}

static struct slice node_text(const struct json_text *json, uint32_t node)
{
    const struct json_node *found = &json->tape.nodes[node];
    return (struct slice){json->text + found->start, found->end - found->start};
}

/* The signature alone: these vectors sign words, not claims. */
static bool verifies(struct slice jws, const struct jwks *jwks)
{
    static unsigned char header[PART_MAX], claims[PART_MAX], signature[PART_MAX];
    size_t header_size, claims_size, signature_size;
    struct json_text json = {0};
    struct jws_key *key;
    const char *end = jws.at + jws.len, *first = memchr(jws.at, '.', jws.len);
    const char *second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
    if (!second || jws.len > PART_MAX ||
        !base64url_decode((struct slice){jws.at, (size_t)(first - jws.at)}, header, &header_size) ||
        !base64url_decode((struct slice){first + 1, (size_t)(second - first - 1)}, claims,
                          &claims_size) ||
        !base64url_decode((struct slice){second + 1, (size_t)(end - second - 1)}, signature,
                          &signature_size))
        return false;
    header[header_size] = '\0';
    bool is_good = false;
    if (json_text_scan(&json, (char *)header, header_size, (struct json_bounds){8, 100})) {
        uint32_t alg = json_text_member(&json, 0, "alg");
        enum mcpp_algorithm algorithm = 0;
        if (alg && json_text_is(&json, alg, SLICE("RS256")))
            algorithm = MCPP_RS256;
        else if (alg && json_text_is(&json, alg, SLICE("ES256")))
            algorithm = MCPP_ES256;
        is_good = algorithm &&
                  jwks_choose(jwks, algorithm, &json, json_text_member(&json, 0, "kid"), &key) ==
                      JWKS_FOUND &&
                  jws_verify(key, (struct slice){jws.at, (size_t)(second - jws.at)},
                             (struct slice){(char *)signature, signature_size});
    }
    json_text_close(&json);
    return is_good;
}

/* A key or a key set of the vectors. */
static struct jwks *open_keys(const struct json_text *json, uint32_t keys)
{
    const char *cause;
    struct slice text = node_text(json, keys);
    struct str set =
        str_format(&arena, json_text_member(json, keys, "keys") ? "%.*s" : "{\"keys\":[%.*s]}",
                   SLICE_ARG(text));
    return jwks_open((struct slice){set.at, set.len}, NULL, &cause);
}

static int64_t number_of(const struct json_text *json, uint32_t node)
{
    return strtoll(node_text(json, node).at, NULL, 10);
}

struct tally {
    unsigned valid, invalid, other; /* other: valid ones of algorithms that are not supported */
};

/* Valid vectors that a stricter rule refuses, and invalid ones that are taken; each with its
 * reason in `is_exception`. */
static bool is_exception(const char *file, int64_t number)
{
    /* a key whose primes have the ROCA fingerprint: which issuer made it is the issuer's affair */
    return strstr(file, "key_test") && number == 7;
}

static void run_test(const char *file, const struct json_text *json, uint32_t test,
                     const struct jwks *jwks, struct tally *tally)
{
    int64_t number = number_of(json, json_text_member(json, test, "tcId"));
    bool wanted = json_text_is(json, json_text_member(json, test, "result"), SLICE("valid"));
    struct slice jws = json_text_raw(json, json_text_member(json, test, "jws"));
    bool found = jwks && verifies(jws, jwks);
    if (wanted && !jwks) {
        tally->other++;
        return;
    }
    if (is_exception(file, number)) {
        CHECK(found != wanted);
        return;
    }
    *(wanted ? &tally->valid : &tally->invalid) += 1;
    if (!CHECK(found == wanted))
        fprintf(stderr, "    %s %lld is %s\n", file, (long long)number,
                wanted ? "valid" : "invalid");
}

static struct tally run_wycheproof(const char *file)
{
    struct json_text json;
    struct tally tally = {0};
    if (!load(file, &json))
        return tally;
    const struct json_node *nodes = json.tape.nodes;
    uint32_t groups = json_text_member(&json, 0, "testGroups");
    for (uint32_t group = groups + 1; group < nodes[groups].next; group = nodes[group].next) {
        uint32_t keys = json_text_member(&json, group, "public");
        uint32_t tests = json_text_member(&json, group, "tests");
        struct jwks *jwks =
            open_keys(&json, keys ? keys : json_text_member(&json, group, "private"));
        for (uint32_t test = tests + 1; test < nodes[tests].next; test = nodes[test].next)
            run_test(file, &json, test, jwks, &tally);
        jwks_close(jwks);
    }
    json_text_close(&json);
    return tally;
}

/* RFC 7520, section 4.1. */
static void test_cookbook(void)
{
    struct json_text figure, key;
    if (!load("jose-cookbook/jws/4_1.rsa_v15_signature.json", &figure) ||
        !load("jose-cookbook/jwk/3_3.rsa_public_key.json", &key))
        return;
    uint32_t output = json_text_member(&figure, 0, "output");
    struct slice compact = json_text_raw(&figure, json_text_member(&figure, output, "compact"));
    struct jwks *jwks = open_keys(&key, 0);
    CHECK(jwks && verifies(compact, jwks));
    jwks_close(jwks);
    json_text_close(&figure);
    json_text_close(&key);
}

int main(void)
{
    if (!getenv("MCPP_DATA")) {
        printf("skipped: MCPP_DATA is not set\n");
        return 0;
    }
    struct tally signatures = run_wycheproof("wycheproof/json_web_signature_test.json");
    struct tally keys = run_wycheproof("wycheproof/json_web_key_test.json");
    fprintf(stderr, "signatures: %u valid, %u invalid, %u of other algorithms\n", signatures.valid,
            signatures.invalid, signatures.other);
    fprintf(stderr, "keys: %u valid, %u invalid, %u of other algorithms\n", keys.valid,
            keys.invalid, keys.other);
    CHECK(signatures.valid >= 9 && signatures.invalid >= 350 && keys.invalid >= 15);
    test_cookbook();
    arena_free(&arena);
    return check_report();
}
