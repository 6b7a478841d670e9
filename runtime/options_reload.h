/*
 * What may change while the server runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_OPTIONS_RELOAD_H
#define RUNTIME_OPTIONS_RELOAD_H

#include "runtime/options.h"

/* Puts those of the running server's options that only a start can change into `fresh`, and logs a
 * warning for each that was to be another. */
void options_keep(const struct options *running, struct options *fresh);

#endif
