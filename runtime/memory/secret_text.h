/*
 * A growing text that holds a secret: what it outgrows is wiped, and so is the whole when it is
 * closed. For requests to token endpoints, headers and files with tokens in them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_SECRET_TEXT_H
#define MEMORY_SECRET_TEXT_H

#include <stdint.h>

#include "runtime/memory/slice.h"

/* Starts as {0}. When memory runs out `failed` is set and further additions are ignored: check it
 * once, at the end. A NUL follows the text once something was added. */
struct secret_text {
    char *at;
    size_t len, capacity;
    bool failed;
};

void secret_text_add(struct secret_text *out, struct slice bytes);
void secret_text_add_literal(struct secret_text *out, const char *text);
void secret_text_add_byte(struct secret_text *out, char byte);
void secret_text_add_number(struct secret_text *out, uint64_t number);
/* The characters as a JSON string with its quotes; they are UTF-8. */
void secret_text_add_json(struct secret_text *out, struct slice characters);
/* Room for `size` more bytes at the end, to be written by the caller; NULL when memory runs out.
 * secret_text_grew says how many were. */
char *secret_text_reserve(struct secret_text *out, size_t size);
void secret_text_grew(struct secret_text *out, size_t size);

struct slice secret_text_slice(const struct secret_text *text);
void secret_text_clear(struct secret_text *text); /* wipes, keeps the memory */
void secret_text_close(struct secret_text *text); /* wipes and frees; {0} again */

#endif
