/*
 * Certificates in headers. One spelling each, so that no two readers see different certificates.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/client_certificate.h"

#include <openssl/evp.h>

#include "runtime/memory/base64.h"

static const char begin_line[] = "-----BEGIN CERTIFICATE-----\n";
static const char end_line[] = "\n-----END CERTIFICATE-----";

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    char letter = (char)(digit | 32);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static bool decode_percent(struct slice value, struct text *out)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] != '%') {
            text_add_byte(out, value.at[i]);
            continue;
        }
        int high = i + 2 < value.len ? hex_value(value.at[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_value(value.at[i + 2]);
        if (low < 0)
            return false;
        text_add_byte(out, (char)(high << 4 | low));
        i += 2;
    }
    return !out->failed;
}

/* The lines between the first and the last, put together. A second certificate has a '-' and is no
 * Base64. */
static bool take_armour_off(struct slice pem, struct text *out)
{
    size_t before = sizeof begin_line - 1, after = sizeof end_line - 1;
    if (pem.len && pem.at[pem.len - 1] == '\n')
        pem.len--;
    if (pem.len < before + after || memcmp(pem.at, begin_line, before) != 0 ||
        memcmp(pem.at + pem.len - after, end_line, after) != 0)
        return false;
    for (size_t i = before; i < pem.len - after; i++)
        if (pem.at[i] != '\n')
            text_add_byte(out, pem.at[i]);
    return !out->failed;
}

bool client_certificate_read(struct slice value, struct pool *pool,
                             uint8_t out[static CLIENT_CERTIFICATE_DIGEST])
{
    struct text pem = {.pool = pool}, base64 = {.pool = pool}, der = {.pool = pool};
    struct slice encoded;
    if (value.len >= 2 && value.at[0] == ':' && value.at[value.len - 1] == ':')
        encoded = (struct slice){value.at + 1, value.len - 2};
    else if (decode_percent(value, &pem) && take_armour_off(text_slice(&pem), &base64))
        encoded = text_slice(&base64);
    else
        return false;
    unsigned size = 0;
    return encoded.len && base64_decode(&der, encoded) && !der.failed &&
           EVP_Digest(der.at, der.len, out, &size, EVP_sha256(), NULL) == 1 &&
           size == CLIENT_CERTIFICATE_DIGEST;
}
