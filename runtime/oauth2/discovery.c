/*
 * Fetching metadata.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/discovery.h"

#include <stdlib.h>

#include "runtime/identity/metadata.h"
#include "runtime/oauth2/server_metadata.h"
#include "runtime/observe/log.h"

enum { METADATA_BYTES_MAX = 256 * 1024, METADATA_MS = 10000 };

static const struct mcpp_oauth2 *policy_of(const struct discovery *discovery)
{
    return oauth2_client_of(discovery->own->oauth2, discovery->credential)->policy;
}

/* ---- the end ---- */

static void forget_request(struct discovery *discovery)
{
    free(discovery->url);
    discovery->url = NULL;
}

static void finish(struct discovery *discovery, const char *fault)
{
    forget_request(discovery);
    if (fault)
        log_warning("authorization server of %s: %s",
                    oauth2_client_of(discovery->own->oauth2, discovery->credential)->label, fault);
    while (discovery->waits) {
        struct discovery_wait *wait = discovery->waits;
        discovery_cancel(wait);
        wait->done(wait->context, fault);
    }
}

static void take(struct discovery *discovery, const struct upstream_response *response)
{
    struct server_metadata found;
    const char *fault =
        server_metadata_read(response->body, policy_of(discovery)->issuer, discovery->url, &found);
    if (!fault)
        oauth2_keep_metadata(discovery->own->oauth2, discovery->credential, &found);
    finish(discovery, fault);
}

/* ---- asking ---- */

static bool ask(struct discovery *discovery);

static void on_answer(void *context, const struct upstream_response *response)
{
    struct discovery *discovery = context;
    bool is_answered = response->outcome == UPSTREAM_ANSWERED;
    bool has_more = !policy_of(discovery)->metadata[0] && discovery->place + 1 < METADATA_PLACES;
    discovery->call = NULL;
    if (is_answered && response->status == 200) {
        take(discovery, response);
    } else if (is_answered && has_more) {
        discovery->place++;
        forget_request(discovery);
        if (!ask(discovery))
            finish(discovery, "out of memory");
    } else {
        finish(discovery, is_answered ? "its metadata is not where it should be"
                                      : "its metadata cannot be fetched");
    }
}

static bool ask(struct discovery *discovery)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    const struct mcpp_oauth2 *policy = policy_of(discovery);
    discovery->url = policy->metadata[0] ? strdup(policy->metadata)
                                         : metadata_url(policy->issuer, discovery->place);
    if (!discovery->url)
        return false;
    discovery->request = (struct upstream_request){.method = "GET",
                                                   .url = discovery->url,
                                                   .headers = headers,
                                                   .timeout_ms = METADATA_MS,
                                                   .response_max = METADATA_BYTES_MAX};
    discovery->call =
        upstream_start(discovery->own->worker->upstream, &discovery->request, on_answer, discovery);
    if (!discovery->call)
        forget_request(discovery);
    return discovery->call != NULL;
}

/* ---- the interface ---- */

bool discovery_wait(struct oauth2_worker *own, uint32_t credential, struct discovery_wait *wait)
{
    struct discovery *discovery = &own->discoveries[credential];
    if (!discovery->call) {
        discovery->place = 0;
        if (!ask(discovery))
            return false;
    }
    wait->next = discovery->waits;
    wait->link = &discovery->waits;
    if (wait->next)
        wait->next->link = &wait->next;
    discovery->waits = wait;
    return true;
}

void discovery_cancel(struct discovery_wait *wait)
{
    if (!wait->link)
        return;
    *wait->link = wait->next;
    if (wait->next)
        wait->next->link = wait->link;
    wait->link = NULL;
}

bool discovery_open_all(struct oauth2_worker *own)
{
    uint32_t count = own->worker->server->policy->credential_count;
    own->discoveries = calloc(count ? count : 1, sizeof *own->discoveries);
    for (uint32_t i = 0; own->discoveries && i < count; i++)
        own->discoveries[i] = (struct discovery){.own = own, .credential = i};
    return own->discoveries != NULL;
}

void discovery_close_all(struct oauth2_worker *own)
{
    uint32_t count = own->worker->server->policy->credential_count;
    for (uint32_t i = 0; own->discoveries && i < count; i++) {
        if (own->discoveries[i].call)
            upstream_cancel(own->discoveries[i].call);
        forget_request(&own->discoveries[i]);
    }
    free(own->discoveries);
    own->discoveries = NULL;
}
