/*
 * One security scheme of a document.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_SECURITY_SCHEME_H
#define OPENAPI_SECURITY_SCHEME_H

#include "compiler/openapi/build.h"

/* False when it is not understood, which was reported. */
bool security_scheme_read(struct build *build, const struct member *member,
                          struct security_scheme *out);

#endif
