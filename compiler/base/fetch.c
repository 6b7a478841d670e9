/*
 * Fetching: one transfer a redirect, so that each is looked at before it is followed. Every
 * transfer has a handle and a connection of its own, so that the guard sees each address.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/fetch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compiler/base/address.h"
#include "compiler/base/curl.h"
#include "compiler/base/list.h"
#include "compiler/base/url.h"

enum { CONNECT_TIMEOUT_MS = 10 * 1000 };

/* A text that came, and the network that it came from. */
struct fetched {
    const struct source *source;
    enum address_kind network;
};

struct fetcher {
    struct arena *arena;
    int64_t timeout_ms;
    LIST(struct fetched) texts;
    size_t total; /* bytes */
};

/* One URL that is asked for. */
struct transfer {
    struct fetcher *fetcher;
    struct str url;
    struct str from;           /* the URL of what names it; empty: a person or a file does */
    enum address_kind network; /* that `from` came from, then that this comes from */
    bool is_guarded;           /* addresses are looked at */
    int64_t deadline_ms;
    char *bytes;
    size_t size, capacity;
    long status;
    struct str redirect;
    const char *error;
};

struct fetcher *fetcher_new(struct arena *arena, uint32_t timeout_s)
{
    struct fetcher *fetcher = arena_new(arena, struct fetcher);
    *fetcher = (struct fetcher){.arena = arena, .timeout_ms = (int64_t)timeout_s * 1000};
    return fetcher;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the guard ---- */

static bool may_go(const struct transfer *transfer, enum address_kind kind)
{
    return !transfer->is_guarded || kind == ADDRESS_PUBLIC || kind == transfer->network;
}

/* libcurl asks before each connection, with the address that the name was looked up to. */
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = data;
    enum address_kind kind = address_kind(&address->addr);
    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    if (!may_go(transfer, kind)) {
        transfer->error =
            str_format(transfer->fetcher->arena,
                       "it has %s, and what names it comes from elsewhere", address_kind_name(kind))
                .at;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool has_proxy(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return true;
    }
    return false;
}

/* Behind a proxy the address of the other side is not to be seen. So what another host is asked for
 * under guard goes there directly, and what came through a proxy counts as public. */
static void set_guard(struct transfer *transfer, const struct curl *curl, CURL *handle)
{
    bool is_same = transfer->from.len && url_same_origin(transfer->from, transfer->url);
    transfer->is_guarded = transfer->from.len && !(is_same && has_proxy());
    if (transfer->is_guarded)
        curl->easy_setopt(handle, CURLOPT_PROXY, "");
    curl->easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl->easy_setopt(handle, CURLOPT_OPENSOCKETDATA, transfer);
}

/* ---- one transfer ---- */

static size_t take_bytes(char *bytes, size_t size, size_t count, void *data)
{
    struct transfer *transfer = data;
    size_t more = size * count;
    if (transfer->size + more > FETCH_SIZE_MAX) {
        transfer->error = "it is larger than 64 MiB";
        return 0;
    }
    if (transfer->size + more > transfer->capacity) {
        transfer->capacity = 2 * (transfer->size + more);
        char *bigger = realloc(transfer->bytes, transfer->capacity);
        if (!bigger)
            arena_exhausted();
        transfer->bytes = bigger;
    }
    memcpy(transfer->bytes + transfer->size, bytes, more);
    transfer->size += more;
    return more;
}

/* The variables that curl and OpenSSL know: who trusts another authority said so there already. */
static void set_trust(const struct curl *curl, CURL *handle)
{
    const char *file = getenv("CURL_CA_BUNDLE"), *folder = getenv("SSL_CERT_DIR");
    if (!file || !*file)
        file = getenv("SSL_CERT_FILE");
    if (file && *file)
        curl->easy_setopt(handle, CURLOPT_CAINFO, file);
    if (folder && *folder)
        curl->easy_setopt(handle, CURLOPT_CAPATH, folder);
    curl->easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl->easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
}

static void set_options(struct transfer *transfer, const struct curl *curl, CURL *handle)
{
    int64_t left = transfer->deadline_ms - now_ms();
    curl->easy_setopt(handle, CURLOPT_URL, str_text(transfer->fetcher->arena, transfer->url));
    curl->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1));
    curl->easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl->easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)FETCH_SIZE_MAX);
    curl->easy_setopt(handle, CURLOPT_USERAGENT, "mcpc/" MCPP_VERSION);
    curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
    curl->easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
    set_trust(curl, handle);
    set_guard(transfer, curl, handle);
}

static const char *explain(const struct curl *curl, CURLcode code, const char *words)
{
    if (code == CURLE_OPERATION_TIMEDOUT)
        return "no whole answer came in time";
    if (code == CURLE_FILESIZE_EXCEEDED)
        return "it is larger than 64 MiB";
    return *words ? words : curl->easy_strerror(code);
}

/* Where the answer came from and what it says, in its head. */
static void read_head(struct transfer *transfer, const struct curl *curl, CURL *handle)
{
    const char *address = NULL, *redirect = NULL;
    curl->easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &transfer->status);
    curl->easy_getinfo(handle, CURLINFO_PRIMARY_IP, &address);
    curl->easy_getinfo(handle, CURLINFO_REDIRECT_URL, &redirect);
    transfer->network = ADDRESS_PUBLIC;
    if (address && *address && (transfer->is_guarded || !has_proxy()))
        transfer->network = address_kind_of_text(address);
    struct str target = str_of(redirect ? redirect : "");
    target.len = str_find(target, '#');
    transfer->redirect = str_copy(transfer->fetcher->arena, target);
}

