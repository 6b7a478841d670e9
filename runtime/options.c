/*
 * Options from the command line and the config file. One table says what there is: reading, the
 * config keys (the long names with underscores) and `--help` come from it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/options.h"

#include <mcpp/policy.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/memory/pool.h"
#include "runtime/options_config.h"
#include "runtime/options_operator.h"
#include "runtime/options_table.h"
#include "runtime/quota/redis_place.h"
#include "runtime/transport/address.h"
#include "runtime/transport/listener.h"

enum { MEMORY_MAX = 4 * 1024 * 1024 }; /* bytes of texts from a config file */

static const struct options defaults = {
    .transport = TRANSPORT_STDIO, /* what desktop clients expect */
    .host = "127.0.0.1",
    .port = 8000,
    .path = "/mcp",
    .workers = 1,
    .compress = true,
    .log_level = LOG_LEVEL_INFO,
    .limits =
        {
            .head_bytes = 16 * 1024,
            .body_bytes = 4 * 1024 * 1024,
            .json_depth = 64,
            .json_nodes = 200000,
            .connections = 4096,
            .memory_bytes = 512 * 1024 * 1024,
            .idle_ms = 60000,
            .read_ms = 30000,
            .write_ms = 30000,
            .backend_bytes = 8 * 1024 * 1024,
            .backend_ms = 30000,
            .backend_in_flight = 64,
            .backend_queue = 1024,
            .jwks_bytes = 512 * 1024,
            .jwks_ms = 5000,
            .token_bytes = 8 * 1024,
            .token_cache_bytes = 4 * 1024 * 1024,
            .drain_ms = 10000,
        },
};

static int wrong_usage(const struct reading *reading)
{
    fprintf(stderr, "%s: %s\n", reading->program, reading->error);
    return 2;
}

bool options_fail(struct reading *reading, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reading->error, sizeof reading->error, format, arguments);
    va_end(arguments);
    return false;
}

/* "--name=value", "--name value" or a flag; *at moves past what was read. */
static bool read_argument(struct reading *reading, int argc, char **argv, int *at)
{
    const char *argument = argv[*at];
    if (strncmp(argument, "--", 2) != 0 || !argument[2])
        return options_fail(reading, "unexpected argument '%s'", argument);
    const char *equals = strchr(argument, '=');
    size_t size = (equals ? (size_t)(equals - argument) : strlen(argument)) - 2;
    bool is_on = true;
    const struct option_entry *entry = option_find((struct slice){argument + 2, size}, '-', &is_on);
    if (!entry)
        return options_fail(reading, "unknown option '%.*s'", (int)size + 2, argument);
    if (entry->kind == OPTION_FLAG) {
        if (equals)
            return options_fail(reading, "option '--%s' takes no value", entry->name);
        return option_set(reading, entry, is_on ? "true" : "false");
    }
    if (strcmp(entry->name, "credentials") == 0) {
        reading->out->show_credentials = true;
        return true;
    }
    const char *value = equals ? equals + 1 : *at + 1 < argc ? argv[++*at] : NULL;
    if (!value)
        return options_fail(reading, "option '--%s' needs a value", entry->name);
    return option_set(reading, entry, value);
}

static bool read_arguments(struct reading *reading, int argc, char **argv)
{
    reading->place = "--";
    for (int at = 1; at < argc; at++)
        if (!read_argument(reading, argc, argv, &at))
            return false;
    return true;
}

/* --config is read before the arguments that override it, wherever it stands. */
static bool read_config(struct reading *reading, int argc, char **argv)
{
    const char *file = NULL;
    for (int at = 1; at < argc; at++) {
        bool is_joined = strncmp(argv[at], "--config=", 9) == 0;
        if (!is_joined && strcmp(argv[at], "--config") != 0)
            continue;
        if (file)
            return options_fail(reading, "option '--config' is given twice");
        file = is_joined ? argv[at] + 9 : argv[at + 1];
        if (!file)
            return options_fail(reading, "option '--config' needs a value");
    }
    reading->out->config = file;
    return !file || config_read(reading, file);
}

static bool check_transport(struct reading *reading)
{
    struct options *out = reading->out;
    if (out->transport == TRANSPORT_HTTP)
        return true;
    /* a policy that validates tokens does so on HTTP; on stdio there is none to look at */
    if (out->validate_tokens && reading->validate_was_given)
        return options_fail(reading, "option '--validate-tokens' needs '--transport http'");
    out->validate_tokens = false;
    return true;
}

static bool check_tls(struct reading *reading)
{
    struct options *out = reading->out;
    if (!out->tls_cert != !out->tls_key)
        return options_fail(reading, "options '--tls-cert' and '--tls-key' need each other");
    if (!out->tls_cert && out->client_certificates != CLIENT_CERTIFICATES_NONE)
        return options_fail(reading, "option '--client-certificates' needs '--tls-cert'");
    bool needs_ca = out->client_certificates >= CLIENT_CERTIFICATES_VERIFIED;
    if (needs_ca && !out->tls_client_ca)
        return options_fail(reading, "certificates of clients are verified by '--tls-client-ca'");
    if (!needs_ca && out->tls_client_ca)
        return options_fail(reading, "option '--tls-client-ca' needs '--client-certificates "
                                     "verified' or 'required'");
    if (out->tls_cert && out->transport != TRANSPORT_HTTP)
        return options_fail(reading, "option '--tls-cert' needs '--transport http'");
    return true;
}

static bool check_place(struct reading *reading, const char *name, const char *place)
{
    char host[LISTENER_HOST_SIZE];
    uint16_t port;
    if (!place || listener_split(place, host, &port))
        return true;
    return options_fail(reading, "%s: '%.200s' is no HOST:PORT", name, place);
}

