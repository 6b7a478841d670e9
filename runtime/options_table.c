/*
 * The table of options.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/options_table.h"

#include <mcpp/policy.h>
#include <stddef.h>

#include "runtime/memory/pool.h"
#include "runtime/transport/forwarded.h"

#define AT(field) offsetof(struct options, field)
#define BYTES(name, least, help)                                           \
    {"limit-" #name "-bytes", "BYTES", OPTION_SIZE, least, UINT32_MAX / 2, \
     AT(limits.name##_bytes), help}
#define MILLISECONDS(name, help) \
    {"limit-" #name "-ms", "MS", OPTION_NUMBER, 1, 24 * 3600 * 1000, AT(limits.name##_ms), help}

static const struct option_entry entries[] = {
    {"transport", "stdio|http", OPTION_TRANSPORT, 0, 0, AT(transport),
     "how clients reach the server"},
    {"host", "HOST", OPTION_TEXT, 0, 0, AT(host), "address to listen on"},
    {"port", "PORT", OPTION_PORT, 0, UINT16_MAX, AT(port), "port to listen on; 0: any free one"},
    {"path", "PATH", OPTION_PATH, 0, 0, AT(path), "where the server is on HTTP"},
    {"workers", "COUNT", OPTION_NUMBER, 0, 1024, AT(workers),
     "threads that serve HTTP; 0: one for each processor"},
    {"limits-redis", "HOST:PORT|URL", OPTION_TEXT, 0, 0, AT(limits_redis),
     "Redis that counts calls for the policy's limits"},
    {"limits-redis-ca", "FILE", OPTION_TEXT, 0, 0, AT(limits_redis_ca),
     "who signs its certificate (PEM)"},
    {"limits-redis-cert", "FILE", OPTION_TEXT, 0, 0, AT(limits_redis_cert),
     "certificate that is shown to it (PEM)"},
    {"limits-redis-key", "FILE", OPTION_TEXT, 0, 0, AT(limits_redis_key),
     "the certificate's private key (PEM)"},
    {"limits-open", NULL, OPTION_FLAG, 0, 0, AT(limits_open),
     "while it is away, calls go on, counted by each worker"},
    {"trusted-proxy", "NETWORK", OPTION_NETWORK, 0, 0, AT(trusted_proxies),
     "its X-Forwarded headers are believed; may be repeated"},
    {"proxy-protocol", NULL, OPTION_FLAG, 0, 0, AT(proxy_protocol),
     "trusted proxies begin each connection with a PROXY header"},
    {"client-certificate-header", "NAME", OPTION_TEXT, 0, 0, AT(client_certificate_header),
     "where trusted proxies tell the client's certificate"},
    {"compress", NULL, OPTION_FLAG, 0, 0, AT(compress),
     "answers in gzip for clients that ask; --no-compress: not"},
    {"sandbox", NULL, OPTION_FLAG, 0, 0, AT(sandbox),
     "restrict files and system calls once it serves"},
    {"metrics", NULL, OPTION_FLAG, 0, 0, AT(metrics), "/metrics is answered on HTTP"},
    {"metrics-address", "HOST:PORT", OPTION_TEXT, 0, 0, AT(metrics_address),
     "where /metrics and the probes are answered, and nothing else"},
    {"tls-cert", "FILE", OPTION_TEXT, 0, 0, AT(tls_cert),
     "certificate and chain (PEM): HTTPS instead of HTTP"},
    {"tls-key", "FILE", OPTION_TEXT, 0, 0, AT(tls_key), "the certificate's private key (PEM)"},
    {"tls-client-ca", "FILE", OPTION_TEXT, 0, 0, AT(tls_client_ca),
     "who signs clients' certificates (PEM)"},
    {"client-certificates", "none|any|verified|required", OPTION_CERTIFICATES, 0, 0,
     AT(client_certificates), "whether clients show certificates"},
    {"validate-tokens", NULL, OPTION_FLAG, 0, 0, AT(validate_tokens),
     "HTTP callers must show a token; --no-validate-tokens: not"},
    {"issuer", "URL", OPTION_URL, 0, 0, AT(issuer), "issuer of tokens, instead of the policy's"},
    {"jwks", "URL", OPTION_URL, 0, 0, AT(jwks), "key set, instead of the policy's"},
    {"audience", "TEXT", OPTION_TEXT, 0, 0, AT(audience), "audience, instead of the policy's"},
    {"backend-url", "URL", OPTION_URL, 0, 0, AT(backend), "backend, instead of the policy's"},
    {"public-url", "URL", OPTION_URL, 0, 0, AT(public_url), "the server's URL as clients see it"},
    {"allow-origin", "ORIGIN", OPTION_ORIGIN, 0, 0, AT(allow_origins),
     "a browser origin that may call; may be repeated"},
    {"session-key", "FILE|env:NAME", OPTION_TEXT, 0, 0, AT(session_key),
     "secret of sessions, for all instances the same"},
    {"allow-unauthenticated", NULL, OPTION_FLAG, 0, 0, AT(allow_unauthenticated),
     "HTTP without tokens on other than loopback addresses"},
    {"as-scopes", "SCOPES", OPTION_TEXT, 0, 0, AT(as_scopes),
     "the operator holds these scopes, not every one"},
    {"as-roles", "ROLES", OPTION_TEXT, 0, 0, AT(as_roles),
     "the operator holds these roles, not every one"},
    {"as-claim", "NAME=VALUE", OPTION_CLAIM, 0, 0, AT(as_claims),
     "the operator has this claim; may be repeated"},
    {"ca-file", "FILE", OPTION_TEXT, 0, 0, AT(ca_file),
     "who signs the certificates of servers that are called"},
    {"state-dir", "DIR", OPTION_TEXT, 0, 0, AT(state_dir),
     "where tokens that people agreed to are kept"},
    {"log-file", "FILE", OPTION_TEXT, 0, 0, AT(log_file),
     "instead of standard error; opened again on SIGHUP"},
    {"log-level", "error|warning|info|debug", OPTION_LOG_LEVEL, 0, 0, AT(log_level),
     "how much is logged"},
    {"audit", "off|denials|all", OPTION_AUDIT, 0, 0, AT(audit),
     "decisions that are written down, a line of JSON each"},
    {"audit-file", "FILE", OPTION_TEXT, 0, 0, AT(audit_file),
     "instead of standard error; opened again on SIGHUP"},
    BYTES(head, 256, "request line and headers"),
    BYTES(body, 1, "one message, on any transport"),
    {"limit-json-depth", "COUNT", OPTION_NUMBER, 1, 1000, AT(limits.json_depth),
     "arrays and objects inside each other"},
    {"limit-json-nodes", "COUNT", OPTION_NUMBER, 1, 100000000, AT(limits.json_nodes),
     "values in one message"},
    {"limit-connections", "COUNT", OPTION_NUMBER, 1, 1000000, AT(limits.connections),
     "connections at once; on stdio, calls at once"},
    {"limit-memory-bytes", "BYTES", OPTION_SIZE, 1024 * 1024, (uint64_t)1 << 46,
     AT(limits.memory_bytes), "all requests under way together"},
    MILLISECONDS(idle, "a connection without a request"),
    MILLISECONDS(read, "a request from its first byte to its last"),
    MILLISECONDS(write, "an answer without progress"),
    BYTES(backend, 1, "one answer of the backend"),
    MILLISECONDS(backend, "one call of the backend"),
    {"limit-backend-in-flight", "COUNT", OPTION_NUMBER, 1, 100000, AT(limits.backend_in_flight),
     "backend calls at once"},
    {"limit-backend-queue", "COUNT", OPTION_NUMBER, 0, 10000000, AT(limits.backend_queue),
     "backend calls that wait"},
    BYTES(jwks, 1, "a key set"),
    MILLISECONDS(jwks, "fetching a key set"),
    BYTES(token, 1, "an access token"),
    {"limit-token-cache-bytes", "BYTES", OPTION_SIZE, 0, UINT32_MAX / 2,
     AT(limits.token_cache_bytes), "verified tokens that a worker keeps; 0: none"},
    MILLISECONDS(drain, "calls under way when the server is told to stop"),
    {"config", "FILE", OPTION_ELSEWHERE, 0, 0, 0,
     "JSON object of these options, words joined by '_'"},
    {"credentials", NULL, OPTION_ELSEWHERE, 0, 0, 0,
     "print what is sent to the backend and which secrets are there"},
    {"help", NULL, OPTION_ELSEWHERE, 0, 0, 0, "this text"},
    {"version", NULL, OPTION_ELSEWHERE, 0, 0, 0, "names and versions"},
};

enum { ENTRY_COUNT = sizeof entries / sizeof entries[0] };

static bool is_name(struct slice name, const char *wanted, char joint)
{
    if (strlen(wanted) != name.len)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] != (wanted[i] == '-' ? joint : wanted[i]))
            return false;
    return true;
}

const struct option_entry *option_find(struct slice name, char joint, bool *is_on)
{
    bool is_negative = joint == '-' && name.len > 3 && memcmp(name.at, "no-", 3) == 0;
    struct slice positive = {name.at + (is_negative ? 3 : 0), name.len - (is_negative ? 3 : 0)};
    *is_on = !is_negative;
    for (size_t i = 0; i < ENTRY_COUNT; i++)
        if (is_name(positive, entries[i].name, joint))
            return is_negative && entries[i].kind != OPTION_FLAG ? NULL : &entries[i];
    return NULL;
}

const struct option_entry *option_entries(size_t *count)
{
    *count = ENTRY_COUNT;
    return entries;
}

static bool equal_texts(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool equal_lists(const char *const *a, const char *const *b)
{
    for (; a && b && *a && *b && strcmp(*a, *b) == 0; a++, b++)
        ;
    return !(a && *a) && !(b && *b);
}

/* Bytes of the option's field. */
static size_t field_size(enum option_kind kind)
{
    switch (kind) {
    case OPTION_FLAG:
        return sizeof(bool);
    case OPTION_TEXT:
    case OPTION_URL:
    case OPTION_PATH:
    case OPTION_NETWORK:
    case OPTION_ORIGIN:
    case OPTION_CLAIM:
        return sizeof(const char *);
    case OPTION_PORT:
        return sizeof(uint16_t);
    case OPTION_SIZE:
        return sizeof(size_t);
    case OPTION_NUMBER:
        return sizeof(uint32_t);
    case OPTION_TRANSPORT:
    case OPTION_LOG_LEVEL:
    case OPTION_AUDIT:
    case OPTION_CERTIFICATES:
        return sizeof(enum log_level);
    case OPTION_ELSEWHERE:
        break;
    }
    return 0;
}

