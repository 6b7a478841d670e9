/*
 * Sessions of the legacy revisions: ids that carry what a session is, sealed, so that any instance
 * with the key can serve any request. A session belongs to the caller that opened it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_SESSION_H
#define PROTOCOL_SESSION_H

#include "runtime/protocol/exchange.h"
#include "runtime/protocol/revision.h"
#include "runtime/protocol/seal.h"

/* What no two sessions share. */
enum { SESSION_SALT = 12 };
struct session_salt {
    uint8_t bytes[SESSION_SALT];
};

/* A new id; false when it cannot be made. */
bool session_open(const uint8_t key[static SEAL_KEY], const struct caller *caller,
                  const struct revision *revision, char out[static SEAL_TEXT_MAX]);

/* The revision of this caller's session; NULL: no such session, or another caller's. */
const struct revision *session_find(const uint8_t key[static SEAL_KEY], const struct caller *caller,
                                    struct slice id, struct session_salt *salt);

/* Who the caller is, whatever it may do. False: out of memory. */
enum { SESSION_OWNER = 32 };
bool session_digest_owner(const struct caller *caller, uint8_t out[static SESSION_OWNER]);

enum session_state {
    SESSION_NONE,    /* the request names no session */
    SESSION_VALID,   /* *revision is the session's */
    SESSION_UNKNOWN, /* 404: the client opens a new one */
};

enum session_state session_check(const struct exchange *exchange, const struct revision **revision,
                                 struct session_salt *salt);

#endif
