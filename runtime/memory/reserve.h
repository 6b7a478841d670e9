/*
 * Memory for libraries, wiped when they give it back: what they send and receive holds secrets. It
 * holds out when the system's is spent: their small pieces come from a reserve then, large ones
 * fail, which they cope with. libcurl 7.88 divides by zero or forgets a
 * transfer when the table of its sockets gets no memory, libevent 2.1 follows a null pointer when
 * a stream gets none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_RESERVE_H
#define MEMORY_RESERVE_H

#include <stddef.h>

/* For curl_global_init_mem and event_set_mem_functions; from any thread. */
void *reserve_malloc(size_t size);
void *reserve_calloc(size_t count, size_t size);
void *reserve_realloc(void *old, size_t size);
char *reserve_strdup(const char *text);
void reserve_free(void *piece);

#endif
