/*
 * The libraries' memory. libcurl gets its functions where it is set up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEMORY_LIBRARIES_H
#define MEMORY_LIBRARIES_H

/* libevent and OpenSSL take their memory from reserve.h from here on, so that what they give back
 * is wiped. OpenSSL refuses when it has memory already: in a program that used it before. */
void libraries_share_reserve(void);

#endif
