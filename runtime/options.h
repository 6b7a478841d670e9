/*
 * What the command line, the config file and the policy say together about how to run.
 * Made once before anything else starts; constant afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_OPTIONS_H
#define RUNTIME_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;
struct mcpp_policy;
struct mcpp_operator;

enum transport_kind { TRANSPORT_STDIO, TRANSPORT_HTTP };

/* Which decisions are written to the audit log. */
enum audit_level { AUDIT_OFF, AUDIT_DENIALS, AUDIT_ALL };

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Whether clients are asked for certificates on TLS. */
enum client_certificates {
    CLIENT_CERTIFICATES_NONE,
    CLIENT_CERTIFICATES_ANY,      /* unverified: for tokens that are bound to one (RFC 8705) */
    CLIENT_CERTIFICATES_VERIFIED, /* one that is shown must be signed by tls_client_ca */
    CLIENT_CERTIFICATES_REQUIRED, /* the same, and one must be shown */
};

struct limits {
    size_t head_bytes; /* HTTP request line and headers */
    size_t body_bytes; /* of one message, on any transport */
    uint32_t json_depth;
    uint32_t json_nodes;
    uint32_t connections;       /* of all workers together */
    size_t memory_bytes;        /* of all requests under way together */
    uint32_t idle_ms;           /* keep-alive connection without a request */
    uint32_t read_ms;           /* from a request's first byte to its last */
    uint32_t write_ms;          /* without progress of the answer */
    size_t backend_bytes;       /* of one backend answer */
    uint32_t backend_ms;        /* of one backend call, unless the tool says otherwise */
    uint32_t backend_in_flight; /* calls under way at once; more wait in line */
    uint32_t backend_queue;     /* waiting calls; more are refused */
    size_t jwks_bytes;
    uint32_t jwks_ms;
    size_t token_bytes;
    size_t token_cache_bytes; /* of tokens that were verified, in each worker */
    uint32_t drain_ms;        /* after SIGTERM: what is under way may finish */
};

struct options {
    enum transport_kind transport;
    const char *host;            /* "127.0.0.1" */
    uint16_t port;               /* 0: the kernel chooses; the log says which */
    const char *path;            /* of the MCP endpoint: "/mcp" */
    bool metrics;                /* /metrics is answered at the MCP endpoint's address too */
    const char *metrics_address; /* "HOST:PORT" for /metrics and the probes alone; NULL: none */
    const char *limits_redis;    /* "HOST:PORT" or a URL; counts calls; NULL: each worker does */
    const char *limits_redis_ca; /* PEM, who signs its certificate; NULL: as ca_file */
    const char *limits_redis_cert, *limits_redis_key; /* PEM, shown to it; NULL: none */
    bool limits_open;                   /* calls go on while it is away, counted by each worker */
    const char *const *trusted_proxies; /* networks; NULL-terminated; NULL: none */
    bool proxy_protocol;                /* they say on each connection from whom it is */
    const char *client_certificate_header; /* in which they tell it; NULL: they do not */
    bool compress;                         /* answers in gzip for clients that ask */
    bool sandbox;                          /* once it serves: no programs, few files, fewer calls */
    const char *config;                    /* the config file; NULL: none */
    uint32_t workers;                      /* threads; 0: one for each processor */
    const char *tls_cert, *tls_key;        /* PEM files; NULL: plain HTTP */
    const char *tls_client_ca;             /* PEM file of those who sign clients' certificates */
    enum client_certificates client_certificates;
    bool validate_tokens;
    bool allow_unauthenticated;           /* HTTP without validation on other than loopback */
    const char *issuer, *jwks, *audience; /* override the verifier's; NULL: as compiled */
    const char *backend;                  /* overrides the policy's; NULL: as compiled */
    const char *const *allow_origins; /* of browsers, beside the server's own; NULL-terminated */
    const char *session_key;          /* "env:NAME" or a file; NULL: drawn at start */
    const char *public_url;           /* of the MCP endpoint as clients see it; NULL: from Host */
    const char *state_dir;            /* of tokens that people agreed to; NULL: the user's */
    bool show_credentials;            /* print what is sent to the backend, and end */
    const char *log_file;             /* NULL: standard error */
    enum audit_level audit;
    const char *audit_file; /* NULL: standard error */
    const char *ca_file;    /* PEM, of those who sign servers' certificates; NULL: system's */
    const char *as_scopes, *as_roles;     /* words: what is left to the local operator; NULL: all */
    const char *const *as_claims;         /* NAME=VALUE; NULL-terminated */
    const struct mcpp_operator *narrowed; /* what these say; NULL: as the policy says */
    enum log_level log_level;
    struct limits limits;
    struct pool *memory; /* of the texts from the config file; NULL when there are none */
};

/* Fills `out` from defaults, the policy, --config FILE and the arguments, in this order. Returns -1
 * to go on, else the exit status (0 after --help and --version, 2 after wrong usage, with the
 * reason on stderr). options_close is due only after -1. */
int options_read(int argc, char **argv, const struct mcpp_policy *policy, struct options *out);
void options_close(struct options *options);

#endif
