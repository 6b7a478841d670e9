/*
 * Fuzz target: any bytes on standard input. However they are cut into pieces, the same number of
 * lines comes out, and each is strict JSON.
 *
 * The first byte says how large the pieces are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/shared.h"
#include "runtime/transport/loop.h"
#include "runtime/transport/stdio.h"
#include "tests/unit/exchange_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=16";
}

enum { INPUT_MAX = 8192 };

static struct play play;
static struct shared shared;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context, (void)old_size;
    return realloc(nodes, new_size);
}

static unsigned check_lines(char *text, size_t size)
{
    unsigned count = 0;
    for (size_t start = 0; start < size; count++) {
        struct json_tape tape = {.depth_max = 1000, .node_max = 1 << 20, .grow = grow};
        const char *end = memchr(text + start, '\n', size - start);
        size_t where, length = end ? (size_t)(end - text) - start : 0;
        require(end != NULL);
        text[start + length] = '\0';
        require(json_scan(text + start, length, &tape, &where) == JSON_OK);
        free(tape.nodes);
        start += length + 1;
    }
    return count;
}

static unsigned play_bytes(const uint8_t *bytes, size_t size, size_t piece)
{
    int input[2], output = memfd_create("output", MFD_CLOEXEC);
    require(output >= 0 && pipe2(input, O_CLOEXEC) == 0);
    int saved = dup(STDOUT_FILENO);
    require(dup2(input[0], STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0);
    play.stream = (struct stream){0};
    struct loop *loop = loop_open(1000);
    struct event_base *own = play.worker.loop;
    require(loop != NULL);
    play.worker.loop = loop_base(loop);
    struct stdio *stdio = stdio_open(&play.worker, loop);
    require(stdio != NULL);
    for (size_t at = 0; at < size; at += piece) {
        size_t part = size - at < piece ? size - at : piece;
        require(write(input[1], bytes + at, part) == (ssize_t)part);
        for (int i = 0; i < 4; i++)
            event_base_loop(play.worker.loop, EVLOOP_NONBLOCK);
    }
    stdio_close(stdio);
    play.worker.loop = own;
    loop_close(loop);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(input[0]);
    close(input[1]);
    off_t used = lseek(output, 0, SEEK_END);
    char *text = malloc((size_t)used + 1);
    require(text && pread(output, text, (size_t)used, 0) == used);
    unsigned count = check_lines(text, (size_t)used);
    free(text);
    close(output);
    require(budget_used(&shared.memory) == 0);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!play.worker.loop) {
        play_open(&play);
        play.server.options.transport = TRANSPORT_STDIO;
        play.server.options.limits.connections = 64;
        play.server.options.limits.body_bytes = 2048;
        play.server.shared = &shared;
    }
    if (size < 2 || size > INPUT_MAX)
        return -1;
    unsigned whole = play_bytes(bytes + 1, size - 1, size);
    if (!memmem(bytes, size, "tools/call", 10))
        require(play_bytes(bytes + 1, size - 1, 1 + bytes[0]) == whole);
    return 0;
}
