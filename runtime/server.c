/*
 * The server's life.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/server.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <malloc.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/backend/credential.h"
#include "runtime/backend/credential_list.h"
#include "runtime/backend/native.h"
#include "runtime/crew.h"
#include "runtime/identity/callers.h"
#include "runtime/identity/key_table.h"
#include "runtime/identity/replay.h"
#include "runtime/identity/trust.h"
#include "runtime/memory/libraries.h"
#include "runtime/memory/secret.h"
#include "runtime/oauth2/login.h"
#include "runtime/oauth2/oauth2.h"
#include "runtime/observe/audit.h"
#include "runtime/observe/log.h"
#include "runtime/observe/metrics.h"
#include "runtime/protocol/bulletin.h"
#include "runtime/protocol/session_key.h"
#include "runtime/protocol/sessions.h"
#include "runtime/protocol/tools_list.h"
#include "runtime/protocol/watchers.h"
#include "runtime/quota/redis_password.h"
#include "runtime/shared.h"

/* Descriptors beside those of connections and backend calls. */
enum { OTHER_FILES = 64, WORKER_FILES = 8 };

enum { KEPT_BYTES = 1024 * 1024 };

/* A core dump or a debugger of another user's would show secrets. */
static void forbid_core_dumps(void)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        log_warning("core dumps cannot be turned off: %s", strerror(errno));
}

/* As many descriptors as the limits promise connections, if that may be. */
static void raise_file_limit(const struct options *options)
{
    const struct limits *limits = &options->limits;
    rlim_t workers = crew_size(options);
    struct rlimit files;
    rlim_t wanted =
        limits->connections + workers * (limits->backend_in_flight + WORKER_FILES) + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur < wanted)
        log_warning("only %llu files may be open: limit-connections %u cannot be reached",
                    (unsigned long long)files.rlim_cur, (unsigned)limits->connections);
}

