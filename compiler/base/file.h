/*
 * Writing a result so that nothing half-written is ever seen.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "compiler/base/str.h"

/* Writes to a temporary name in the same folder, then renames; "-" is standard output. A file that
 * holds the same bytes already keeps its time stamp. `mode` as for open(2), used as it is (0600 for
 * keys) or with the umask when 0666 or 0777. False and the reason in *error when it failed. */
bool file_write(struct arena *arena, const char *name, struct str text, unsigned mode,
                const char **error);

/* The part of a path up to and including its last '/', or "". */
struct str file_folder(struct str path);

#endif
