/*
 * Finding an issuer's key set through its metadata (OpenID Connect Discovery 1.0, RFC 8414), and
 * the rule for URLs that keys are fetched from. Pure functions; key_cache does the fetching.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_METADATA_H
#define IDENTITY_METADATA_H

#include "runtime/memory/slice.h"

/* NULL when keys may be fetched from there: https, or http to this machine itself, and nothing
 * that two programs could read differently. Else a fixed text. */
const char *metadata_url_fault(const char *url);

/* Whether the URL is of this machine. */
bool metadata_is_local(const char *url);

/* Where metadata may be, in the order to ask. */
enum { METADATA_PLACES = 2 };

/* The URL of the metadata; on the heap. NULL: out of memory. `issuer` has passed
 * metadata_url_fault. */
char *metadata_url(const char *issuer, unsigned place);

/* The key set's URL out of metadata, on the heap. NULL and a fixed text when it is not this
 * issuer's metadata or names no URL that may be used. A byte follows the text. */
char *metadata_jwks_url(struct slice text, const char *issuer, const char **cause);

#endif
