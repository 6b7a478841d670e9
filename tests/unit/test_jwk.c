/*
 * JSON Web Keys as the commands write them: the thumbprints of the RFCs, base64url, JSON strings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/commands/jwk.h"

#include "tests/unit/check.h"

static struct arena arena;

static void test_thumbprints(void)
{
    /* RFC 7638, section 3.1 */
    CHECK_STR(
        jwk_thumbprint(&arena, STR("\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":"
                                   "\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx"
                                   "4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
                                   "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXA"
                                   "rwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
                                   "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5h"
                                   "ajrn1n91CbOpbISD08qNLyrdkt-"
                                   "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-c"
                                   "sFCur-kEgU8awapJzKnqDKgw\"")),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    /* RFC 8037, appendix A.3 */
    CHECK_STR(
        jwk_thumbprint(&arena, STR("\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"11qYAYKxCrfVS_"
                                   "7TyWQHOg7hcvPapiMlrwIaaPcHURo\"")),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

static void test_text(void)
{
    CHECK_STR(jwk_base64url(&arena, "", 0), "");
    CHECK_STR(jwk_base64url(&arena, "f", 1), "Zg");
    CHECK_STR(jwk_base64url(&arena, "fo", 2), "Zm8");
    CHECK_STR(jwk_base64url(&arena, "foo", 3), "Zm9v");
    CHECK_STR(jwk_base64url(&arena, "\xfb\xff\xbf", 3), "-_-_");
    CHECK_STR(jwk_json_string(&arena, STR("a\"\\\n\x01\xc3\xa9")),
              "\"a\\\"\\\\\\u000a\\u0001\xc3\xa9\"");
    CHECK(jwk_is_kid("a b~") && !jwk_is_kid("") && !jwk_is_kid("\t") && !jwk_is_kid("\xc3\xa9"));
}

static void test_keys(void)
{
    static const struct {
        const char *algorithm;
        size_t text; /* of a signature */
    } wanted[] = {
        [JWK_RSA] = {"RS256", 342},  [JWK_EC] = {"ES256", 86},    [JWK_ED25519] = {"EdDSA", 86},
        [JWK_P384] = {"ES384", 128}, [JWK_P521] = {"ES512", 176}, [JWK_ED448] = {"EdDSA", 152},
    };
    for (unsigned i = 0; i < JWK_TYPE_COUNT; i++) {
        const char *error;
        enum jwk_type type;
        EVP_PKEY *key = jwk_make((enum jwk_type)i, JWK_RSA_BITS, &error);
        if (!CHECK(key && jwk_type_of(key, &type, &error)))
            continue;
        CHECK_INT(type, i);
        CHECK_STR(str_of(jwk_algorithm(type)), wanted[i].algorithm);
        CHECK_INT(jwk_sign(&arena, key, wanted[i].algorithm, STR("text")).len, wanted[i].text);
        CHECK(jwk_signs(type, wanted[i].algorithm) && !jwk_signs(type, "HS256"));
        EVP_PKEY_free(key);
    }
    CHECK(jwk_signs(JWK_RSA, "PS512") && !jwk_signs(JWK_EC, "ES384"));
    CHECK_INT(jwk_sign_secret(&arena, STR("secret"), "HS384", STR("text")).len, 64);
    CHECK_INT(jwk_sign_secret(&arena, STR("secret"), "RS256", STR("text")).len, 0);
}

int main(void)
{
    test_thumbprints();
    test_text();
    test_keys();
    arena_free(&arena);
    return check_report();
}
