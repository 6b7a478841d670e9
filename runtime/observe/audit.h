/*
 * The audit log: a line of JSON for each decision about a caller, to standard error or a file of
 * its own. One write a line, so that lines of several workers do not mix. Knows no policy; callers
 * never pass tokens or secrets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OBSERVE_AUDIT_H
#define OBSERVE_AUDIT_H

#include "runtime/memory/slice.h"
#include "runtime/options.h"

/* What is written from now on; `file` NULL: to standard error. The text stays borrowed. False and
 * a logged reason when the file cannot be opened. */
bool audit_open(enum audit_level level, const char *file);
void audit_reopen(void); /* the file by its name, after it was moved away */

/* Whether a line about such a decision is wanted. From any thread. */
bool audit_wants(bool is_denial);

/* The members of the object after its first, `"name":value,…`; `time` is added here. */
void audit_write(struct slice members);

#endif