bool option_equal(const struct option_entry *entry, const struct options *a,
                  const struct options *b)
{
    const void *left = (const char *)a + entry->offset, *right = (const char *)b + entry->offset;
    switch (entry->kind) {
    case OPTION_TEXT:
    case OPTION_URL:
    case OPTION_PATH:
        return equal_texts(*(const char *const *)left, *(const char *const *)right);
    case OPTION_NETWORK:
    case OPTION_ORIGIN:
    case OPTION_CLAIM:
        return equal_lists(*(const char *const *const *)left, *(const char *const *const *)right);
    default:
        return memcmp(left, right, field_size(entry->kind)) == 0;
    }
}

void option_copy(const struct option_entry *entry, const struct options *from, struct options *to)
{
    memcpy((char *)to + entry->offset, (const char *)from + entry->offset, field_size(entry->kind));
}

static bool set_number(struct reading *reading, const struct option_entry *entry, const char *text,
                       uint64_t *out)
{
    uint64_t number = 0;
    size_t size = strlen(text);
    bool is_number = size > 0 && size <= 18;
    for (size_t i = 0; i < size && is_number; i++) {
        is_number = text[i] >= '0' && text[i] <= '9';
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    if (!is_number || number < entry->min || number > entry->max)
        return options_fail(reading, "%s%s: '%.100s' is no number from %llu to %llu",
                            reading->place, entry->name, text, (unsigned long long)entry->min,
                            (unsigned long long)entry->max);
    *out = number;
    return true;
}

static bool is_url(const char *text)
{
    size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                    : strncmp(text, "http://", 7) == 0 ? 7
                                                       : 0;
    if (!scheme || !text[scheme] || text[scheme] == '/')
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr("\"<>\\^`{|}#", *text))
            return false;
    return true;
}

