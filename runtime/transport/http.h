/*
 * The HTTP transport: listens, accepts, keeps the connections. Every well-formed request becomes
 * an exchange for protocol_handle; only malformed ones, those over a limit, `/healthz` and
 * `OPTIONS *` are answered here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_HTTP_H
#define TRANSPORT_HTTP_H

#include "runtime/transport/loop.h"
#include "runtime/worker.h"

struct http;

/* Listens on the socket, which it closes. NULL and a logged reason when that cannot be. */
struct http *http_open(const struct worker *worker, struct loop *loop, int fd);
/* The same for a socket where only probes are answered, in plain HTTP. It needs no order to stop.
 */
struct http *http_open_internal(const struct worker *worker, int fd);
void http_log_place(const struct http *http); /* one line that people and programs look for */
void http_reload(struct http *http);          /* the worker's options or the certificates changed */
void http_close(struct http *http);           /* abandons what is under way */

#endif
