/*
 * Revisions of the protocol, and which one a message speaks. Modern revisions (2026-07-28) say it
 * in every message; legacy ones agreed on it in `initialize`, which HTTP repeats in a header.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_REVISION_H
#define PROTOCOL_REVISION_H

#include "runtime/memory/pool.h"

struct turn;

struct revision {
    const char *name;
    bool is_modern;      /* stateless: `_meta` in every request, no initialize */
    bool has_batches;    /* arrays of messages */
    bool has_structured; /* structuredContent in results of calls */
    bool has_any_output; /* ... and it may be other than an object */
};

enum { REVISION_COUNT = 4 };
extern const struct revision revisions[REVISION_COUNT]; /* the newest first */

const struct revision *revision_find(struct slice name); /* NULL: none of ours */
const struct revision *revision_latest_legacy(void);
void revision_add_names(struct text *out); /* a JSON array */

/* Sets turn->revision for the current message. False: it cannot be, and the message is answered. */
bool revision_choose(struct turn *turn);
/* The same for a batch, by what is around it. */
bool revision_choose_for_batch(struct turn *turn);

#endif