static bool is_path(const char *text)
{
    if (text[0] != '/')
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr("\"<>\\^`{|}#?%", *text))
            return false;
    return true;
}

static bool set_text(struct reading *reading, const struct option_entry *entry, const char *text,
                     const char **out)
{
    if (!text[0])
        return options_fail(reading, "%s%s: the value is empty", reading->place, entry->name);
    if (entry->kind == OPTION_URL && !is_url(text))
        return options_fail(reading, "%s%s: '%.200s' is no http or https URL", reading->place,
                            entry->name, text);
    if (entry->kind == OPTION_PATH && !is_path(text))
        return options_fail(reading, "%s%s: '%.200s' is no path", reading->place, entry->name,
                            text);
    *out = text;
    return true;
}

static bool add_to_list(struct reading *reading, const char *const **to, const char *text)
{
    uint32_t count = 0;
    while (*to && (*to)[count])
        count++;
    const char **list = pool_zero(reading->out->memory, (count + 2) * sizeof *list);
    if (!list)
        return options_fail(reading, "out of memory");
    if (count)
        memcpy(list, *to, count * sizeof *list);
    list[count] = text;
    *to = list;
    return true;
}

static bool add_origin(struct reading *reading, const struct option_entry *entry, const char *text)
{
    const char *after = strstr(text, "://");
    if (!is_url(text) || !after || strchr(after + 3, '/'))
        return options_fail(reading, "%s%s: '%.200s' is no origin like https://app.example",
                            reading->place, entry->name, text);
    return add_to_list(reading, &reading->out->allow_origins, text);
}

