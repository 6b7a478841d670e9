/*
 * Options of a transfer, and its callbacks. What libcurl holds may be secret: it gets its memory
 * from reserve.h, which wipes it, and a handle that would hold on to it is not used again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/upstream/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/upstream/peer.h"

/* ---- the answer ---- */

/* What counts of a buffer against the budget of all requests: the small ones are always there. */
static size_t charge_of(size_t capacity)
{
    return capacity > TRANSFER_BUFFER_KEPT ? capacity : 0;
}

static bool reserve(struct transfer *transfer, size_t size)
{
    size_t capacity = transfer->capacity ? transfer->capacity : 4096;
    while (capacity < size)
        capacity *= 2;
    if (capacity == transfer->capacity)
        return true;
    size_t more = charge_of(capacity) - charge_of(transfer->capacity);
    if (!budget_take(transfer->budget, more))
        return false;
    char *body = realloc(transfer->body, capacity);
    if (!body) {
        budget_give(transfer->budget, more);
        return false;
    }
    transfer->body = body;
    transfer->capacity = capacity;
    return true;
}

/* A compressed answer's length says nothing about what it becomes. */
static uint64_t total_of(const struct transfer *transfer)
{
    curl_off_t total = -1;
    if (transfer->content_encoding.len ||
        curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total) != CURLE_OK)
        return 0;
    return total > 0 ? (uint64_t)total : 0;
}

void transfer_watch(struct transfer *transfer, upstream_progress *progress, void *context)
{
    transfer->progress = progress;
    transfer->context = context;
}

/* Gets decoded bytes: the limit counts what a compressed answer becomes. */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t len = size * count;
    transfer->is_too_large = len > transfer->max - transfer->len;
    transfer->has_no_memory =
        !transfer->is_too_large && !reserve(transfer, transfer->len + len + 1);
    if (transfer->is_too_large || transfer->has_no_memory)
        return 0; /* ends the transfer with CURLE_WRITE_ERROR */
    memcpy(transfer->body + transfer->len, bytes, len);
    transfer->len += len;
    if (transfer->progress)
        transfer->progress(transfer->context, transfer->len, total_of(transfer));
    return len;
}

static void keep_header(struct slice line, const char *name, struct transfer_header *out)
{
    size_t start = strlen(name);
    if (line.len <= start || strncasecmp(line.at, name, start) != 0 || line.at[start] != ':')
        return;
    struct slice value = {line.at + start + 1, line.len - start - 1};
    while (value.len && (*value.at == ' ' || *value.at == '\t')) {
        value.at++;
        value.len--;
    }
    while (value.len && strchr(" \t\r\n", value.at[value.len - 1]))
        value.len--;
    if (value.len > sizeof out->at)
        return;
    if (value.len)
        memcpy(out->at, value.at, value.len);
    out->len = value.len;
}

static void clear_headers(struct transfer *transfer)
{
    transfer->content_type.len = 0;
    transfer->cache_control.len = 0;
    transfer->retry_after.len = 0;
    transfer->location.len = 0;
    transfer->content_encoding.len = 0;
}

/* Interim answers (1xx) come through here too; each status line begins anew. */
static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct slice line = {bytes, size * count};
    transfer->header_bytes += line.len;
    if (transfer->header_bytes > TRANSFER_HEADERS_MAX) {
        transfer->has_too_many_headers = true;
        return 0;
    }
    if (line.len > 5 && memcmp(line.at, "HTTP/", 5) == 0)
        clear_headers(transfer);
    keep_header(line, "content-type", &transfer->content_type);
    keep_header(line, "cache-control", &transfer->cache_control);
    keep_header(line, "retry-after", &transfer->retry_after);
    keep_header(line, "location", &transfer->location);
    keep_header(line, "content-encoding", &transfer->content_encoding);
    return line.len;
}

/* UPSTREAM_PUBLIC_PEER */
static bool may_reach(struct transfer *transfer, const struct sockaddr *peer)
{
    bool is_good = !transfer->is_picky || peer_is_public(peer) ||
                   (transfer->may_be_local && peer_is_loopback(peer));
    transfer->has_bad_peer = transfer->has_bad_peer || !is_good;
    return is_good;
}

