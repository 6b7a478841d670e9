/*
 * Log lines on stderr: "2026-11-23T21:00:00.123Z warning message key=value …". One line a call, in
 * one write. Callers never pass tokens or secrets; text from outside is escaped here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OBSERVE_LOG_H
#define OBSERVE_LOG_H

#include "runtime/options.h"

void log_set_level(enum log_level level); /* from any thread; default: info */

/* From here on standard error is this file, which is appended to; the text stays borrowed. False
 * and a logged reason when it cannot be opened. */
bool log_open(const char *file);
void log_reopen(void); /* the file by its name, after it was moved away */

/* Control characters and line ends in what the arguments print are written as \xNN. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