static bool add_network(struct reading *reading, const struct option_entry *entry, const char *text)
{
    if (!forwarded_is_network(text))
        return options_fail(reading, "%s%s: '%.200s' is no address or network like 10.0.0.0/8",
                            reading->place, entry->name, text);
    return add_to_list(reading, &reading->out->trusted_proxies, text);
}

/* The index of `text` in a list of words, for an enum. */
static bool set_word(struct reading *reading, const struct option_entry *entry, const char *text,
                     const char *const *words, int *out)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return true;
        }
    return options_fail(reading, "%s%s: '%.100s' is none of %s", reading->place, entry->name, text,
                        entry->value);
}

static bool set_flag(struct reading *reading, const struct option_entry *entry, const char *text,
                     bool *out)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return options_fail(reading, "%s%s: the value is not true or false", reading->place,
                            entry->name);
    *out = text[0] == 't';
    reading->validate_was_given |= entry->offset == AT(validate_tokens);
    return true;
}

bool option_set(struct reading *reading, const struct option_entry *entry, const char *text)
{
    static const char *const transports[] = {"stdio", "http", NULL};
    static const char *const certificates[] = {"none", "any", "verified", "required", NULL};
    static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
    static const char *const audits[] = {"off", "denials", "all", NULL};
    void *field = (char *)reading->out + entry->offset;
    uint64_t number = 0;
    int word = 0;
    switch (entry->kind) {
    case OPTION_FLAG:
        return set_flag(reading, entry, text, field);
    case OPTION_TEXT:
    case OPTION_URL:
    case OPTION_PATH:
        return set_text(reading, entry, text, field);
    case OPTION_NETWORK:
        return add_network(reading, entry, text);
    case OPTION_ORIGIN:
        return add_origin(reading, entry, text);
    case OPTION_CLAIM:
        return add_to_list(reading, &reading->out->as_claims, text);
    case OPTION_PORT:
        if (!set_number(reading, entry, text, &number))
            return false;
        reading->out->port = (uint16_t)number;
        return true;
    case OPTION_NUMBER:
        if (!set_number(reading, entry, text, &number))
            return false;
        *(uint32_t *)field = (uint32_t)number;
        return true;
    case OPTION_SIZE:
        if (!set_number(reading, entry, text, &number))
            return false;
        *(size_t *)field = (size_t)number;
        return true;
    case OPTION_TRANSPORT:
        if (!set_word(reading, entry, text, transports, &word))
            return false;
        reading->out->transport = (enum transport_kind)word;
        return true;
    case OPTION_LOG_LEVEL:
        if (!set_word(reading, entry, text, levels, &word))
            return false;
        reading->out->log_level = (enum log_level)word;
        return true;
    case OPTION_AUDIT:
        if (!set_word(reading, entry, text, audits, &word))
            return false;
        reading->out->audit = (enum audit_level)word;
        return true;
    case OPTION_CERTIFICATES:
        if (!set_word(reading, entry, text, certificates, &word))
            return false;
        reading->out->client_certificates = (enum client_certificates)word;
        return true;
    case OPTION_ELSEWHERE:
        break;
    }
    return true;
}

