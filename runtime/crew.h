/*
 * The workers of a server: opens one or more, runs each in a thread of its own, passes the
 * process's signals on, and joins them. The first one runs in the caller's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_CREW_H
#define RUNTIME_CREW_H

#include "runtime/worker.h"

uint32_t crew_size(const struct options *options); /* how many workers */

/* Reads the options again after SIGHUP, from where they came. False: the reason is told. */
struct crew_source {
    bool (*read_again)(void *context, struct options *out);
    void *context;
};

/* Serves until told to stop. False and a logged reason when that could not begin or go on. */
bool crew_run(const struct mcpp_server *server, const struct crew_source *source);

#endif
