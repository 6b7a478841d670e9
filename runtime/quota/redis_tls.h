/*
 * TLS to Redis: one context a worker, its server always verified by name or address.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef QUOTA_REDIS_TLS_H
#define QUOTA_REDIS_TLS_H

#include <openssl/ssl.h>

#include "runtime/options.h"

/* By limits_redis_ca, _cert and _key of the options. NULL and a logged reason. */
SSL_CTX *redis_tls_open(const struct options *options);

/* For a connection to this host. NULL: out of memory. */
SSL *redis_tls_new(SSL_CTX *context, const char *host);

#endif
