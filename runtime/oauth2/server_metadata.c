/*
 * Reading metadata of authorization servers. Each URL is judged by itself: a server of the net must
 * not send us to this machine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/server_metadata.h"

#include <stdlib.h>

#include "runtime/identity/json_text.h"
#include "runtime/identity/metadata.h"

static const struct json_bounds bounds = {.depth = 16, .nodes = 16384};

/* On the heap; NULL when it is absent, has a NUL or memory runs out. */
static char *copy_member(const struct json_text *json, const char *name)
{
    uint32_t node = json_text_member_of(json, 0, name, JSON_STRING);
    return node ? json_text_copy(json, node) : NULL;
}

/* The strings of an array, with spaces between; NULL when it is absent or memory runs out. */
static char *copy_list(const struct json_text *json, const char *name)
{
    uint32_t list = json_text_member_of(json, 0, name, JSON_ARRAY), at = list + 1;
    const struct json_node *node = &json->tape.nodes[list];
    char *out = list ? calloc(1, node->end - node->start + 1) : NULL, *end = out;
    for (uint32_t i = 0; out && i < node->count; i++) {
        if (json_text_has_kind(json, at, JSON_STRING)) {
            struct slice raw = json_text_raw(json, at);
            if (end != out)
                *end++ = ' ';
            memcpy(end, raw.at, raw.len);
            end += raw.len;
        }
        at = json->tape.nodes[at].next;
    }
    return out;
}

/* Whether metadata of this issuer is to be found at the URL (RFC 8414, section 3.3). */
static bool is_at_home(const char *issuer, const char *url)
{
    bool is_home = false, is_url = !metadata_url_fault(issuer);
    for (unsigned place = 0; is_url && place < METADATA_PLACES && !is_home; place++) {
        char *home = metadata_url(issuer, place);
        is_home = home && strcmp(home, url) == 0;
        free(home);
    }
    return is_home;
}

static const char *judge_url(const char *url, bool may_be_local)
{
    if (!url)
        return NULL;
    if (metadata_url_fault(url))
        return "its metadata names a URL that is not https";
    return metadata_is_local(url) && !may_be_local ? "its metadata points at this machine" : NULL;
}

static const char *judge(const struct server_metadata *found, const char *issuer, const char *url)
{
    if (!found->issuer)
        return "its metadata names no issuer";
    if (issuer[0] ? strcmp(issuer, found->issuer) != 0 : !is_at_home(found->issuer, url))
        return "its metadata is of another issuer";
    bool may_be_local = metadata_is_local(found->issuer);
    const char *fault = judge_url(found->token_url, may_be_local);
    if (!fault)
        fault = judge_url(found->authorization_url, may_be_local);
    return fault ? fault : judge_url(found->device_url, may_be_local);
}

static bool is_true(const struct json_text *json, const char *name)
{
    return json_text_member_of(json, 0, name, JSON_TRUE) != 0;
}

const char *server_metadata_read(struct slice text, const char *issuer, const char *url,
                                 struct server_metadata *out)
{
    struct json_text json = {0};
    const char *fault = "its metadata is no JSON object";
    *out = (struct server_metadata){0};
    if (json_text_scan(&json, text.at, text.len, bounds)) {
        *out = (struct server_metadata){
            .issuer = copy_member(&json, "issuer"),
            .authorization_url = copy_member(&json, "authorization_endpoint"),
            .token_url = copy_member(&json, "token_endpoint"),
            .device_url = copy_member(&json, "device_authorization_endpoint"),
            .algorithms = copy_list(&json, "token_endpoint_auth_signing_alg_values_supported"),
            .sends_issuer = is_true(&json, "authorization_response_iss_parameter_supported"),
        };
        fault = judge(out, issuer, url);
    }
    json_text_close(&json);
    if (fault)
        server_metadata_close(out);
    return fault;
}

void server_metadata_close(struct server_metadata *metadata)
{
    free(metadata->issuer);
    free(metadata->authorization_url);
    free(metadata->token_url);
    free(metadata->device_url);
    free(metadata->algorithms);
    *metadata = (struct server_metadata){0};
}
