/*
 * The stdio transport: JSON-RPC messages, one a line, on standard input and output. The client is
 * the one who started the program, so the caller is the operator. When input ends, what is under
 * way is finished and the loop ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_STDIO_H
#define TRANSPORT_STDIO_H

#include "runtime/transport/loop.h"
#include "runtime/worker.h"

struct stdio;

/* From here on file descriptor 1 is standard error: nothing else can write among the messages. NULL
 * and a logged reason when it cannot be set up. */
struct stdio *stdio_open(const struct worker *worker, struct loop *loop);
void stdio_close(struct stdio *stdio); /* abandons what is under way */

#endif
