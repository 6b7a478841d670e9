/*
 * Starting and stopping a server: the order in which its parts come up and go down. Everything it
 * knows of the parts is their `open` and `close`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_SERVER_H
#define RUNTIME_SERVER_H

#include <mcpp/server.h>

#include "runtime/crew.h"

/* Serves until told to stop; the exit status. The options are read already and stay the caller's.
 * `natives` is native_match's, or NULL. */
int server_run(const struct mcpp_policy *policy, const struct options *options,
               const struct mcpp_native_tool *const *natives, const struct crew_source *source);

#endif
