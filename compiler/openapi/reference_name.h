/*
 * The text of references: file names and JSON Pointer tokens in their encodings. Reads no files and
 * no documents.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_REFERENCE_NAME_H
#define OPENAPI_REFERENCE_NAME_H

#include "compiler/base/str.h"

/* A URI with a scheme, another host ("//host/x") or an absolute path. */
bool reference_is_remote(struct str reference);

/* RFC 3986, section 2.1. False when a '%' is not followed by two hexadecimal digits. */
bool reference_percent_decode(struct arena *arena, struct str text, struct str *out);

/* RFC 6901, section 4: ~1 is '/', ~0 is '~'. */
struct str reference_token_decode(struct arena *arena, struct str token);

/* The same file name without "." and, where something goes before it, without ".." segments. */
struct str reference_name_clean(struct arena *arena, struct str name);

#endif
