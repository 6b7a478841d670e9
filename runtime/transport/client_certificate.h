/*
 * The client's certificate as a proxy that ends TLS tells it in a header: a byte sequence (RFC
 * 9440, section 2.1: `:BASE64:` of the DER), or PEM with percent-encoding, as nginx' escaped
 * variable has it. Whether to believe it is the caller's affair.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_CLIENT_CERTIFICATE_H
#define TRANSPORT_CLIENT_CERTIFICATE_H

#include <stdint.h>

#include "runtime/memory/pool.h"

enum { CLIENT_CERTIFICATE_DIGEST = 32 /* bytes of a SHA-256 */ };

/* SHA-256 of the certificate (RFC 8705, section 3.1). False: the value is neither. */
bool client_certificate_read(struct slice value, struct pool *pool,
                             uint8_t out[static CLIENT_CERTIFICATE_DIGEST]);

#endif