/* Called each time before the request goes out. libcurl sends it again when a kept connection turns
 * out to be closed; what is not idempotent may have been done already (RFC 9110, 9.2.2). Digest
 * authentication takes two requests, the first without content. */
static int before_sending(void *context, char *remote_ip, char *local_ip, int remote_port,
                          int local_port)
{
    struct transfer *transfer = context;
    struct sockaddr_storage peer;
    if (transfer->is_picky && /* a kept connection was opened by somebody else */
        (!peer_parse(remote_ip, &peer) || !may_reach(transfer, (struct sockaddr *)&peer)))
        return CURL_PREREQFUNC_ABORT;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    bool is_once_too_often = transfer->sends++ >= transfer->sends_max;
    return is_once_too_often && !transfer->is_idempotent ? CURL_PREREQFUNC_ABORT
                                                         : CURL_PREREQFUNC_OK;
}

/* ---- sockets ---- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    (void)purpose;
    if (!may_reach(transfer, &address->addr))
        return CURL_SOCKET_BAD;
    int file = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (file >= 0 && !watch_opened(transfer->watches, file)) {
        close(file);
        return CURL_SOCKET_BAD;
    }
    return file;
}

static int close_socket(void *context, curl_socket_t file)
{
    watch_closed(context, file);
    return close(file);
}

/* ---- options ---- */

static bool is_loopback(const char *url)
{
    const char *host = strstr(url, "://");
    if (!host)
        return false;
    host += 3;
    size_t len = strcspn(host, "/?#");
    if (strncasecmp(host, "localhost", 9) == 0)
        return host[9] == ':' || len == 9;
    if (strncmp(host, "[::1]", 5) == 0)
        return host[5] == ':' || len == 5;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.:") == len;
}

static bool append(struct transfer *transfer, const char *line)
{
    struct curl_slist *longer = curl_slist_append(transfer->headers, line);
    if (longer)
        transfer->headers = longer;
    return longer != NULL;
}

/* libcurl takes "Name:" as a wish to leave its own header out; "Name;" is an empty one. */
static bool add_header(struct transfer *transfer, const char *line)
{
    char empty[256];
    size_t name = strcspn(line, ":");
    if (line[name] && line[name + 1 + strspn(line + name + 1, " \t")] == '\0') {
        if (name + 2 > sizeof empty)
            return false;
        memcpy(empty, line, name);
        memcpy(empty + name, ";", 2);
        line = empty;
    }
    return append(transfer, line);
}

/* By itself libcurl would wait a second for "100 Continue", and make up a content type. */
static bool add_headers(struct transfer *transfer, const struct upstream_request *request)
{
    bool has_type = false;
    for (const char *const *line = request->headers; line && *line; line++) {
        has_type = has_type || strncasecmp(*line, "content-type:", 13) == 0;
        if (!add_header(transfer, *line))
            return false;
    }
    return append(transfer, "Expect:") && (has_type || append(transfer, "Content-Type:"));
}

static bool method_is(const struct upstream_request *request, const char *method)
{
    return strcmp(request->method, method) == 0;
}

bool upstream_is_idempotent(const char *method)
{
    static const char *const methods[] = {"GET",     "HEAD",  "PUT",  "DELETE",
                                          "OPTIONS", "TRACE", "QUERY"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

/* A POST, PUT or PATCH without content says so with Content-Length: 0 (RFC 9110, 8.6). */
static void set_method(CURL *easy, const struct upstream_request *request)
{
    bool wants_length =
        method_is(request, "POST") || method_is(request, "PUT") || method_is(request, "PATCH");
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L); /* whatever the last request was */
    if (request->has_body || wants_length) {
        size_t len = request->has_body ? request->body.len : 0;
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, len ? request->body.at : "");
    } else if (method_is(request, "HEAD")) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_rules(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "mcpp/" MCPP_VERSION);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    /* made, used and wiped for every transfer */
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)TRANSFER_READ_SIZE);
}

static void set_callbacks(struct transfer *transfer, struct watch_table *watches, void *private)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, watches);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, private);
}

/* A copy stays with the connection, which is used again only by requests of the same certificate.
 */
