/*
 * One transfer of libcurl: options in, answer out. Knows the upstream request and response, not the
 * queue and not the loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UPSTREAM_TRANSFER_H
#define UPSTREAM_TRANSFER_H

#include <curl/curl.h>

#include "runtime/memory/budget.h"
#include "runtime/upstream/upstream.h"
#include "runtime/upstream/watch.h"

enum {
    TRANSFER_HEADER_VALUE_MAX = 1024, /* a longer value is as if it were not there */
    TRANSFER_HEADERS_MAX = 65536,     /* bytes of all headers of one answer */
    TRANSFER_READ_SIZE = 8192,        /* bytes read at once */
    TRANSFER_BUFFER_KEPT = 65536,     /* a larger buffer is given back after use */
};

struct transfer_header {
    char at[TRANSFER_HEADER_VALUE_MAX];
    size_t len;
};

/* Used again and again: the handle and the buffer stay. Starts zeroed. */
struct transfer {
    CURL *easy;
    const char *ca_file; /* who signs the servers' certificates; NULL: the system's; stays */
    struct curl_slist *headers;
    char *body;
    size_t len, capacity, max;
    struct budget *budget; /* of all requests' memory; NULL: without */
    size_t header_bytes;
    upstream_progress *progress; /* NULL: none */
    void *context;               /* of progress */
    bool is_too_large, has_no_memory, has_too_many_headers;
    struct watch_table *watches;
    bool has_rules;                            /* the handle has the options that stay */
    bool is_special;                           /* and such as must not stay */
    bool is_picky, may_be_local, has_bad_peer; /* about its peer */
    bool is_idempotent, is_secret;
    bool keeps_secrets;        /* the handle would, beyond a reset */
    uint32_t sends, sends_max; /* of the request, when it is not idempotent */
    struct transfer_header content_type, cache_control, retry_after, location, content_encoding;
};

/* Makes the handle ready. False: out of memory. `private` comes back as CURLINFO_PRIVATE; it and
 * `watches` are the same for all requests of a transfer. */
bool transfer_prepare(struct transfer *transfer, const struct upstream_request *request,
                      uint32_t timeout_ms, struct watch_table *watches, void *private);

/* Reports the request's progress to this context. */
void transfer_watch(struct transfer *transfer, upstream_progress *progress, void *context);

/* What came of it. The response borrows from the transfer. */
void transfer_result(struct transfer *transfer, CURLcode code, struct upstream_response *out);

/* Forgets request and answer, keeps handle and buffer. */
void transfer_clear(struct transfer *transfer);
void transfer_close(struct transfer *transfer);

#endif