static bool check_redis(struct reading *reading)
{
    const struct options *out = reading->out;
    struct redis_place place = {0};
    const char *fault = out->limits_redis ? redis_place_read(out->limits_redis, &place) : NULL;
    if (fault) /* without the text, which may hold a password */
        return options_fail(reading, "limits-redis: %s", fault);
    if (!out->limits_redis_cert != !out->limits_redis_key)
        return options_fail(
            reading, "options '--limits-redis-cert' and '--limits-redis-key' need each other");
    if ((out->limits_redis_ca || out->limits_redis_cert) && !place.is_secure)
        return options_fail(reading, "certificates of Redis need '--limits-redis rediss://…'");
    return true;
}

static bool check_places(struct reading *reading)
{
    const struct options *out = reading->out;
    if (out->limits_open && !out->limits_redis)
        return options_fail(reading, "option '--limits-open' needs '--limits-redis'");
    if (out->proxy_protocol && !out->trusted_proxies)
        return options_fail(reading, "option '--proxy-protocol' needs '--trusted-proxy'");
    if (out->client_certificate_header && !out->trusted_proxies)
        return options_fail(reading,
                            "option '--client-certificate-header' needs '--trusted-proxy'");
    return check_place(reading, "metrics-address", out->metrics_address) && check_redis(reading);
}

/* Without validation whoever reaches the port acts with the operator's credentials. */
static bool check_host(struct reading *reading)
{
    const struct options *out = reading->out;
    if (out->transport != TRANSPORT_HTTP || out->validate_tokens || out->allow_unauthenticated)
        return true;
    struct sockaddr_storage address;
    socklen_t size;
    const char *reason;
    if (!address_resolve(out->host, out->port, &address, &size, &reason))
        return options_fail(reading, "host '%.200s': %s", out->host, reason);
    if (!address_is_loopback((const struct sockaddr *)&address))
        return options_fail(reading,
                            "without '--validate-tokens' only a loopback address is listened on, "
                            "not '%.200s'; '--allow-unauthenticated' lifts this",
                            out->host);
    return true;
}

static bool check_verifiers(struct reading *reading, const struct mcpp_policy *policy)
{
    const struct options *out = reading->out;
    const char *given = out->issuer     ? "issuer"
                        : out->jwks     ? "jwks"
                        : out->audience ? "audience"
                                        : NULL;
    /* whoever gives it believes that tokens are looked at */
    if (given && !out->validate_tokens)
        return options_fail(reading, "option '--%s' has no effect without '--validate-tokens'",
                            given);
    if (given && policy->verifier_count > 1)
        return options_fail(reading, "option '--%s' needs a policy with one verifier, this has %u",
                            given, (unsigned)policy->verifier_count);
    if (!out->validate_tokens)
        return true;
    if (policy->verifier_count == 0)
        return options_fail(reading, "tokens cannot be validated: the policy has no verifier");
    for (uint32_t i = 0; i < policy->verifier_count; i++) {
        const struct mcpp_verifier *verifier = &policy->verifiers[i];
        if (verifier->kind == MCPP_VERIFIER_INTROSPECTION)
            continue; /* the authorization server says for whom a token is */
        if (!verifier->issuer[0] && !out->issuer)
            return options_fail(reading, "verifier '%s' has no issuer: give '--issuer'",
                                verifier->name);
        if (!verifier->audience_count && !out->audience)
            return options_fail(reading, "verifier '%s' has no audience: give '--audience'",
                                verifier->name);
    }
    return true;
}

static bool check_backend(struct reading *reading, const struct mcpp_policy *policy)
{
    if (policy->backend[0] || reading->out->backend)
        return true;
    for (uint32_t i = 0; i < policy->tool_count; i++)
        if (!policy->tools[i].backend[0])
            return options_fail(reading, "the policy names no backend: give '--backend-url'");
    return true;
}

static const char *base_name(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path ? path : "server";
}

/* --help and --version answer whatever else is wrong. */
static bool was_told(int argc, char **argv, const struct mcpp_policy *policy, const char *program)
{
    for (int at = 1; at < argc; at++) {
        if (strcmp(argv[at], "--help") == 0) {
            option_print_help(stdout, program, policy, &defaults);
            return true;
        }
        if (strcmp(argv[at], "--version") == 0) {
            printf("%s %s (libmcpp %s, %s)\n", policy->name, policy->version, MCPP_VERSION,
                   policy->compiler);
            return true;
        }
    }
    return false;
}

int options_read(int argc, char **argv, const struct mcpp_policy *policy, struct options *out)
{
    struct reading reading = {.out = out, .program = base_name(argc > 0 ? argv[0] : NULL)};
    *out = defaults;
    out->validate_tokens = policy->validate_tokens;
    if (was_told(argc, argv, policy, reading.program))
        return 0;
    out->memory = pool_open(MEMORY_MAX);
    if (!out->memory) {
        fprintf(stderr, "%s: out of memory\n", reading.program);
        return 1;
    }
    if (read_config(&reading, argc, argv) && read_arguments(&reading, argc, argv) &&
        check_transport(&reading) && check_host(&reading) && check_tls(&reading) &&
        check_places(&reading) && check_verifiers(&reading, policy) &&
        check_backend(&reading, policy) && options_narrow_operator(&reading, policy))
        return -1;
    options_close(out);
    return wrong_usage(&reading);
}

void options_close(struct options *options)
{
    pool_close(options->memory);
    options->memory = NULL;
}
