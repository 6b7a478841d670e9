/*
 * The file of tokens. A new one is written beside the old one and renamed; entries of others are
 * copied as they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/token_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/identity/json_text.h"
#include "runtime/memory/secret.h"
#include "runtime/observe/log.h"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

static const struct json_bounds bounds = {.depth = 8, .nodes = 4000000};

struct token_store {
    char *directory, *path, *draft, *lock; /* NULL: there is no place */
};

/* ---- life ---- */

static char *usual_directory(const char *name)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *directory = NULL;
    int size = -1;
    if (state && state[0] == '/')
        size = asprintf(&directory, "%s/mcpp/%s", state, name);
    else if (home && home[0] == '/')
        size = asprintf(&directory, "%s/.local/state/mcpp/%s", home, name);
    return size < 0 ? NULL : directory;
}

static char *join(const char *directory, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

struct token_store *token_store_open(const char *name, const char *directory)
{
    struct token_store *store = calloc(1, sizeof *store);
    if (!store)
        return NULL;
    store->directory = directory ? strdup(directory) : usual_directory(name);
    if (!store->directory)
        return store;
    store->path = join(store->directory, "tokens.json");
    store->draft = join(store->directory, "tokens.json.new");
    store->lock = join(store->directory, "tokens.lock");
    if (store->path && store->draft && store->lock)
        return store;
    token_store_close(store);
    return NULL;
}

void token_store_close(struct token_store *store)
{
    if (!store)
        return;
    free(store->directory);
    free(store->path);
    free(store->draft);
    free(store->lock);
    free(store);
}

const char *token_store_path(const struct token_store *store)
{
    return store->path ? store->path : "";
}

uint64_t token_store_stamp(const struct token_store *store)
{
    struct stat found;
    if (!store->path || stat(store->path, &found) != 0)
        return 0;
    uint64_t stamp = (uint64_t)found.st_mtim.tv_sec * 1000003 + (uint64_t)found.st_mtim.tv_nsec;
    stamp = stamp * 1000003 + (uint64_t)found.st_ino * 31 + (uint64_t)found.st_size;
    return stamp ? stamp : 1;
}

void stored_token_close(struct stored_token *token)
{
    secret_text_close(&token->access_token);
    secret_text_close(&token->refresh_token);
    token->ends_at = 0;
}

/* ---- reading ---- */

static bool report(const char *path, const char *reason)
{
    log_error("stored tokens: %s: %s", path, reason);
    return false;
}

/* What others may read is no secret any more, and what others may write is not ours. */
static const char *fault_of(const struct stat *found)
{
    if (!S_ISREG(found->st_mode))
        return "no regular file";
    if (found->st_uid != geteuid())
        return "of another user";
    if (found->st_mode & (S_IRWXG | S_IRWXO))
        return "open to others; it is not used before chmod 600";
    return found->st_size > FILE_BYTES_MAX ? "too large" : NULL;
}

/* True also when there is no file; then `out` stays empty. */
static bool read_file(const char *path, struct secret_text *out)
{
    struct stat found;
    ssize_t got = 1;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    if (file < 0)
        return errno == ENOENT || report(path, strerror(errno));
    const char *fault = fstat(file, &found) == 0 ? fault_of(&found) : strerror(errno);
    while (!fault && got > 0) {
        char *room = secret_text_reserve(out, 65536);
        got = room ? read(file, room, 65536) : 0;
        if (got > 0)
            secret_text_grew(out, (size_t)got);
        fault = got < 0                     ? strerror(errno)
                : !room                     ? "out of memory"
                : out->len > FILE_BYTES_MAX ? "too large"
                                            : NULL;
    }
    close(file);
    return !fault || report(path, fault);
}

/* The index of the array of tokens; 0: there is none, which is logged unless there is no file. */
static uint32_t scan(const struct token_store *store, const struct secret_text *text,
                     struct json_text *json)
{
    uint32_t list = 0;
    if (text->len == 0)
        return 0;
    if (json_text_scan(json, text->at, text->len, bounds))
        list = json_text_member_of(json, 0, "tokens", JSON_ARRAY);
    if (!list)
        report(store->path, "not as this program writes it");
    return list;
}

static bool member_is(const struct json_text *json, uint32_t object, const char *name,
                      struct slice wanted)
{
    uint32_t node = json_text_member(json, object, name);
    return node && json_text_is(json, node, wanted);
}

static bool is_of(const struct json_text *json, uint32_t object, const struct stored_key *key)
{
    return member_is(json, object, "credential", key->credential) &&
           member_is(json, object, "client", key->client) &&
           member_is(json, object, "issuer", key->issuer) &&
           member_is(json, object, "subject", key->subject);
}

static void copy_member(const struct json_text *json, uint32_t object, const char *name,
                        struct secret_text *out)
{
    uint32_t node = json_text_member_of(json, object, name, JSON_STRING);
    char *room = node ? secret_text_reserve(out, json_text_raw(json, node).len) : NULL;
    if (room)
        secret_text_grew(out, json_unescape(json->text, &json->tape.nodes[node], room));
}

static uint64_t read_number(const struct json_text *json, uint32_t object, const char *name)
{
    uint32_t node = json_text_member_of(json, object, name, JSON_NUMBER);
    return node ? strtoull(json->text + json->tape.nodes[node].start, NULL, 10) : 0;
}

bool token_store_find(struct token_store *store, const struct stored_key *key,
                      struct stored_token *out)
{
    struct secret_text text = {0};
    struct json_text json = {0};
    *out = (struct stored_token){0};
    if (!store->path || !read_file(store->path, &text))
        return false;
    uint32_t list = scan(store, &text, &json), at = list + 1;
    for (uint32_t i = 0; list && i < json.tape.nodes[list].count; i++) {
        if (is_of(&json, at, key)) {
            copy_member(&json, at, "access_token", &out->access_token);
            copy_member(&json, at, "refresh_token", &out->refresh_token);
            out->ends_at = read_number(&json, at, "ends_at");
        }
        at = json.tape.nodes[at].next;
    }
    json_text_close(&json);
    secret_text_close(&text);
    return out->access_token.len || out->refresh_token.len;
}

/* ---- writing ---- */

static void add_string(struct secret_text *out, const char *name, struct slice value)
{
    secret_text_add_literal(out, name);
    secret_text_add_json(out, value);
}

static void add_token(struct secret_text *out, const struct stored_key *key,
                      const struct stored_token *token)
{
    add_string(out, "{\"credential\":", key->credential);
    add_string(out, ",\"client\":", key->client);
    add_string(out, ",\"issuer\":", key->issuer);
    add_string(out, ",\"subject\":", key->subject);
    add_string(out, ",\"access_token\":", secret_text_slice(&token->access_token));
    add_string(out, ",\"refresh_token\":", secret_text_slice(&token->refresh_token));
    secret_text_add_literal(out, ",\"ends_at\":");
    secret_text_add_number(out, token->ends_at);
    secret_text_add_byte(out, '}');
}

/* The file anew: everybody else's entries, then ours. */
static bool make_text(const struct token_store *store, const struct stored_key *key,
                      const struct stored_token *token, struct secret_text *out)
{
    struct secret_text old = {0};
    struct json_text json = {0};
    bool is_good = read_file(store->path, &old);
    uint32_t list = is_good ? scan(store, &old, &json) : 0, at = list + 1, written = 0;
    is_good = is_good && (list || old.len == 0);
    secret_text_add_literal(out, "{\"version\":1,\"tokens\":[");
    for (uint32_t i = 0; list && i < json.tape.nodes[list].count; i++) {
        const struct json_node *node = &json.tape.nodes[at];
        if (!is_of(&json, at, key)) {
            secret_text_add_literal(out, written++ ? ",\n" : "\n");
            secret_text_add(out, (struct slice){old.at + node->start, node->end - node->start});
        }
        at = node->next;
    }
    if (token) {
        secret_text_add_literal(out, written ? ",\n" : "\n");
        add_token(out, key, token);
    }
    secret_text_add_literal(out, "\n]}\n");
    json_text_close(&json);
    secret_text_close(&old);
    return is_good && !out->failed;
}

static bool write_all(int file, struct slice text)
{
    while (text.len) {
        ssize_t put = write(file, text.at, text.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        text = (struct slice){text.at + put, text.len - (size_t)put};
    }
    return fsync(file) == 0;
}

static bool replace(const struct token_store *store, struct slice text)
{
    unlink(store->draft); /* of a program that died */
    int file = open(store->draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return report(store->draft, strerror(errno));
    bool done = write_all(file, text);
    int number = errno;
    close(file);
    if (done && rename(store->draft, store->path) == 0)
        return true;
    number = done ? errno : number;
    unlink(store->draft);
    return report(store->path, strerror(number));
}

/* Each folder on the way, for this user alone. */
static bool make_directory(const char *directory)
{
    char *path = strdup(directory);
    if (!path)
        return report(directory, "out of memory");
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
    bool done = mkdir(path, 0700) == 0 || errno == EEXIST;
    int number = errno;
    free(path);
    return done || report(directory, strerror(number));
}

bool token_store_keep(struct token_store *store, const struct stored_key *key,
                      const struct stored_token *token)
{
    struct secret_text text = {0};
    if (!store->path)
        return report("no state directory", "set --state-dir, XDG_STATE_HOME or HOME");
    if (!make_directory(store->directory))
        return false;
    int lock = open(store->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        report(store->lock, strerror(errno));
        if (lock >= 0)
            close(lock);
        return false;
    }
    bool done = make_text(store, key, token, &text) && replace(store, secret_text_slice(&text));
    close(lock); /* and with it the lock */
    secret_text_close(&text);
    return done;
}
