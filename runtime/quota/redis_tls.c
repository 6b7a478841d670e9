/*
 * TLS to Redis.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/quota/redis_tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "runtime/observe/log.h"
#include "runtime/tls_context.h"

static bool trust(SSL_CTX *context, const struct options *options)
{
    const char *file = options->limits_redis_ca ? options->limits_redis_ca : options->ca_file;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (file ? SSL_CTX_load_verify_locations(context, file, NULL) == 1
             : SSL_CTX_set_default_verify_paths(context) == 1)
        return true;
    log_error("limits-redis: authorities %s: %s", file ? file : "of the system",
              tls_context_fault());
    return false;
}

static bool show(SSL_CTX *context, const struct options *options)
{
    const char *certificate = options->limits_redis_cert, *key = options->limits_redis_key;
    if (!certificate)
        return true;
    tls_context_refuse_pass_phrases(context);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(context) == 1)
        return true;
    log_error("limits-redis: %s with %s: %s", certificate, key, tls_context_fault());
    return false;
}

SSL_CTX *redis_tls_open(const struct options *options)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        log_error("limits-redis: TLS cannot be set up: %s", tls_context_fault());
    else if (trust(context, options) && show(context, options))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

SSL *redis_tls_new(SSL_CTX *context, const char *host)
{
    SSL *ssl = SSL_new(context);
    /* an address first: a name must not be looked for where an address is meant */
    if (ssl && (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1 ||
                (SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1)))
        return ssl;
    SSL_free(ssl);
    ERR_clear_error();
    return NULL;
}
