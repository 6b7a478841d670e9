/*
 * Fuzz target: any bytes on an HTTP connection: heads, bodies by length and in chunks, pipelining.
 * However the bytes are cut into pieces, the answers are the same, each is whole, and after the one
 * that closes nothing follows.
 *
 * The first byte says how large the pieces are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <netinet/in.h>
#include <unistd.h>

#include "runtime/shared.h"
#include "runtime/transport/connection.h"
#include "tests/unit/exchange_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=16";
}

enum { OUTPUT_SIZE = 1 << 20, ANSWERS_MAX = 512, INPUT_MAX = 8192 };

static struct play play;
static struct shared shared;

struct answers {
    unsigned statuses[ANSWERS_MAX];
    unsigned count;
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void turn_loop(void)
{
    for (int i = 0; i < 4; i++)
        event_base_loop(play.worker.loop, EVLOOP_NONBLOCK);
}

static size_t read_output(int fd, char *output, size_t used)
{
    ssize_t size;
    while ((size = recv(fd, output + used, OUTPUT_SIZE - 1 - used, MSG_DONTWAIT)) > 0)
        used += (size_t)size;
    return used;
}

/* The statuses of the answers, each of which must be whole. */
static void read_answers(char *at, size_t size, struct answers *out)
{
    bool is_last = false;
    at[size] = '\0';
    out->count = 0;
    while (*at) {
        char *end = strstr(at, "\r\n\r\n");
        require(end && strncmp(at, "HTTP/1.1 ", 9) == 0 && !is_last);
        end[2] = '\0';
        unsigned status = (unsigned)atoi(at + 9);
        const char *length = strstr(at, "Content-Length: ");
        is_last = strstr(at, "Connection: close\r\n") != NULL;
        require(status == 100 || status == 204 || length);
        size_t body = length ? (size_t)atol(length + 16) : 0;
        if (status != 100 && out->count < ANSWERS_MAX)
            out->statuses[out->count++] = status;
        end += 4;
        body = body <= strlen(end) ? body : 0; /* an answer to HEAD has none */
        at = end + (strncmp(end, "HTTP/1.1 ", 9) == 0 ? 0 : body);
    }
}

static void play_bytes(const uint8_t *bytes, size_t size, size_t piece, struct answers *out)
{
    static char output[OUTPUT_SIZE];
    const struct sockaddr_in peer = {.sin_family = AF_INET};
    struct http http = {.worker = &play.worker};
    http.loop = (struct loop *)&http; /* not the address of probes; it is never told anything */
    int ends[2];
    size_t used = 0;
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    connection_accept(&http, ends[1], (const struct sockaddr *)&peer, false);
    for (size_t at = 0; at < size; at += piece) {
        size_t part = size - at < piece ? size - at : piece;
        if (send(ends[0], bytes + at, part, MSG_NOSIGNAL) != (ssize_t)part)
            break;
        turn_loop();
        used = read_output(ends[0], output, used);
    }
    turn_loop();
    used = read_output(ends[0], output, used);
    read_answers(output, used, out);
    while (http.connections)
        connection_free(http.connections);
    while (http.spare_count)
        pool_close(http.spare[--http.spare_count]);
    close(ends[0]);
    require(budget_used(&shared.memory) == 0 && atomic_load(&shared.connections) == 0);
}

static void open_once(void)
{
    play_open(&play);
    struct limits *limits = &play.server.options.limits;
    play.server.shared = &shared;
    limits->head_bytes = 1024;
    limits->body_bytes = 2048;
    limits->connections = 4;
    limits->idle_ms = limits->read_ms = limits->write_ms = 60000;
    shared.memory.limit = 64 << 20;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct answers whole, cut;
    if (!play.worker.loop)
        open_once();
    if (size < 2 || size > INPUT_MAX)
        return -1;
    play_bytes(bytes + 1, size - 1, size, &whole);
    /* what a backend or a stream answers comes when it comes */
    if (memmem(bytes, size, "tools/call", 10) || memmem(bytes, size, "subscriptions", 13))
        return 0;
    play_bytes(bytes + 1, size - 1, 1 + bytes[0], &cut);
    require(whole.count == cut.count);
    require(memcmp(whole.statuses, cut.statuses, whole.count * sizeof whole.statuses[0]) == 0);
    return 0;
}
