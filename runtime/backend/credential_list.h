/*
 * For `--credentials`: what the policy wants to send to the backend and which of its secrets are
 * there. Names only, never values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_CREDENTIAL_LIST_H
#define BACKEND_CREDENTIAL_LIST_H

#include <stdio.h>

#include "runtime/options.h"

void credential_list_print(FILE *out, const struct mcpp_policy *policy,
                           const struct options *options);

#endif
