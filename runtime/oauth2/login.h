/*
 * `./server login NAME`: a person agrees once, and the server has a token from then on. By a
 * browser on this machine, or by a code that is typed in elsewhere (RFC 8628).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_LOGIN_H
#define OAUTH2_LOGIN_H

#include "runtime/oauth2/oauth2_worker.h"

/* The exit status. Talks to the person on standard error; the token goes into the store. */
int login_run(struct oauth2_worker *own, const char *label);

#endif
