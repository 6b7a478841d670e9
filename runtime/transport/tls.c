/*
 * TLS toward callers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/tls.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "runtime/observe/log.h"
#include "runtime/tls_context.h"

enum { SESSION_S = 3600 /* for how long a session may be resumed */ };

struct tls {
    SSL_CTX *context;
};

/* HTTP/1.1 when the client offers it, or offers nothing; else the handshake ends (RFC 7301, section
 * 3.2), so that bytes meant for another protocol are never read as HTTP. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                           const unsigned char *in, unsigned in_size, void *context)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen;
    (void)ssl, (void)context;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, in, in_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* Any certificate does: what counts is that the token is bound to it (RFC 8705, section 2.2). */
static int accept_any(int is_fine, X509_STORE_CTX *store)
{
    (void)is_fine;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static bool ask_for_certificates(SSL_CTX *context, const struct options *options)
{
    switch (options->client_certificates) {
    case CLIENT_CERTIFICATES_NONE:
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
        return true;
    case CLIENT_CERTIFICATES_ANY:
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
        return true;
    case CLIENT_CERTIFICATES_VERIFIED:
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        break;
    case CLIENT_CERTIFICATES_REQUIRED:
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        break;
    }
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(options->tls_client_ca);
    if (!names || SSL_CTX_load_verify_locations(context, options->tls_client_ca, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        log_error("tls-client-ca %s: %s", options->tls_client_ca, tls_context_fault());
        return false;
    }
    SSL_CTX_set_client_CA_list(context, names);
    return true;
}

/* A session that was begun under other certificates is not resumed: its name is made of theirs. */
static bool name_sessions(SSL_CTX *context, const struct mcpp_server *server)
{
    unsigned char name[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509 *own = SSL_CTX_get0_certificate(context);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char *text = NULL;
    int length = i2d_X509(own, &text);
    bool done = digest && length > 0 && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(digest, text, (size_t)length) == 1;
    OPENSSL_free(text);
    const STACK_OF(X509_OBJECT) *store = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
    for (int i = 0; done && i < sk_X509_OBJECT_num(store); i++) {
        const X509 *trusted = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(store, i));
        text = NULL;
        length = trusted ? i2d_X509(trusted, &text) : 0;
        done = length <= 0 || EVP_DigestUpdate(digest, text, (size_t)length) == 1;
        OPENSSL_free(text);
    }
    done = done && EVP_DigestFinal_ex(digest, name, &size) == 1 &&
           SSL_CTX_set_session_id_context(context, name, size) == 1;
    EVP_MD_CTX_free(digest);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* tickets only: no state here */
    SSL_CTX_set_timeout(context, SESSION_S);
    /* all workers take each other's tickets */
    return done && SSL_CTX_set_tlsext_ticket_keys(context, (void *)(uintptr_t)server->ticket_key,
                                                  sizeof server->ticket_key) == 1;
}

/* Forward secrecy and authenticated encryption only (RFC 9325). */
static bool set_rules(SSL_CTX *context)
{
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    tls_context_refuse_pass_phrases(context);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") == 1 &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
}

static SSL_CTX *load(const struct mcpp_server *server)
{
    const struct options *options = &server->options;
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context || !set_rules(context)) {
        log_error("TLS cannot be set up: %s", tls_context_fault());
    } else if (SSL_CTX_use_certificate_chain_file(context, options->tls_cert) != 1) {
        log_error("tls-cert %s: %s", options->tls_cert, tls_context_fault());
    } else if (SSL_CTX_use_PrivateKey_file(context, options->tls_key, SSL_FILETYPE_PEM) != 1 ||
               SSL_CTX_check_private_key(context) != 1) {
        log_error("tls-key %s: %s", options->tls_key, tls_context_fault());
    } else if (ask_for_certificates(context, options)) {
        if (name_sessions(context, server))
            return context;
        log_error("TLS cannot be set up: %s", tls_context_fault());
    }
    SSL_CTX_free(context);
    return NULL;
}

struct tls *tls_open(const struct mcpp_server *server)
{
    struct tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        log_error("out of memory at start");
        return NULL;
    }
    tls->context = load(server);
    if (tls->context)
        return tls;
    free(tls);
    return NULL;
}

void tls_close(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

bool tls_reload(struct tls *tls, const struct mcpp_server *server)
{
    SSL_CTX *context = load(server);
    if (!context)
        return false;
    SSL_CTX_free(tls->context); /* connections hold their own reference */
    tls->context = context;
    return true;
}

struct bufferevent *tls_accept(struct tls *tls, struct event_base *loop, int fd)
{
    SSL *ssl = SSL_new(tls->context);
    /* libevent would go on without memory for it, and lose the socket */
    if (!ssl || SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        ERR_clear_error();
        return NULL;
    }
    /* frees `ssl` when it fails */
    struct bufferevent *stream = bufferevent_openssl_socket_new(
        loop, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (!stream)
        return NULL;
    /* a peer that just closes ends the connection as on plain TCP; HTTP/1.1 knows where a message
     * ends by itself */
    bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
    return stream;
}

bool tls_certificate(struct bufferevent *stream, uint8_t out[static TLS_CERTIFICATE_SIZE])
{
    X509 *certificate = SSL_get0_peer_certificate(bufferevent_openssl_get_ssl(stream));
    unsigned size = 0;
    return certificate && X509_digest(certificate, EVP_sha256(), out, &size) == 1 &&
           size == TLS_CERTIFICATE_SIZE;
}

void tls_shut(struct bufferevent *stream)
{
    SSL_shutdown(bufferevent_openssl_get_ssl(stream));
    ERR_clear_error();
}

const char *tls_fault(struct bufferevent *stream)
{
    unsigned long error = bufferevent_get_openssl_error(stream);
    const char *text = error ? ERR_reason_error_string(error) : NULL;
    return text ? text : "the client went away";
}
