/*
 * An API as text that stays the same from run to run, for --dump=api: indented `key value` lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_MODEL_DUMP_H
#define OPENAPI_MODEL_DUMP_H

#include "compiler/openapi/model.h"

void api_dump(const struct api *api, struct str_builder *out);

#endif
