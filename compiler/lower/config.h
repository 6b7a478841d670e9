/*
 * The configuration of MCP Generator 3 and 4 (`fastmcp.json`), as far as a policy can say it. Each
 * key is read, or refused by its name: what a person switched on there is never lost silently.
 * Knows the file's shape; what becomes of it in a policy is in config_lower.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_CONFIG_H
#define LOWER_CONFIG_H

#include "compiler/openapi/document.h"

enum provider_kind { PROVIDER_JWT, PROVIDER_INTROSPECTION };

/* Somebody who issues tokens. */
struct provider {
    enum provider_kind kind;
    struct str name;                    /* of the verifier */
    struct str issuer, jwks, audience;  /* jwt; issuer and jwks empty: the document's own */
    struct str endpoint;                /* introspection */
    struct str client, secret;          /* introspection: environment variables; empty: to be named
                                           after the provider */
    const struct node *required_scopes; /* a sequence of strings, or NULL */
    struct span span;
};

/* `amount` calls per `unit` for each client or for all. */
struct rate_limit {
    uint64_t amount, burst;
    const char *unit; /* NULL: no limit */
    bool is_for_all;
    struct span span;
};

struct config {
    struct str name; /* of the file */
    bool validate_tokens;
    LIST(struct provider) providers;
    bool replaces_verifier; /* the providers are instead of the document's, not beside it */
    struct span hides;      /* dynamic_visibility, when it is on; else without a source */
    bool validates_output;  /* results are checked against the tools' output schemas */
    uint32_t timeout_s;     /* of each tool; 0: the server's default */
    struct rate_limit limit;
    LIST(struct str) server_options; /* what is said to the server when it starts */
};

/* False when there was an error. */
bool config_read(const struct document *document, struct arena *arena, struct diag_list *diags,
                 struct config *out);

#endif
