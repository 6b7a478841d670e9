/*
 * Fetching texts over http and https, with limits. Only a successful answer within them becomes a
 * source. libcurl is loaded when the first URL is asked for: linked, it would double the time that
 * mcpc takes to start.
 *
 * What a person names is asked for wherever it is. What an answer from elsewhere names, by
 * redirecting or by a reference, is not looked for in a network that the answer does not come from:
 * a document must not make the compiler ask the machines of a site.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_FETCH_H
#define BASE_FETCH_H

#include "compiler/base/source.h"

enum {
    FETCH_SIZE_MAX = 64 * 1024 * 1024,   /* of one text, bytes */
    FETCH_TOTAL_MAX = 256 * 1024 * 1024, /* of all texts, bytes */
    FETCH_COUNT_MAX = 1000,              /* texts */
    FETCH_REDIRECT_MAX = 5,              /* for one text */
    FETCH_TIMEOUT_S = 30,                /* for one text, redirects included */
};

struct fetcher;

/* `timeout_s` is for one text. */
struct fetcher *fetcher_new(struct arena *arena, uint32_t timeout_s);

/* The text at the URL, which has no fragment. `from` is the text that names it; NULL: a person.
 * The source is called by the URL that was asked for; source->url is the one that answered. On
 * failure NULL, and the reason in *error. */
struct source *fetcher_read(struct fetcher *fetcher, struct str url, const struct source *from,
                            const char **error);

#endif
