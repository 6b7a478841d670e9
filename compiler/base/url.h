/*
 * URLs as text: RFC 3986's parts, and references relative to a base. Fetches nothing and knows no
 * addresses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "compiler/base/str.h"

/* The parts of a URI reference, borrowed, without the characters between them. A part that is not
 * there is empty; an authority, query or fragment may be there and empty. */
struct url {
    struct str scheme, authority, path, query, fragment;
    bool has_authority, has_query, has_fragment;
};

struct url url_split(struct str text);

/* RFC 3986, section 5.2: the target of `reference` as it stands in a text from `base`. */
struct str url_resolve(struct arena *arena, struct str base, struct str reference);

bool url_has_scheme(struct str text);

/* Begins with http:// or https://, in any case. */
bool url_is_http(struct str text);
bool url_is_https(struct str text);

/* The host without port and brackets. */
struct str url_host(struct str text);

/* By its text alone: localhost, names below it, 127.0.0.0/8 and ::1. */
bool url_is_loopback(struct str text);

/* Plain http to another machine: anybody on the way can change what comes. */
bool url_is_insecure(struct str text);

/* The same scheme, host and port. */
bool url_same_origin(struct str first, struct str second);

/* Why an http(s) URL is not to be asked for ("has no host"), or NULL. */
const char *url_problem(struct str text);

#endif