/* Descriptors 0 to 2 that the parent closed would be taken by sockets, and logs written there. */
static bool hold_standard_files(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static bool is_fit(const struct mcpp_policy *policy)
{
    if (policy->abi == MCPP_POLICY_ABI && policy->size == MCPP_POLICY_SIZE)
        return true;
    log_error("policy.c was compiled for policy ABI %u and this library has %u: compile it again "
              "with the library's own <mcpp/policy.h>",
              (unsigned)policy->abi, (unsigned)MCPP_POLICY_ABI);
    return false;
}

struct native_tools {
    const struct mcpp_native_tool *tools;
    size_t count;
};

/* What is told on the command line stays what it was; the config file may say something else. */
struct telling {
    const struct mcpp_policy *policy;
    int argc;
    char **argv;
};

static bool read_again(void *context, struct options *out)
{
    const struct telling *telling = context;
    return options_read(telling->argc, telling->argv, telling->policy, out) < 0;
}

/* Where instances take each other's sessions they take each other's TLS tickets too. */
static bool share_ticket_key(struct mcpp_server *server)
{
    static const char purpose[] = "TLS tickets";
    uint8_t bytes[2][EVP_MAX_MD_SIZE];
    bool done = true;
    for (uint8_t i = 0; i < 2 && done; i++) {
        EVP_MD_CTX *digest = EVP_MD_CTX_new();
        done = digest && EVP_DigestInit_ex(digest, EVP_sha512(), NULL) == 1 &&
               EVP_DigestUpdate(digest, purpose, sizeof purpose) == 1 &&
               EVP_DigestUpdate(digest, &i, 1) == 1 &&
               EVP_DigestUpdate(digest, server->seal_key, sizeof server->seal_key) == 1 &&
               EVP_DigestFinal_ex(digest, bytes[i], NULL) == 1;
        EVP_MD_CTX_free(digest);
    }
    if (done)
        memcpy(server->ticket_key, bytes, sizeof server->ticket_key);
    else
        log_error("out of memory at start");
    secret_wipe(bytes, sizeof bytes);
    return done;
}

/* What is made once, whatever becomes of the options later. False and a logged reason; the opened
 * ones are to be closed all the same. */
static bool open_parts(struct mcpp_server *server)
{
    const size_t worker_count = crew_size(&server->options);
    server->worker_count = (uint32_t)worker_count;
    server->shared = calloc(1, sizeof *server->shared);
    server->metrics = aligned_alloc(64, worker_count * sizeof *server->metrics);
    if (!server->shared || !server->metrics) {
        log_error("out of memory at start");
        return false;
    }
    memset(server->metrics, 0, worker_count * sizeof *server->metrics);
    server->shared->memory.limit = server->options.limits.memory_bytes;
    if (!session_key_make(server->options.session_key, server->seal_key))
        return false;
    if (getrandom(server->ticket_key, sizeof server->ticket_key, 0) != sizeof server->ticket_key ||
        getrandom(&server->token_key, sizeof server->token_key, 0) != sizeof server->token_key) {
        log_error("no random bytes: %s", strerror(errno));
        return false;
    }
    if (server->options.session_key && !share_ticket_key(server))
        return false;
    if (!redis_password_take(&server->redis_password))
        return false;
    server->oauth2 = oauth2_open(server->policy, &server->options);
    if (server->oauth2)
        server->credentials = credentials_open(server->policy, server->oauth2);
    if (!server->credentials)
        return false;
    if (server->options.validate_tokens) {
        server->trust = trust_open(server->policy);
        if (!server->trust)
            return false;
    }
    server->callers = callers_open(server->policy, &server->options);
    if (!server->callers) {
        log_error("out of memory at start");
        return false;
    }
    server->listing = listing_open(server->policy, &server->callers->nobody);
    server->sessions = sessions_open();
    server->bulletin = bulletin_open();
    server->watchers = watchers_open(server->policy);
    server->replay = replay_open();
    server->keys = key_table_open();
    if (server->listing && server->sessions && server->bulletin && server->watchers &&
        server->replay && server->keys)
        return true;
    log_error("out of memory at start");
    return false;
}

static void close_parts(struct mcpp_server *server)
{
    trust_close(server->trust);
    replay_close(server->replay);
    key_table_close(server->keys);
    watchers_close(server->watchers);
    bulletin_close(server->bulletin);
    sessions_close(server->sessions);
    listing_close(server->listing);
    callers_close(server->callers);
    credentials_close(server->credentials);
    oauth2_close(server->oauth2);
    locked_close(&server->redis_password);
    free(server->shared);
    free(server->metrics);
    secret_wipe(server->seal_key, sizeof server->seal_key);
    secret_wipe(server->ticket_key, sizeof server->ticket_key);
    secret_wipe(&server->token_key, sizeof server->token_key);
}

int server_run(const struct mcpp_policy *policy, const struct options *options,
               const struct mcpp_native_tool *const *natives, const struct crew_source *source)
{
    struct mcpp_server server = {.policy = policy, .options = *options, .natives = natives};
    log_set_level(options->log_level);
    if (options->log_file && !log_open(options->log_file))
        return 1;
    if (!audit_open(options->audit, options->audit_file))
        return 1;
    forbid_core_dumps();
    raise_file_limit(options);
    bool done = open_parts(&server) && crew_run(&server, source);
    close_parts(&server);
    return done ? 0 : 1;
}

/* `login NAME`: a worker without a transport, for as long as a person needs. */
static int server_login(const struct mcpp_policy *policy, const struct options *options,
                        const char *label)
{
    struct mcpp_server server = {.policy = policy, .options = *options};
    struct worker worker = {0};
    struct event_base *loop = event_base_new();
    int status = 1;
    server.options.validate_tokens = false;
    log_set_level(LOG_LEVEL_ERROR); /* what the person needs to know is said to them */
    forbid_core_dumps();
    if (loop && open_parts(&server) && worker_open(&worker, &server, 0, loop))
        status = login_run(worker.oauth2, label);
    worker_close(&worker);
    close_parts(&server);
    if (loop)
        event_base_free(loop);
    return status;
}

/* "login NAME" stands before the options, and is taken out. */
static const char *take_login(int *argc, char **argv)
{
    if (*argc < 3 || strcmp(argv[1], "login") != 0 || argv[2][0] == '-')
        return NULL;
    const char *label = argv[2];
    for (int at = 3; at <= *argc; at++) /* with the NULL behind the last one */
        argv[at - 2] = argv[at];
    *argc -= 2;
    return label;
}

/* A round of the loop takes its buffers and gives them back: the pages stay for the next one, or
 * the kernel would clear them anew each time. */
static void keep_pages(void)
{
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
}

static int serve(const struct mcpp_policy *policy, const struct options *options,
                 const struct native_tools *natives, const struct crew_source *source)
{
    if (natives->count == 0)
        return server_run(policy, options, NULL, source);
    const struct mcpp_native_tool **found = native_match(policy, natives->tools, natives->count);
    int status = found ? server_run(policy, options, found, source) : 1;
    free(found);
    return status;
}

int mcpp_main(const struct mcpp_policy *policy, int argc, char **argv)
{
    return mcpp_main_native(policy, argc, argv, NULL, 0);
}

int mcpp_main_native(const struct mcpp_policy *policy, int argc, char **argv,
                     const struct mcpp_native_tool *tools, size_t tool_count)
{
    const struct native_tools natives = {tools, tool_count};
    struct options options;
    libraries_share_reserve();
    keep_pages();
    if (!hold_standard_files())
        return 1;
    if (!is_fit(policy))
        return 1;
    const char *label = take_login(&argc, argv);
    int status = options_read(argc, argv, policy, &options);
    if (status >= 0)
        return status;
    if (label) {
        status = server_login(policy, &options, label);
        options_close(&options);
        return status;
    }
    if (options.show_credentials) {
        credential_list_print(stdout, policy, &options);
        options_close(&options);
        return 0;
    }
    struct telling telling = {policy, argc, argv};
    status = serve(policy, &options, &natives, &(struct crew_source){read_again, &telling});
    options_close(&options);
    return status;
}
