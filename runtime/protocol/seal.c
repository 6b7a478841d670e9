/*
 * AES-256-GCM with a nonce made from the bytes themselves (as in RFC 8452: a nonce is never used
 * for two different texts, without a counter and without randomness to run out of).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

#include "runtime/identity/base64url.h"

enum { SEALED_MAX = SEAL_NONCE + SEAL_PLAIN_MAX + SEAL_TAG, DIGEST = 32 };

struct keys {
    uint8_t nonce[DIGEST], text[DIGEST]; /* one key, one use */
};

static bool mac(const uint8_t *key, const void *bytes, size_t size, uint8_t out[static DIGEST])
{
    unsigned length = 0;
    return HMAC(EVP_sha256(), key, SEAL_KEY, bytes, size, out, &length) && length == DIGEST;
}

static bool derive(const uint8_t *key, const char *purpose, struct keys *out)
{
    char label[64];
    int size = snprintf(label, sizeof label, "mcpp nonce %s", purpose);
    if (size < 0 || (size_t)size >= sizeof label || !mac(key, label, (size_t)size, out->nonce))
        return false;
    size = snprintf(label, sizeof label, "mcpp text %s", purpose);
    return mac(key, label, (size_t)size, out->text);
}

static bool encrypt(const uint8_t *key, const void *plain, size_t size, uint8_t *sealed)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t *text = sealed + SEAL_NONCE;
    int length = 0;
    bool done = context && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed) &&
                EVP_EncryptUpdate(context, text, &length, plain, (int)size) &&
                length == (int)size && EVP_EncryptFinal_ex(context, text + size, &length) &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, text + size);
    EVP_CIPHER_CTX_free(context);
    return done;
}

static bool decrypt(const uint8_t *key, uint8_t *sealed, void *plain, size_t size)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t *text = sealed + SEAL_NONCE;
    int length = 0;
    bool done = context && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed) &&
                EVP_DecryptUpdate(context, plain, &length, text, (int)size) &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, SEAL_TAG, text + size) &&
                EVP_DecryptFinal_ex(context, (uint8_t *)plain + size, &length) > 0;
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
    struct keys keys;
    uint8_t digest[DIGEST], sealed[SEALED_MAX];
    bool done = size <= SEAL_PLAIN_MAX && derive(key, purpose, &keys) &&
                mac(keys.nonce, plain, size, digest);
    if (done) {
        memcpy(sealed, digest, SEAL_NONCE);
        done = encrypt(keys.text, plain, size, sealed);
    }
    if (done)
        encode(sealed, SEAL_NONCE + size + SEAL_TAG, out);
    OPENSSL_cleanse(&keys, sizeof keys);
    return done;
}

bool seal_open(const uint8_t key[static SEAL_KEY], const char *purpose, struct slice text,
               void *plain, size_t size)
{
    struct keys keys;
    uint8_t sealed[BASE64URL_ROOM(SEAL_TEXT_MAX)];
    size_t sealed_size = 0;
    if (size > SEAL_PLAIN_MAX || text.len >= SEAL_TEXT_MAX ||
        !base64url_decode(text, sealed, &sealed_size) ||
        sealed_size != SEAL_NONCE + size + SEAL_TAG || !derive(key, purpose, &keys))
        return false;
    bool done = decrypt(keys.text, sealed, plain, size);
    OPENSSL_cleanse(&keys, sizeof keys);
    return done;
}
