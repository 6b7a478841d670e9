/*
 * What an authorization server says about itself (RFC 8414, OpenID Connect Discovery 1.0): the URLs
 * that a client needs. Pure functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_SERVER_METADATA_H
#define OAUTH2_SERVER_METADATA_H

#include "runtime/memory/slice.h"

/* Texts on the heap; NULL: not named. Starts as {0}. */
struct server_metadata {
    char *issuer;
    char *authorization_url, *token_url, *device_url;
    char *algorithms;  /* that clients may sign with, with spaces between */
    bool sends_issuer; /* its authorization answers carry `iss` (RFC 9207, section 3) */
};

/* Reads a metadata text. `issuer` is who it must be of; "" accepts the issuer whose well-known
 * place `url` is. NULL when `out` is filled, else a fixed text. A byte follows the text. */
const char *server_metadata_read(struct slice text, const char *issuer, const char *url,
                                 struct server_metadata *out);
void server_metadata_close(struct server_metadata *metadata);

#endif
