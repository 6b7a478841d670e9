/*
 * The parts of requests to an authorization server: form pairs (RFC 6749, appendix B), query pairs
 * and the client's Basic authentication (section 2.3.1). The texts hold secrets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_PAIRS_H
#define OAUTH2_PAIRS_H

#include "runtime/memory/secret_text.h"

/* Adds "name=value", encoded, behind an '&' when the text has pairs already; a text that ends in
 * '?' has none. Nothing when the value is empty. */
void pairs_add(struct secret_text *out, const char *name, struct slice value);

/* "Authorization: Basic …" with both parts form-encoded first, as the RFC says and many forget. */
void pairs_add_basic(struct secret_text *out, struct slice client, struct slice secret);

/* Base64url without padding (RFC 4648, section 5). */
void pairs_add_base64url(struct secret_text *out, const void *bytes, size_t size);

#endif
