/*
 * Key sets as an issuer may send them: reading them, choosing from them, and checking signatures
 * with whatever keys are taken.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "runtime/identity/dpop.h"
#include "runtime/identity/jwks.h"
#include "runtime/identity/jws_algorithm.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void use(struct jwks *jwks)
{
    static const char signature[132];
    for (uint32_t i = 0; i < jwks->count; i++)
        for (size_t at = 0; at < JWS_ALGORITHM_COUNT; at++) {
            enum mcpp_algorithm algorithm = jws_algorithms[at].bit;
            bool is_good = false;
            for (size_t len = 32; len <= sizeof signature; len += 4)
                is_good = is_good || jws_verify(jwks->keys[i].key, algorithm, SLICE("text"),
                                                (struct slice){signature, len});
            if (is_good)
                abort(); /* zeros are nobody's signature */
        }
}

/* Each object in the text as a key by itself, as in a DPoP proof. */
static void use_objects(const struct json_text *json)
{
    unsigned char thumbprint[THUMBPRINT];
    const char *cause;
    for (uint32_t node = 0; node < json->tape.count; node++) {
        if (!json_text_has_kind(json, node, JSON_OBJECT))
            continue;
        dpop_thumbprint(json, node, thumbprint);
        jws_key_close(jwks_open_key(json, node, &cause));
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    const char *cause;
    struct json_text json = {0};
    char *copy = malloc(size + 1); /* its last byte is the NUL that scanners may read */
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    copy[size] = '\0';
    struct jwks *jwks = jwks_open((struct slice){copy, size}, NULL, &cause);
    if (jwks)
        use(jwks);
    jwks_close(jwks);
    if (json_text_scan(&json, copy, size, (struct json_bounds){8, 256}))
        use_objects(&json);
    json_text_close(&json);
    free(copy);
    return 0;
}
