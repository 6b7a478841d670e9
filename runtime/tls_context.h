/*
 * What every TLS context of a server has in common, toward callers and toward Redis.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_TLS_CONTEXT_H
#define RUNTIME_TLS_CONTEXT_H

#include <openssl/ssl.h>

/* The topmost of OpenSSL's errors, which are forgotten then: a text without data from the peer. */
const char *tls_context_fault(void);

/* A key under a pass phrase would ask for it on the terminal. */
void tls_context_refuse_pass_phrases(SSL_CTX *context);

#endif
