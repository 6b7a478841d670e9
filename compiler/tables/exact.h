/*
 * Texts and places of a policy as C strings: what must arrive byte by byte, and what is for people.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TABLES_EXACT_H
#define TABLES_EXACT_H

#include <mcpp/policy.h>

#include "compiler/base/diag.h"

struct exact {
    struct arena *arena;
    struct diag_list *diags;
};

/* Names, URLs. The tables hold C strings, which end at the first NUL; a name that was cut there
 * would be another name, so it is reported. */
const char *exact_text(const struct exact *exact, struct str text, struct span origin,
                       const char *noun);

/* A text for people: NUL becomes U+FFFD, as in HTML. */
const char *exact_shown(const struct exact *exact, struct str text);

/* File and line, without a folder that only this machine has. */
struct mcpp_origin exact_origin(const struct exact *exact, struct span span);

#endif
