/*
 * Whose streams are open in this process, and what those callers saw last: so that a change is
 * noticed when the caller's next request comes, on whichever worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_WATCHERS_H
#define PROTOCOL_WATCHERS_H

#include <mcpp/policy.h>

#include "runtime/identity/caller.h"

enum { WATCHER_KEY = 32 };

/* Who: a legacy session, or a caller whatever its token. */
struct watcher_key {
    uint8_t bytes[WATCHER_KEY];
};

struct watchers;

struct watchers *watchers_open(const struct mcpp_policy *policy); /* NULL: out of memory */
void watchers_close(struct watchers *watchers);

/* Counts one more stream of the key. False: out of memory. */
bool watchers_add(struct watchers *watchers, const struct watcher_key *key,
                  const struct caller *caller);
void watchers_remove(struct watchers *watchers, const struct watcher_key *key);

bool watchers_are_empty(const struct watchers *watchers); /* without the lock: a hint */

/* Whether the caller sees other tools than at the last call; that is remembered. */
bool watchers_note(struct watchers *watchers, const struct watcher_key *key,
                   const struct caller *caller);

#endif
