/*
 * The sandbox, from inside: a child enters it and says what it can still do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/observe/log.h"
#include "runtime/sandbox.h"
#include "tests/unit/check.h"

static bool can_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool can_connect(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void *nothing(void *context)
{
    return context;
}

static void check_files(const char *folder)
{
    char inside[300], above[300];
    snprintf(inside, sizeof inside, "%s/log.1", folder);
    snprintf(above, sizeof above, "%s.other", folder);
    CHECK(can_open(inside, O_WRONLY | O_CREAT));
    CHECK(!can_open(above, O_WRONLY | O_CREAT) && errno == EACCES);
    CHECK(can_open("/etc/hosts", O_RDONLY));
    CHECK(can_open("/dev/null", O_RDWR));
    CHECK(!can_open("/etc/hosts", O_RDWR) && errno == EACCES);
    CHECK(!can_open("/var/log", O_RDONLY) && errno == EACCES);
}

static void check_calls(void)
{
    char *arguments[] = {"true", NULL};
    pthread_t thread;
    CHECK(execv("/bin/true", arguments) < 0 && errno == EPERM);
    CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 && errno == EPERM);
    CHECK(syscall(SYS_unshare, 0) < 0 && errno == EPERM);
    CHECK(syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EPERM);
    CHECK(can_connect(AF_INET) && can_connect(AF_INET6) && can_connect(AF_UNIX));
    CHECK(!can_connect(AF_PACKET) && errno == EPERM);
    CHECK(pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0);
    struct addrinfo *found = NULL;
    CHECK(getaddrinfo("localhost", "80", NULL, &found) == 0);
    if (found)
        freeaddrinfo(found);
}

int main(void)
{
    char folder[] = "/tmp/mcpp-sandbox-XXXXXX", log[300];
    int status = -1;
    log_set_level(LOG_LEVEL_ERROR);
    if (!CHECK(mkdtemp(folder)))
        return check_report();
    snprintf(log, sizeof log, "%s/log", folder);
    const struct options options = {.log_file = log};
    pid_t child = fork();
    if (child == 0) {
        if (CHECK(sandbox_enter(&options, ""))) {
            check_files(folder);
            check_calls();
        }
        _exit(check_report());
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
          WEXITSTATUS(status) == 0);
    snprintf(log, sizeof log, "%s/log.1", folder);
    unlink(log);
    rmdir(folder);
    return check_report();
}
