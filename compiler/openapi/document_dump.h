/*
 * A document as text that stays the same from run to run, for --dump=document: one value a line
 * with its kind and its place in the source.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_DOCUMENT_DUMP_H
#define OPENAPI_DOCUMENT_DUMP_H

#include "compiler/openapi/document.h"

void document_dump(const struct document *document, struct str_builder *out);

#endif
