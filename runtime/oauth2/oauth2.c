/*
 * Clients and their servers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/oauth2.h"

#include <pthread.h>
#include <stdlib.h>

#include "runtime/oauth2/consent.h"
#include "runtime/oauth2/server_metadata.h"
#include "runtime/oauth2/token_store.h"
#include "runtime/oauth2/token_table.h"
#include "runtime/observe/log.h"

struct oauth2 {
    const struct mcpp_policy *policy;
    struct oauth2_client *clients; /* one for each credential; zero for those of other kinds */
    pthread_mutex_t lock;          /* of `found` */
    struct server_metadata *found; /* likewise; filled once and kept, so that texts stay */
    struct token_table *table;
    struct token_store *store;
    struct consents *consents;
};

/* ---- life ---- */

static bool open_clients(struct oauth2 *oauth2)
{
    bool is_good = true;
    for (uint32_t i = 0; i < oauth2->policy->credential_count; i++) {
        const struct mcpp_credential *credential = &oauth2->policy->credentials[i];
        if (credential->kind == MCPP_SEND_OAUTH2)
            is_good = client_open(credential, &oauth2->clients[i]) && is_good;
    }
    return is_good;
}

struct oauth2 *oauth2_open(const struct mcpp_policy *policy, const struct options *options)
{
    struct oauth2 *oauth2 = calloc(1, sizeof *oauth2);
    if (!oauth2) {
        log_error("out of memory at start");
        return NULL;
    }
    size_t count = policy->credential_count ? policy->credential_count : 1;
    pthread_mutex_init(&oauth2->lock, NULL);
    oauth2->policy = policy;
    oauth2->clients = calloc(count, sizeof *oauth2->clients);
    oauth2->found = calloc(count, sizeof *oauth2->found);
    oauth2->table = token_table_open();
    oauth2->store = token_store_open(policy->name, options->state_dir);
    oauth2->consents = consents_open();
    if (!oauth2->clients || !oauth2->found || !oauth2->table || !oauth2->store ||
        !oauth2->consents) {
        log_error("out of memory at start");
    } else if (open_clients(oauth2)) {
        return oauth2;
    }
    oauth2_close(oauth2);
    return NULL;
}

void oauth2_close(struct oauth2 *oauth2)
{
    if (!oauth2)
        return;
    for (uint32_t i = 0; i < oauth2->policy->credential_count; i++) {
        if (oauth2->clients)
            client_close(&oauth2->clients[i]);
        if (oauth2->found)
            server_metadata_close(&oauth2->found[i]);
    }
    free(oauth2->clients);
    free(oauth2->found);
    token_table_close(oauth2->table);
    token_store_close(oauth2->store);
    consents_close(oauth2->consents);
    pthread_mutex_destroy(&oauth2->lock);
    free(oauth2);
}

/* ---- parts ---- */

const struct oauth2_client *oauth2_client_of(const struct oauth2 *oauth2, uint32_t credential)
{
    return credential < oauth2->policy->credential_count && oauth2->clients[credential].policy
               ? &oauth2->clients[credential]
               : NULL;
}

uint32_t oauth2_named(const struct oauth2 *oauth2, const char *label)
{
    for (uint32_t i = 0; i < oauth2->policy->credential_count; i++) {
        const struct oauth2_client *client = oauth2_client_of(oauth2, i);
        if (client && strcmp(client->label, label) == 0)
            return i;
    }
    return OAUTH2_NONE;
}

struct token_table *oauth2_table(const struct oauth2 *oauth2)
{
    return oauth2->table;
}

struct token_store *oauth2_store(const struct oauth2 *oauth2)
{
    return oauth2->store;
}

struct consents *oauth2_consents(const struct oauth2 *oauth2)
{
    return oauth2->consents;
}

/* ---- URLs ---- */

static const char *first_of(const char *said, const char *found)
{
    return said[0] ? said : found ? found : "";
}

/* Whether the policy leaves out a URL that the flow needs, so that the metadata must say it. */
static bool lacks_url(const struct mcpp_oauth2 *policy)
{
    switch (policy->flow) {
    case MCPP_FLOW_AUTHORIZATION_CODE:
        return !policy->authorization_url[0] || !policy->token_url[0];
    case MCPP_FLOW_IMPLICIT:
        return !policy->authorization_url[0];
    case MCPP_FLOW_DEVICE:
        return !policy->device_url[0] || !policy->token_url[0];
    case MCPP_FLOW_CLIENT_CREDENTIALS:
    case MCPP_FLOW_PASSWORD:
    case MCPP_FLOW_EXCHANGE:
    case MCPP_FLOW_JWT_BEARER:
        break;
    }
    return !policy->token_url[0];
}

bool oauth2_urls_of(struct oauth2 *oauth2, uint32_t credential, struct oauth2_urls *out)
{
    const struct mcpp_oauth2 *policy = oauth2->clients[credential].policy;
    pthread_mutex_lock(&oauth2->lock);
    struct server_metadata found = oauth2->found[credential];
    pthread_mutex_unlock(&oauth2->lock);
    *out = (struct oauth2_urls){
        .issuer = first_of(policy->issuer, found.issuer),
        .authorization_url = first_of(policy->authorization_url, found.authorization_url),
        .token_url = first_of(policy->token_url, found.token_url),
        .device_url = first_of(policy->device_url, found.device_url),
        .algorithms = found.algorithms,
        .sends_issuer = found.sends_issuer,
    };
    return found.issuer || !lacks_url(policy);
}

void oauth2_keep_metadata(struct oauth2 *oauth2, uint32_t credential,
                          struct server_metadata *metadata)
{
    pthread_mutex_lock(&oauth2->lock);
    if (!oauth2->found[credential].issuer) {
        oauth2->found[credential] = *metadata;
        *metadata = (struct server_metadata){0};
    }
    pthread_mutex_unlock(&oauth2->lock);
    server_metadata_close(metadata);
}
