/*
 * This server as an OAuth 2.0 protected resource (RFC 9728): its name, where its metadata is, and
 * what the metadata says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_PROTECTED_RESOURCE_H
#define OAUTH2_PROTECTED_RESOURCE_H

#include <mcpp/policy.h>

#include "grammar/http.h"
#include "runtime/memory/pool.h"
#include "runtime/options.h"

/* Whether metadata is served at this path: the well-known one, alone or followed by the resource's
 * own path (section 3.1). */
bool protected_resource_is_path(const struct options *options, struct slice path);

/* The URL of the MCP path as clients see it: --public-url, else from the Host header. Nothing when
 * neither says it. */
void protected_resource_add_url(const struct options *options, const struct http_request *http,
                                struct text *out);

/* The absolute URL of the metadata, likewise. */
void protected_resource_add_metadata_url(const struct options *options,
                                         const struct http_request *http, struct text *out);

/* The metadata, a JSON object. */
void protected_resource_add(const struct options *options, const struct mcpp_policy *policy,
                            const struct http_request *http, struct text *out);

#endif