static void set_certificate(CURL *easy, const struct upstream_request *request)
{
    struct curl_blob certificate = {(void *)(uintptr_t)request->certificate.at,
                                    request->certificate.len, CURL_BLOB_COPY};
    struct curl_blob key = {(void *)(uintptr_t)request->certificate_key.at,
                            request->certificate_key.len, CURL_BLOB_COPY};
    curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate);
    curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
}

static void set_digest(CURL *easy, const char *user_and_password)
{
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
    curl_easy_setopt(easy, CURLOPT_USERPWD, user_and_password);
}

bool transfer_prepare(struct transfer *transfer, const struct upstream_request *request,
                      uint32_t timeout_ms, struct watch_table *watches, void *private)
{
    if (!transfer->easy)
        transfer->easy = curl_easy_init();
    if (!transfer->easy || !add_headers(transfer, request))
        return false;
    transfer->max = request->response_max;
    transfer->watches = watches;
    transfer->is_picky = request->peers == UPSTREAM_PUBLIC_PEER;
    transfer->may_be_local = is_loopback(request->url);
    transfer->is_idempotent = upstream_is_idempotent(request->method);
    transfer->is_secret = request->is_secret;
    transfer->keeps_secrets = request->has_secret_url || request->digest;
    transfer->sends_max = request->digest ? 2 : 1;
    if (request->is_secret && !reserve(transfer, request->response_max + 1))
        return false; /* growing would leave copies behind */
    if (!transfer->has_rules) {
        set_rules(transfer->easy);
        set_callbacks(transfer, watches, private);
        if (transfer->ca_file)
            curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, transfer->ca_file);
        transfer->has_rules = true;
    }
    curl_easy_setopt(transfer->easy, CURLOPT_PROXY, transfer->may_be_local ? "" : NULL);
    set_method(transfer->easy, request);
    if (request->certificate.len)
        set_certificate(transfer->easy, request);
    if (request->digest)
        set_digest(transfer->easy, request->digest);
    transfer->is_special = request->certificate.len || request->digest;
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(transfer->easy, CURLOPT_MAXFILESIZE_LARGE,
                     (curl_off_t)(request->response_max ? request->response_max : 1));
    return curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url) == CURLE_OK;
}

/* ---- what came of it ---- */

static const char *connection_fault(CURL *easy)
{
    long number = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
    switch (number) {
    case ECONNREFUSED:
        return "connection refused";
    case ENETUNREACH:
        return "network unreachable";
    case EHOSTUNREACH:
        return "no route to host";
    default:
        return "no connection";
    }
}

static void set_outcome(struct upstream_response *out, enum upstream_outcome outcome,
                        const char *detail)
{
    out->outcome = outcome;
    out->detail = detail;
}

static bool is_transient(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR ||
           code == CURLE_RECV_ERROR;
}

/* libcurl's own error buffer can quote the URL: only fixed texts leave here. */
static void explain(const struct transfer *transfer, CURLcode code, struct upstream_response *out)
{
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED:
        set_outcome(out, UPSTREAM_UNREACHABLE, "its URL cannot be used");
        break;
    case CURLE_UNSUPPORTED_PROTOCOL:
        if (transfer->sends)
            set_outcome(out, UPSTREAM_BROKEN, "the answer is no HTTP");
        else
            set_outcome(out, UPSTREAM_UNREACHABLE, "its URL cannot be used");
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        set_outcome(out, UPSTREAM_UNREACHABLE, "name not found");
        break;
    case CURLE_COULDNT_CONNECT:
        set_outcome(out, UPSTREAM_UNREACHABLE, connection_fault(transfer->easy));
        break;
    case CURLE_SSL_CERTPROBLEM:
        set_outcome(out, UPSTREAM_UNREACHABLE, "our client certificate or its key cannot be used");
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        set_outcome(out, UPSTREAM_UNREACHABLE, "its TLS certificate is not accepted");
        break;
    case CURLE_SSL_CONNECT_ERROR:
        set_outcome(out, UPSTREAM_UNREACHABLE, "TLS handshake failed");
        break;
    case CURLE_OPERATION_TIMEDOUT:
        set_outcome(out, UPSTREAM_TIMEOUT, "timed out");
        break;
    case CURLE_FILESIZE_EXCEEDED:
        set_outcome(out, UPSTREAM_TOO_LARGE, "answer too large");
        break;
    case CURLE_OUT_OF_MEMORY:
        set_outcome(out, UPSTREAM_NO_MEMORY, "out of memory");
        break;
    case CURLE_GOT_NOTHING:
    case CURLE_ABORTED_BY_CALLBACK: /* before_sending */
        set_outcome(out, UPSTREAM_BROKEN, "connection closed without an answer");
        break;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        set_outcome(out, UPSTREAM_BROKEN, "connection reset");
        break;
    case CURLE_PARTIAL_FILE:
        set_outcome(out, UPSTREAM_BROKEN, "the answer ended early");
        break;
    case CURLE_BAD_CONTENT_ENCODING:
        set_outcome(out, UPSTREAM_BROKEN, "the answer's content encoding is broken");
        break;
    case CURLE_WEIRD_SERVER_REPLY:
        set_outcome(out, UPSTREAM_BROKEN, "the answer is no HTTP");
        break;
    default:
        set_outcome(out, UPSTREAM_BROKEN, curl_easy_strerror(code));
    }
}

