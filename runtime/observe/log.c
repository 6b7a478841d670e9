/*
 * Log lines on standard error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/observe/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    MESSAGE_SIZE = 1024,
    LINE_SIZE = 4 * MESSAGE_SIZE + 64, /* every byte of the message may become \xNN */
};

static atomic_int level_shown = LOG_LEVEL_INFO;
static const char *log_file; /* set before the workers start; NULL: none */

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&level_shown, (int)level, memory_order_relaxed);
}

bool log_open(const char *file)
{
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    bool done = fd >= 0 && dup2(fd, STDERR_FILENO) >= 0;
    if (!done)
        log_error("log-file %s: %s", file, strerror(errno));
    if (fd > STDERR_FILENO)
        close(fd);
    log_file = done ? file : log_file;
    return done;
}

void log_reopen(void)
{
    if (log_file)
        log_open(log_file);
}

/* Control characters, those of U+0080 to U+009F too: a terminal obeys them. */
static bool is_control(const unsigned char *at)
{
    return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f);
}

static size_t add_escaped(char *line, size_t size, const char *message)
{
    static const char digits[] = "0123456789abcdef";
    for (const unsigned char *at = (const unsigned char *)message; *at; at++) {
        if (!is_control(at)) {
            line[size++] = (char)*at;
            continue;
        }
        line[size++] = '\\';
        line[size++] = 'x';
        line[size++] = digits[*at >> 4];
        line[size++] = digits[*at & 15];
    }
    return size;
}

static size_t add_time(char *line)
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t size = strftime(line, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    return size + (size_t)snprintf(line + size, 8, ".%03dZ", (int)(now.tv_nsec / 1000000 % 1000));
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {" error ", " warning ", " info ", " debug "};
    if ((int)level > atomic_load_explicit(&level_shown, memory_order_relaxed))
        return;
    int saved_errno = errno;
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof message)
        memcpy(message + sizeof message - 4, "...", 4);
    char line[LINE_SIZE];
    size_t size = add_time(line);
    size_t name_size = strlen(names[level]);
    memcpy(line + size, names[level], name_size);
    size = add_escaped(line, size + name_size, length < 0 ? "(no text)" : message);
    line[size++] = '\n';
    /* a log that cannot be written has nowhere to be told */
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written;
    errno = saved_errno;
}
