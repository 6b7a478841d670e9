/*
 * Which file is what and where, by names as people give them: the policy that belongs to a
 * document, the document that a policy names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPC_PATHS_H
#define MCPC_PATHS_H

#include "compiler/base/source.h"

/* Whether the text is a policy: by the suffix of its name, else by its first word. */
bool paths_is_policy(const struct source *source);

/* What the api statement of a policy says about the document `input`: its path from the folder of
 * `policy`, or from the current folder when `policy` is empty. */
struct str paths_of_api(struct arena *arena, struct str input, struct str policy);

/* What the policy of a document is called that was not asked to be written: openapi.yaml gives
 * openapi.mcpp. */
struct str paths_of_policy(struct arena *arena, struct str input);

/* The path of a file that the file `from` names relative to itself. */
const char *paths_beside(struct arena *arena, struct str from, struct str name);

#endif
