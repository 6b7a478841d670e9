/*
 * TLS toward callers, on OpenSSL: 1.2 and 1.3, HTTP/1.1 by ALPN, certificates that can be loaded
 * anew. One per worker, since OpenSSL 3.0's objects are locked when they are shared. Knows nothing
 * of HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_TLS_H
#define TRANSPORT_TLS_H

#include "runtime/worker.h"

struct bufferevent;
struct tls;

enum { TLS_CERTIFICATE_SIZE = 32 }; /* bytes of a SHA-256 */

/* By the options' tls_cert, tls_key and client certificates. NULL and a logged reason. */
struct tls *tls_open(const struct mcpp_server *server);
void tls_close(struct tls *tls); /* connections that are open stay as they are */

/* Reads the files again, for connections from now on. On a fault, which is logged, the old ones
 * stay. */
bool tls_reload(struct tls *tls, const struct mcpp_server *server);

/* The server's side of a handshake on a socket, which it closes when it is freed. NULL: out of
 * memory, and the socket is still the caller's. */
struct bufferevent *tls_accept(struct tls *tls, struct event_base *loop, int fd);

/* SHA-256 of the certificate that the client showed (RFC 8705, section 3.1); false: none. */
bool tls_certificate(struct bufferevent *stream, uint8_t out[static TLS_CERTIFICATE_SIZE]);

/* Says that nothing more comes; the socket stays open. */
void tls_shut(struct bufferevent *stream);

/* Why a handshake failed: a fixed text of OpenSSL's, never from the peer. */
const char *tls_fault(struct bufferevent *stream);

#endif
