/*
 * What goes to the backend with a request: the secrets of `send` statements, ready to be put into
 * one, and which alternative of a choice is taken. Secrets stand in locked memory that stays out of
 * core dumps and is wiped; nothing here is ever logged but names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_CREDENTIAL_H
#define BACKEND_CREDENTIAL_H

#include <mcpp/policy.h>

#include "runtime/memory/slice.h"

struct credentials;
struct oauth2;

/* Reads the secrets from the environment and files, and chooses among alternatives. NULL and a
 * logged reason when one cannot be used (a named file is missing); what is absent is one warning,
 * and requests go without it. `oauth2` is borrowed and must stay. */
struct credentials *credentials_open(const struct mcpp_policy *policy, const struct oauth2 *oauth2);
void credentials_close(struct credentials *credentials); /* wipes */

/* What the credential puts into a request: "Name: value" of a header, "name=value" of a query or a
 * cookie, "user:password" for Digest. NULL when its secret is not there, or when it is known only
 * with the call: a token, a claim. */
const char *credential_text(const struct credentials *credentials, uint32_t index);

/* The certificate and its key, PEM; both empty for other kinds. */
void credential_certificate(const struct credentials *credentials, uint32_t index,
                            struct slice *certificate, struct slice *key);

/* The alternative that a choice sends; NULL: none of them has its secrets. */
const struct mcpp_alternative *credentials_chosen(const struct credentials *credentials,
                                                  uint32_t choice);

#endif