static void run(struct transfer *transfer, const struct curl *curl, CURL *handle)
{
    char words[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = curl->slist_append(
        NULL, "Accept: application/json, application/yaml;q=0.9, text/yaml;q=0.9, */*;q=0.5");
    if (!headers)
        arena_exhausted();
    set_options(transfer, curl, handle);
    curl->easy_setopt(handle, CURLOPT_ERRORBUFFER, words);
    curl->easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl->easy_perform(handle);
    if (code == CURLE_OK) {
        transfer->error = NULL; /* of another address of the same host */
        read_head(transfer, curl, handle);
    } else if (!transfer->error)
        transfer->error = str_copy(transfer->fetcher->arena, str_of(explain(curl, code, words))).at;
    curl->slist_free_all(headers);
}

static bool transfer_run(struct transfer *transfer)
{
    const struct curl *curl = curl_load();
    CURL *handle = curl ? curl->easy_init() : NULL;
    transfer->error = curl ? NULL : "libcurl.so.4 cannot be loaded";
    if (curl && !handle)
        arena_exhausted();
    if (handle) {
        run(transfer, curl, handle);
        curl->easy_cleanup(handle);
    }
    return !transfer->error;
}

/* ---- redirects ---- */

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static const char *redirect_problem(const struct transfer *transfer)
{
    struct str target = transfer->redirect;
    if (target.len == 0)
        return "a redirect leads nowhere";
    if (!url_is_http(target))
        return "a redirect leads to something that is no http or https URL";
    if (url_is_https(transfer->url) && !url_is_https(target))
        return "a redirect leads from https to http";
    return url_problem(target) ? "a redirect leads to a URL that is not to be used" : NULL;
}

/* Goes on to where the answer says; its bytes are no document. */
static bool follow(struct transfer *transfer)
{
    transfer->error = redirect_problem(transfer);
    if (transfer->error)
        return false;
    transfer->from = transfer->url;
    transfer->url = transfer->redirect;
    transfer->redirect = (struct str){0};
    transfer->size = 0;
    return true;
}

/* ---- texts ---- */

static const char *answer_problem(const struct transfer *transfer)
{
    struct arena *arena = transfer->fetcher->arena;
    if (transfer->status != 200)
        return str_format(arena, "the server answers with status %ld", transfer->status).at;
    struct str text = {transfer->bytes, transfer->size};
    if (str_starts(text, "\xef\xbb\xbf"))
        text = str_from(text, 3);
    while (text.len && text.at[0] && strchr(" \t\r\n", text.at[0]))
        text = str_from(text, 1);
    if (str_starts(text, "<"))
        return "the answer is a web page, not a document";
    if (transfer->fetcher->total + transfer->size > FETCH_TOTAL_MAX)
        return "with it, more than 256 MiB would be fetched";
    return NULL;
}

static void run_all(struct transfer *transfer)
{
    unsigned redirects = 0;
    while (transfer_run(transfer) && is_redirect(transfer->status)) {
        if (redirects++ == FETCH_REDIRECT_MAX) {
            transfer->error = "there are more than 5 redirects";
            return;
        }
        if (!follow(transfer))
            return;
    }
    if (!transfer->error)
        transfer->error = answer_problem(transfer);
}

static struct source *keep(struct transfer *transfer, struct str url)
{
    struct fetcher *fetcher = transfer->fetcher;
    struct str text = str_copy(fetcher->arena, (struct str){transfer->bytes, transfer->size});
    struct source *source = source_of(fetcher->arena, str_copy(fetcher->arena, url), text);
    source->url = transfer->url;
    *list_add(fetcher->arena, &fetcher->texts) = (struct fetched){source, transfer->network};
    fetcher->total += transfer->size;
    return source;
}

static enum address_kind network_of(const struct fetcher *fetcher, const struct source *source)
{
    for (size_t i = 0; i < fetcher->texts.count; i++)
        if (fetcher->texts.at[i].source == source)
            return fetcher->texts.at[i].network;
    return ADDRESS_PUBLIC;
}

struct source *fetcher_read(struct fetcher *fetcher, struct str url, const struct source *from,
                            const char **error)
{
    const char *problem = url_problem(url);
    if (problem || fetcher->texts.count == FETCH_COUNT_MAX) {
        *error = problem ? str_format(fetcher->arena, "the URL %s", problem).at
                         : "1000 documents were fetched already";
        return NULL;
    }
    struct transfer transfer = {.fetcher = fetcher,
                                .url = str_copy(fetcher->arena, url),
                                .from = from ? from->url : (struct str){0},
                                .network = from ? network_of(fetcher, from) : ADDRESS_PUBLIC,
                                .deadline_ms = now_ms() + fetcher->timeout_ms};
    run_all(&transfer);
    *error = transfer.error;
    struct source *source = transfer.error ? NULL : keep(&transfer, url);
    free(transfer.bytes);
    return source;
}
