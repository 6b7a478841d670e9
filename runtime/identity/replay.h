/*
 * What was used once and must not be used again before a time: the ids of DPoP proofs (RFC 9449,
 * section 11.1). One for all workers. When it is full it refuses: it never forgets too early.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_REPLAY_H
#define IDENTITY_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

struct replay;

enum { REPLAY_ID = 16 }; /* bytes, as good as random */

struct replay *replay_open(void);         /* NULL: out of memory */
void replay_close(struct replay *replay); /* NULL is fine */

enum replay_outcome {
    REPLAY_FIRST, /* and noted */
    REPLAY_AGAIN,
    REPLAY_FULL,
};

/* Times are seconds. The id is kept until `until_s`. From any thread. */
enum replay_outcome replay_note(struct replay *replay, const unsigned char id[static REPLAY_ID],
                                int64_t now_s, int64_t until_s);

#endif
