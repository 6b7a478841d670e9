/*
 * Errors as clients see them: one table of JSON-RPC code, HTTP status and text. Knows no method.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_ERROR_H
#define PROTOCOL_ERROR_H

#include "runtime/memory/pool.h"

enum error_kind {
    ERROR_PARSE,           /* no JSON as the strict scanner wants it */
    ERROR_REQUEST,         /* JSON, but no message of this protocol */
    ERROR_METHOD,          /* no such method in this revision */
    ERROR_PARAMS,          /* params of the method */
    ERROR_RESOURCE,        /* no such resource */
    ERROR_RESOURCE_LEGACY, /* ... as revisions with initialize number it */
    ERROR_ELICITATION,     /* the caller has to open a URL first (2025-11-25) */
    ERROR_BACKEND,         /* the backend failed where there is no result to say so in */
    ERROR_META,            /* what `_meta` of every modern request must carry */
    ERROR_HEADERS,         /* headers and body do not say the same */
    ERROR_VERSION,         /* a revision that we do not speak */
    ERROR_SESSION,         /* no session of this caller */
    ERROR_ORIGIN,          /* a browser page or host name that may not call */
    ERROR_ACCEPT,          /* the client does not take JSON */
    ERROR_MEDIA_TYPE,      /* the client does not send JSON */
    ERROR_AUTHORIZATION,   /* the Authorization header cannot be read */
    ERROR_UNAUTHENTICATED, /* 401 */
    ERROR_FORBIDDEN,       /* 403 */
    ERROR_LIMITED,         /* too many calls: 429 */
    ERROR_UNAVAILABLE,     /* something of ours is down; try again */
    ERROR_MEMORY,
};

struct error_entry {
    int code;               /* JSON-RPC */
    unsigned status;        /* HTTP, modern revisions */
    unsigned legacy_status; /* HTTP, revisions with initialize: an error of a method is a 200 */
    const char *message;
};

const struct error_entry *error_entry(enum error_kind kind);

/* What an answer says beside the kind; all of it may be empty. */
struct error_detail {
    struct slice id;   /* JSON text */
    struct slice text; /* after the table's message and ": " */
    struct slice data; /* JSON text */
};

/* A whole JSON-RPC error response. Without an id there is no `id` member. */
void error_add(struct text *out, enum error_kind kind, const struct error_detail *detail);

#endif
