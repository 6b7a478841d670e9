/*
 * Printing credentials.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/credential_list.h"

#include <mcpp/policy.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/memory/locked.h"
#include "runtime/oauth2/client.h"
#include "runtime/oauth2/token_store.h"

struct printing {
    FILE *out;
    bool is_complete;
};

static bool is_there(const struct mcpp_secret *secret)
{
    if (secret->kind == MCPP_SECRET_FILE)
        return access(secret->name, R_OK) == 0;
    const char *value = getenv(secret->name);
    return value && value[0];
}

static void print_secret(void *context, const struct mcpp_secret *secret, const char *role,
                         bool is_optional)
{
    struct printing *printing = context;
    bool is_present = is_there(secret);
    printing->is_complete = printing->is_complete && (is_present || is_optional);
    fprintf(printing->out, "    %-11s  %s %s (%s%s)\n", is_present ? "present" : "missing",
            secret->kind == MCPP_SECRET_ENV ? "env" : "file", secret->name, role,
            is_optional ? ", optional" : "");
}

static const char *kind_of(const struct mcpp_credential *credential)
{
    static const char *const kinds[] = {
        [MCPP_SEND_BEARER] = "bearer token",   [MCPP_SEND_BASIC] = "basic authentication",
        [MCPP_SEND_DIGEST] = "digest",         [MCPP_SEND_HEADER] = "header",
        [MCPP_SEND_QUERY] = "query parameter", [MCPP_SEND_COOKIE] = "cookie",
        [MCPP_SEND_OAUTH2] = "OAuth 2.0",      [MCPP_SEND_CERTIFICATE] = "client certificate",
        [MCPP_SEND_CLAIM] = "claim in header", [MCPP_SEND_CALLER] = "the caller's token"};
    return kinds[credential->kind];
}

static const char *flow_of(const struct mcpp_oauth2 *oauth2)
{
    static const char *const flows[] = {[MCPP_FLOW_CLIENT_CREDENTIALS] = ", client credentials",
                                        [MCPP_FLOW_PASSWORD] = ", password",
                                        [MCPP_FLOW_AUTHORIZATION_CODE] = ", authorization code",
                                        [MCPP_FLOW_IMPLICIT] = ", implicit",
                                        [MCPP_FLOW_DEVICE] = ", device",
                                        [MCPP_FLOW_EXCHANGE] = ", exchange of the caller's token",
                                        [MCPP_FLOW_JWT_BEARER] = ", JWT bearer"};
    return flows[oauth2->flow];
}

static bool asks_a_person(const struct mcpp_credential *credential)
{
    enum mcpp_flow flow = credential->oauth2 ? credential->oauth2->flow : MCPP_FLOW_EXCHANGE;
    return flow == MCPP_FLOW_AUTHORIZATION_CODE || flow == MCPP_FLOW_IMPLICIT ||
           flow == MCPP_FLOW_DEVICE;
}

/* Whether somebody has logged in on this machine; tokens of single callers are not counted. */
static void print_login(struct printing *printing, const struct mcpp_credential *credential,
                        struct token_store *store)
{
    struct locked id = {0};
    const char *reason;
    struct stored_token stored = {0};
    if (secret_read(&credential->oauth2->client_id, &id, &reason) == SECRET_READ) {
        struct stored_key key = {
            slice_of(credential->label), locked_slice(&id), {NULL, 0}, {NULL, 0}};
        bool has_token = token_store_find(store, &key, &stored);
        fprintf(printing->out, "    %-11s  %s\n", has_token ? "present" : "missing",
                has_token ? "a token from `login`" : "a token: run `login` with the name above");
    }
    stored_token_close(&stored);
    locked_close(&id);
}

static void print_one(struct printing *printing, const struct mcpp_credential *credential,
                      struct token_store *store)
{
    printing->is_complete = true;
    fprintf(printing->out, "%s%s%s%s%s%s  (%s:%u)\n", credential->label,
            credential->label[0] ? ": " : "", kind_of(credential), credential->name[0] ? " " : "",
            credential->name, credential->oauth2 ? flow_of(credential->oauth2) : "",
            credential->origin.file, (unsigned)credential->origin.line);
    if (credential->oauth2)
        client_each_secret(credential->oauth2, print_secret, printing);
    if (secret_is_named(&credential->secret))
        print_secret(printing, &credential->secret, "secret", false);
    if (secret_is_named(&credential->key))
        print_secret(printing, &credential->key, "its key", false);
    if (asks_a_person(credential) && printing->is_complete)
        print_login(printing, credential, store);
}

void credential_list_print(FILE *out, const struct mcpp_policy *policy,
                           const struct options *options)
{
    struct printing printing = {.out = out};
    struct token_store *store = token_store_open(policy->name, options->state_dir);
    if (policy->credential_count == 0)
        fprintf(out, "The policy sends no credentials.\n");
    for (uint32_t i = 0; store && i < policy->credential_count; i++)
        print_one(&printing, &policy->credentials[i], store);
    if (store)
        fprintf(out, "tokens are kept in %s\n",
                token_store_path(store)[0] ? token_store_path(store) : "no place");
    token_store_close(store);
}