/* " (8000)": the default, where it says something. */
static void print_default(FILE *out, const struct option_entry *entry,
                          const struct options *defaults)
{
    const void *field = (const char *)defaults + entry->offset;
    if (entry->kind == OPTION_TRANSPORT)
        fprintf(out, " (stdio)");
    else if (entry->kind == OPTION_LOG_LEVEL)
        fprintf(out, " (info)");
    else if (entry->kind == OPTION_AUDIT)
        fprintf(out, " (off)");
    else if (entry->kind == OPTION_CERTIFICATES)
        fprintf(out, " (none)");
    else if (entry->kind == OPTION_PORT)
        fprintf(out, " (%u)", (unsigned)defaults->port);
    else if (entry->kind == OPTION_NUMBER)
        fprintf(out, " (%lu)", (unsigned long)*(const uint32_t *)field);
    else if (entry->kind == OPTION_SIZE)
        fprintf(out, " (%zu)", *(const size_t *)field);
    else if ((entry->kind == OPTION_TEXT || entry->kind == OPTION_PATH) &&
             *(const char *const *)field)
        fprintf(out, " (%s)", *(const char *const *)field);
}

void option_print_help(FILE *out, const char *program, const struct mcpp_policy *policy,
                       const struct options *defaults)
{
    fprintf(
        out,
        "usage: %s [login NAME] [OPTION]...\n\nMCP server for %s, %u tools, compiled by %s.\n\n",
        program, policy->title[0] ? policy->title : policy->name, (unsigned)policy->tool_count,
        policy->compiler);
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        const struct option_entry *entry = &entries[i];
        int width = fprintf(out, "  --%s%s%s", entry->name, entry->value ? " " : "",
                            entry->value ? entry->value : "");
        fprintf(out, "%*s%s", width < 38 ? 38 - width : 1, "", entry->help);
        print_default(out, entry, defaults);
        fputc('\n', out);
    }
    fprintf(out, "\nThe credentials for the backend come from the environment variables and files\n"
                 "that the policy's `send` statements name.\n");
}
