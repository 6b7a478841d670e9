/*
 * Running cc and pkg-config, without a shell: nothing that comes from a document or a file name is
 * ever read as a command.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/commands/link.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/base/file.h"

extern char **environ;

struct arguments {
    struct arena *arena;
    LIST(char *) list;
};

static void add_word(struct arguments *words, struct str word)
{
    *list_add(words->arena, &words->list) = (char *)(uintptr_t)str_text(words->arena, word);
}

/* What the operating system must be told: words and a NULL at their end. */
static char **as_argv(struct arguments *words)
{
    *list_add(words->arena, &words->list) = NULL;
    return words->list.at;
}

/* Splits at white space; a backslash takes the next character as it is, as pkg-config writes
 * folders with blanks. */
static void add_words(struct arguments *words, struct str text)
{
    struct str_builder word = {.arena = words->arena};
    bool is_begun = false;
    for (size_t i = 0; i <= text.len; i++) {
        char byte = i < text.len ? text.at[i] : ' ';
        if (byte == ' ' || byte == '\n' || byte == '\t') {
            if (is_begun)
                add_word(words, str_built(&word));
            word = (struct str_builder){.arena = words->arena};
            is_begun = false;
            continue;
        }
        if (byte == '\\' && i + 1 < text.len)
            byte = text.at[++i];
        str_add_byte(&word, byte);
        is_begun = true;
    }
}

/* ---- running programs ---- */

/* The exit status, 128 + N after signal N, or -1 and errno. */
static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void read_all(int fd, struct str_builder *output)
{
    char piece[4096];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got > 0)
            str_add(output, (struct str){piece, (size_t)got});
        else if (got == 0 || errno != EINTR)
            return;
    }
}

/* Runs a program found on PATH. Its standard output goes into `output` unless that is NULL. */
static int run(char **argv, char **environment, struct str_builder *output)
{
    posix_spawn_file_actions_t actions;
    int ends[2] = {-1, -1};
    pid_t pid;
    if (output && pipe(ends) != 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    if (output) {
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, ends[0]);
        posix_spawn_file_actions_addclose(&actions, ends[1]);
    }
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (output) {
        close(ends[1]);
        read_all(ends[0], output);
        close(ends[0]);
    }
    errno = error;
    return error ? -1 : wait_for(pid);
}

/* ---- where the runtime is ---- */

/* Looks beside mcpc (in the tree: mcpp-uninstalled.pc) and in ../lib/pkgconfig (installed) before
 * anywhere else, so that a program gets the runtime that belongs to this compiler. */
static struct str package_path(struct arena *arena)
{
    char self[4096];
    const char *before = getenv("PKG_CONFIG_PATH");
    ssize_t size = readlink("/proc/self/exe", self, sizeof self);
    struct str folder = {0};
    if (size > 0 && (size_t)size < sizeof self)
        folder = file_folder((struct str){self, (size_t)size});
    return str_format(arena, "PKG_CONFIG_PATH=%.*s:%.*s../lib/pkgconfig%s%s", STR_ARG(folder),
                      STR_ARG(folder), before && *before ? ":" : "", before ? before : "");
}

static char **environment_with(struct str setting, struct arena *arena)
{
    struct arguments words = {.arena = arena};
    size_t name_size = str_find(setting, '=') + 1;
    for (char **at = environ; *at; at++)
        if (strncmp(*at, setting.at, name_size) != 0)
            *list_add(arena, &words.list) = *at;
    add_word(&words, setting);
    return as_argv(&words);
}

static const char *tool_name(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    return value && *value ? value : otherwise;
}

static void help_install(struct diag_list *diags, struct diag *diag, const char *package,
                         const char *variable)
{
    diag_help(diags, diag, "install it (Debian: apt install %s) or set %s; -o NAME.c needs neither",
              package, variable);
}

/* The flags that pkg-config gives for the runtime. */
static bool ask_for_flags(struct arguments *flags, struct arena *arena, struct diag_list *diags)
{
    const char *program = tool_name("PKG_CONFIG", "pkg-config");
    struct arguments command = {.arena = arena};
    struct str_builder output = {.arena = arena};
    add_words(&command, str_of(program));
    add_words(&command, STR("--print-errors --cflags --libs mcpp"));
    char **environment = environment_with(package_path(arena), arena);
    int status = run(as_argv(&command), environment, &output);
    if (status < 0 || status == 127) {
        struct diag *diag = diag_error(diags, "no-pkg-config", (struct span){0},
                                       "'%s' cannot be run: %s", program, strerror(errno));
        help_install(diags, diag, "pkg-config", "PKG_CONFIG");
        return false;
    }
    if (status != 0) {
        struct diag *diag = diag_error(diags, "no-runtime", (struct span){0},
                                       "pkg-config finds no complete package 'mcpp'");
        diag_help(diags, diag,
                  "the runtime comes with mcpc: run `make` in its tree, or `make "
                  "install`, or set PKG_CONFIG_PATH");
        return false;
    }
    add_words(flags, str_built(&output));
    return true;
}

/* ---- compiling ---- */

static bool compile(const char *source, const char *program, struct arena *arena,
                    struct diag_list *diags)
{
    const char *compiler = tool_name("CC", "cc");
    struct arguments command = {.arena = arena}, flags = {.arena = arena};
    if (!ask_for_flags(&flags, arena, diags))
        return false;
    add_words(&command, str_of(compiler));
    add_words(&command, STR("-std=c17 -fPIE -pie -Wl,-z,relro,-z,now,-z,pack-relative-relocs -o"));
    add_word(&command, str_of(program));
    add_word(&command, str_of(source));
    for (size_t i = 0; i < flags.list.count; i++)
        add_word(&command, str_of(flags.list.at[i]));
    int status = run(as_argv(&command), environ, NULL);
    if (status < 0 || status == 127) {
        struct diag *diag = diag_error(diags, "no-c-compiler", (struct span){0},
                                       "'%s' cannot be run: %s", compiler, strerror(errno));
        help_install(diags, diag, "gcc", "CC");
    } else if (status != 0) {
        diag_error(diags, "c-compiler-failed", (struct span){0},
                   "'%s' ended with status %d; what it says is above", compiler, status);
    }
    return status == 0;
}

static void report_failed(struct diag_list *diags, const char *name)
{
    diag_error(diags, "cannot-write", (struct span){0}, "cannot write '%s': %s", name,
               strerror(errno));
}

/* Everything happens in a folder of its own beside the output, so that the last step is a rename
 * within one file system. */
bool link_program(struct str policy_c, const char *output, struct arena *arena,
                  struct diag_list *diags)
{
    struct stat status;
    if (stat(output, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        report_failed(diags, output);
        return false;
    }
    char *folder = (char *)(uintptr_t)str_format(arena, "%s.XXXXXX", output).at;
    if (!mkdtemp(folder)) {
        report_failed(diags, output);
        return false;
    }
    const char *error, *source = str_format(arena, "%s/policy.c", folder).at;
    const char *program = str_format(arena, "%s/program", folder).at;
    bool done = file_write(arena, source, policy_c, 0600, &error);
    if (!done)
        diag_error(diags, "cannot-write", (struct span){0}, "cannot write '%s': %s", source, error);
    done = done && compile(source, program, arena, diags);
    if (done && rename(program, output) != 0) {
        report_failed(diags, output);
        done = false;
    }
    unlink(source);
    unlink(program);
    rmdir(folder);
    return done;
}
