/*
 * Sealed session ids. Nothing is stored, so a session cannot be ended before the server is:
 * DELETE is answered with 405, as the revisions allow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/session.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

/* What is in an id. */
struct session_bytes {
    uint8_t revision; /* counted from the oldest, 1: newer ones do not change it */
    uint8_t layout;
    uint8_t kind; /* of the caller */
    struct session_salt salt;
    uint8_t owner[SESSION_OWNER]; /* digest */
};

enum { LAYOUT = 1 };

static bool add_part(EVP_MD_CTX *digest, struct slice part)
{
    uint64_t size = part.len; /* so that no two pairs of texts read the same */
    return EVP_DigestUpdate(digest, &size, sizeof size) &&
           EVP_DigestUpdate(digest, part.at, part.len);
}

/* Who the caller is, and nothing about what it may do: that is asked of each token anew. The
 * client counts only where there is no subject. */
bool session_digest_owner(const struct caller *caller, uint8_t out[static SESSION_OWNER])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    struct slice none = {0};
    bool done = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) &&
                add_part(digest, caller->issuer) && add_part(digest, caller->subject) &&
                add_part(digest, caller->subject.len ? none : caller->client) &&
                EVP_DigestFinal_ex(digest, out, NULL);
    EVP_MD_CTX_free(digest);
    return done;
}

bool session_open(const uint8_t key[static SEAL_KEY], const struct caller *caller,
                  const struct revision *revision, char out[static SEAL_TEXT_MAX])
{
    struct session_bytes bytes = {
        .revision = (uint8_t)(&revisions[REVISION_COUNT] - revision),
        .layout = LAYOUT,
        .kind = (uint8_t)caller->kind,
    };
    return RAND_bytes(bytes.salt.bytes, SESSION_SALT) == 1 &&
           session_digest_owner(caller, bytes.owner) &&
           seal_text(key, "session", &bytes, sizeof bytes, out);
}

/* A session that nobody opened is anybody's: it holds nothing, and a client that got a token after
 * `initialize` goes on with it. */
static bool is_owner(const struct session_bytes *bytes, const struct caller *caller)
{
    uint8_t owner[SESSION_OWNER];
    if (bytes->kind == CALLER_ANONYMOUS)
        return true;
    if (bytes->kind != caller->kind)
        return false;
    return caller->kind == CALLER_OPERATOR || caller->kind == CALLER_NARROWED || /* there is one */
           (session_digest_owner(caller, owner) && memcmp(owner, bytes->owner, SESSION_OWNER) == 0);
}

const struct revision *session_find(const uint8_t key[static SEAL_KEY], const struct caller *caller,
                                    struct slice id, struct session_salt *salt)
{
    struct session_bytes bytes;
    if (!seal_open(key, "session", id, &bytes, sizeof bytes) || bytes.layout != LAYOUT ||
        bytes.revision < 1 || bytes.revision > REVISION_COUNT || !is_owner(&bytes, caller))
        return NULL;
    *salt = bytes.salt;
    return &revisions[REVISION_COUNT - bytes.revision];
}

enum session_state session_check(const struct exchange *exchange, const struct revision **revision,
                                 struct session_salt *salt)
{
    uint32_t count = 0;
    struct slice id = http_header_get(exchange->http, "Mcp-Session-Id", &count);
    if (count == 0)
        return SESSION_NONE;
    *revision = session_find(exchange->worker->server->seal_key, &exchange->caller, id, salt);
    return *revision ? SESSION_VALID : SESSION_UNKNOWN;
}
