/*
 * AES-256-GCM with a nonce made from the bytes themselves (as in RFC 8452: a nonce is never used
 * for two different texts, without a counter). The purpose is authenticated, not sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "runtime/identity/base64url.h"

enum {
    PURPOSE_MAX = 16, /* bytes, with the NUL */
    SEALED_MAX = SEAL_NONCE + SEAL_PLAIN_MAX + SEAL_TAG,
    CIPHER_KEY = 32, /* the first half of the key; the other one makes nonces */
    DIGEST = 32,
};

/* The nonce of a text: of its purpose, a NUL, and its bytes. */
static bool make_nonce(const uint8_t *key, const char *purpose, struct slice plain, uint8_t *out)
{
    uint8_t text[PURPOSE_MAX + SEAL_PLAIN_MAX], digest[DIGEST];
    size_t size = strlen(purpose) + 1;
    unsigned length = 0;
    if (size > PURPOSE_MAX || plain.len > SEAL_PLAIN_MAX)
        return false;
    memcpy(text, purpose, size);
    memcpy(text + size, plain.at, plain.len);
    if (!HMAC(EVP_sha256(), key + CIPHER_KEY, SEAL_KEY - CIPHER_KEY, text, size + plain.len, digest,
              &length) ||
        length != DIGEST)
        return false;
    memcpy(out, digest, SEAL_NONCE);
    return true;
}

static bool encrypt(const uint8_t *key, const char *purpose, struct slice plain, uint8_t *sealed)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t *text = sealed + SEAL_NONCE;
    int size = (int)plain.len, length = 0;
    bool done =
        context && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed) &&
        EVP_EncryptUpdate(context, NULL, &length, (const uint8_t *)purpose, (int)strlen(purpose)) &&
        EVP_EncryptUpdate(context, text, &length, (const uint8_t *)plain.at, size) &&
        length == size && EVP_EncryptFinal_ex(context, text + size, &length) &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, text + size);
    EVP_CIPHER_CTX_free(context);
    return done;
}

/* `plain` is filled before the tag is checked: only a true answer makes it the sealed bytes. */
static bool decrypt(const uint8_t *key, const char *purpose, uint8_t *sealed, uint8_t *plain,
                    size_t size)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t *text = sealed + SEAL_NONCE;
    int length = 0;
    bool done =
        context && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed) &&
        EVP_DecryptUpdate(context, NULL, &length, (const uint8_t *)purpose, (int)strlen(purpose)) &&
        EVP_DecryptUpdate(context, plain, &length, text, (int)size) &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, SEAL_TAG, text + size) &&
        EVP_DecryptFinal_ex(context, plain + size, &length) > 0;
    EVP_CIPHER_CTX_free(context);
    return done;
}

/* RFC 4648, section 5, without padding. */
static void encode(const uint8_t *bytes, size_t size, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t buffer = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < size; i++) {
        buffer = buffer << 8 | bytes[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *out++ = alphabet[buffer >> (bits - 6) & 63];
    }
    if (bits)
        *out++ = alphabet[buffer << (6 - bits) & 63];
    *out = '\0';
}

bool seal_text(const uint8_t key[static SEAL_KEY], const char *purpose, const void *plain,
               size_t size, char out[static SEAL_TEXT_MAX])
{
    struct slice bytes = {plain, size};
    uint8_t sealed[SEALED_MAX];
    if (!make_nonce(key, purpose, bytes, sealed) || !encrypt(key, purpose, bytes, sealed))
        return false;
    encode(sealed, SEAL_NONCE + size + SEAL_TAG, out);
    return true;
}

bool seal_open(const uint8_t key[static SEAL_KEY], const char *purpose, struct slice text,
               void *plain, size_t size)
{
    uint8_t sealed[BASE64URL_ROOM(SEAL_TEXT_MAX)];
    size_t sealed_size = 0;
    return size <= SEAL_PLAIN_MAX && text.len < SEAL_TEXT_MAX &&
           base64url_decode(text, sealed, &sealed_size) &&
           sealed_size == SEAL_NONCE + size + SEAL_TAG &&
           decrypt(key, purpose, sealed, plain, size);
}
