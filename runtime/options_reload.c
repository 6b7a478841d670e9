/*
 * Comparing options that were read again with those that run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/options_reload.h"

#include <string.h>

#include "runtime/observe/log.h"
#include "runtime/options_table.h"

/* What is read from worker->server in each event. Everything else was taken over by some part when
 * it was opened. */
static bool is_live(const char *name)
{
    static const char *const names[] = {
        "public-url",
        "allow-origin",
        "log-level",
        "tls-cert",
        "tls-key",
        "tls-client-ca",
        "limit-head-bytes",
        "limit-body-bytes",
        "client-certificates",
        "limit-json-depth",
        "limit-json-nodes",
        "limit-connections",
        "limit-backend-bytes",
        "limit-idle-ms",
        "limit-read-ms",
        "limit-write-ms",
        "metrics",
        "compress",
        "trusted-proxy",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Plain HTTP does not become HTTPS, nor the reverse: whoever is connected would not know. */
static void keep_scheme(const struct options *running, struct options *fresh)
{
    if (!running->tls_cert == !fresh->tls_cert)
        return;
    log_warning("tls-cert: whether there is TLS changes at the next start");
    fresh->tls_cert = running->tls_cert;
    fresh->tls_key = running->tls_key;
    fresh->tls_client_ca = running->tls_client_ca;
    fresh->client_certificates = running->client_certificates;
}

void options_keep(const struct options *running, struct options *fresh)
{
    size_t count;
    const struct option_entry *entries = option_entries(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_live(entries[i].name) || option_equal(&entries[i], running, fresh))
            continue;
        log_warning("%s: the other value is taken at the next start", entries[i].name);
        option_copy(&entries[i], running, fresh);
    }
    keep_scheme(running, fresh);
}
