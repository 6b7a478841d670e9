/*
 * Certificates in headers: two spellings are read, everything else is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/client_certificate.h"
#include "tests/unit/check.h"

#include <openssl/evp.h>

#define BEGIN "-----BEGIN%20CERTIFICATE-----%0A"
#define END "%0A-----END%20CERTIFICATE-----"

static struct pool *pool;

static bool is_read(const char *value)
{
    uint8_t digest[CLIENT_CERTIFICATE_DIGEST], wanted[CLIENT_CERTIFICATE_DIGEST];
    unsigned size = 0;
    memset(digest, 0, sizeof digest);
    bool found = client_certificate_read(slice_of(value), pool, digest);
    CHECK(EVP_Digest("certificate", 11, wanted, &size, EVP_sha256(), NULL) == 1);
    CHECK(!found || memcmp(digest, wanted, sizeof digest) == 0);
    return found;
}

int main(void)
{
    static const char *const refused[] = {
        "",
        ":",
        "::",
        "Y2VydGlmaWNhdGU=",
        ":Y2VydGlmaWNhdGU",
        "Y2VydGlmaWNhdGU=:",
        ":Y2VydGlmaWNhdGU:",
        ":Y2VydGlmaWNhdGV=:", /* a stray bit */
        ": Y2VydGlmaWNhdGU=:",
        ":Y2VydGlmaWNhdGU=:;a",
        ":Y2VydGlm:, :aWNhdGU=:",
        BEGIN "Y2VydGlmaWNhdGU=",
        "Y2VydGlmaWNhdGU=" END,
        BEGIN END,
        BEGIN "Y2VydGlmaWNhdGU%3" END,
        BEGIN "Y2VydGlmaWNhdGU%" END,
        BEGIN "Y2VydGlmaWNhdGU%3g" END,
        BEGIN "Y2Vy%20dGlmaWNhdGU%3D" END,
        BEGIN "Y2VydGlmaWNhdGU%3D" END "%0A%0A",
        BEGIN "Y2VydGlmaWNhdGU%3D" END "%0A" BEGIN "Y2VydGlmaWNhdGU%3D" END,
        "%0A" BEGIN "Y2VydGlmaWNhdGU%3D" END,
        "-----BEGIN CERTIFICATE----- Y2VydGlmaWNhdGU= -----END CERTIFICATE-----",
    };
    pool = pool_open(1 << 20);
    CHECK(is_read(":Y2VydGlmaWNhdGU=:"));
    CHECK(is_read(BEGIN "Y2VydGlmaWNhdGU%3D" END));
    CHECK(is_read(BEGIN "Y2VydGlmaWNhdGU%3d" END "%0A"));
    CHECK(is_read(BEGIN "Y2VydGlm%0AaWNhdGU=" END "%0a"));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (!CHECK(!is_read(refused[i])))
            fprintf(stderr, "    read: %s\n", refused[i]);
    pool_close(pool);
    return check_report();
}