static struct slice header_slice(const struct transfer_header *header)
{
    return (struct slice){header->at, header->len};
}

void transfer_result(struct transfer *transfer, CURLcode code, struct upstream_response *out)
{
    long status = 0;
    *out = (struct upstream_response){.outcome = UPSTREAM_ANSWERED, .detail = ""};
    if (transfer->is_too_large)
        set_outcome(out, UPSTREAM_TOO_LARGE, "answer too large");
    else if (transfer->has_no_memory || !reserve(transfer, transfer->len + 1))
        set_outcome(out, UPSTREAM_NO_MEMORY, "out of memory");
    else if (code != CURLE_OK && transfer->has_bad_peer)
        set_outcome(out, UPSTREAM_UNREACHABLE, "its address is not public");
    else if (transfer->has_too_many_headers)
        set_outcome(out, UPSTREAM_BROKEN, "too many headers");
    else if (code != CURLE_OK)
        explain(transfer, code, out);
    out->is_transient = out->outcome != UPSTREAM_ANSWERED && is_transient(code);
    if (out->outcome != UPSTREAM_ANSWERED)
        return;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->body[transfer->len] = '\0';
    out->status = (unsigned)status;
    out->body = (struct slice){transfer->body, transfer->len};
    out->content_type = header_slice(&transfer->content_type);
    out->cache_control = header_slice(&transfer->cache_control);
    out->retry_after = header_slice(&transfer->retry_after);
    out->location = header_slice(&transfer->location);
}

/* The options that every request sets anew may stay, as may those that all share: a reset and
 * setting them again would cost more than scanning the answer. */
static void clear_handle(struct transfer *transfer)
{
    if (transfer->keeps_secrets) { /* a reset keeps the parts of the URL */
        curl_easy_cleanup(transfer->easy);
        transfer->easy = NULL;
        transfer->has_rules = false;
    } else if (transfer->is_special) {
        curl_easy_reset(transfer->easy);
        transfer->has_rules = false;
    } else { /* these borrow from the request */
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
        curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, NULL);
    }
}

void transfer_clear(struct transfer *transfer)
{
    if (transfer->easy)
        clear_handle(transfer);
    curl_slist_free_all(transfer->headers);
    if (transfer->is_secret && transfer->body)
        explicit_bzero(transfer->body, transfer->capacity);
    if (transfer->capacity > TRANSFER_BUFFER_KEPT) {
        budget_give(transfer->budget, charge_of(transfer->capacity));
        free(transfer->body);
        transfer->body = NULL;
        transfer->capacity = 0;
    }
    transfer->headers = NULL;
    transfer->len = 0;
    transfer->header_bytes = 0;
    transfer->is_too_large = transfer->has_no_memory = transfer->has_too_many_headers = false;
    transfer->has_bad_peer = false;
    transfer->sends = 0;
    transfer->progress = NULL;
    clear_headers(transfer);
}

void transfer_close(struct transfer *transfer)
{
    transfer_clear(transfer);
    if (transfer->easy)
        curl_easy_cleanup(transfer->easy);
    free(transfer->body);
    transfer->easy = NULL;
    transfer->body = NULL;
    transfer->capacity = 0;
}
