/*
 * The config file: one JSON object whose keys are the long options with underscores.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_OPTIONS_CONFIG_H
#define RUNTIME_OPTIONS_CONFIG_H

#include "runtime/options_table.h"

/* False, with the reason in `reading`, when the file cannot be read, is no strict JSON object, or
 * has a key or value that no option takes. */
bool config_read(struct reading *reading, const char *file);

#endif
