/*
 * Clients and their secrets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/client.h"

#include "runtime/oauth2/assertion.h"
#include "runtime/oauth2/pairs.h"
#include "runtime/observe/log.h"

/* ---- secrets ---- */

/* A public client has an id and no secret (RFC 6749, section 2.1); a machine by itself has one. */
static bool may_be_public(const struct mcpp_oauth2 *policy)
{
    return policy->flow != MCPP_FLOW_CLIENT_CREDENTIALS && policy->flow != MCPP_FLOW_EXCHANGE;
}

void client_each_secret(const struct mcpp_oauth2 *policy,
                        void (*each)(void *context, const struct mcpp_secret *secret,
                                     const char *role, bool is_optional),
                        void *context)
{
    const struct {
        const struct mcpp_secret *secret;
        const char *role;
        bool is_optional;
    } all[] = {
        {&policy->client_id, "client id", false},
        {&policy->client_secret, "client secret", may_be_public(policy)},
        {&policy->key, "signing key", false},
        {&policy->user, "user name", false},
        {&policy->password, "password", false},
        {&policy->certificate, "client certificate", false},
        {&policy->cert_key, "client certificate's key", false},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (secret_is_named(all[i].secret))
            each(context, all[i].secret, all[i].role, all[i].is_optional);
}

struct opening {
    struct oauth2_client *client;
    struct locked key; /* its PEM text */
    bool is_good;
};

static struct locked *place_of(struct opening *opening, const struct mcpp_secret *secret)
{
    struct oauth2_client *client = opening->client;
    const struct mcpp_oauth2 *policy = client->policy;
    return secret == &policy->client_id       ? &client->id
           : secret == &policy->client_secret ? &client->secret
           : secret == &policy->user          ? &client->user
           : secret == &policy->password      ? &client->password
           : secret == &policy->certificate   ? &client->certificate
           : secret == &policy->cert_key      ? &client->cert_key
                                              : &opening->key;
}

static void report(const struct opening *opening, const struct mcpp_secret *secret,
                   const char *reason)
{
    const struct mcpp_origin *origin = &opening->client->credential->origin;
    log_error("%s:%u: secret %s cannot be used: %s", origin->file, (unsigned)origin->line,
              secret->name, reason);
}

static void read_one(void *context, const struct mcpp_secret *secret, const char *role,
                     bool is_optional)
{
    struct opening *opening = context;
    const char *reason = NULL;
    struct locked *place = place_of(opening, secret);
    (void)role;
    switch (secret_read(secret, place, &reason)) {
    case SECRET_READ:
        break;
    case SECRET_ABSENT:
        opening->client->is_present = opening->client->is_present && is_optional;
        break;
    case SECRET_FAILED:
        report(opening, secret, reason);
        opening->is_good = false;
        break;
    }
}

static void read_key(struct opening *opening)
{
    const char *reason;
    if (!opening->key.at)
        return;
    const char *algorithm = opening->client->policy->algorithm;
    opening->client->key = assertion_key(locked_slice(&opening->key), &reason);
    if (opening->client->key && !assertion_algorithm(opening->client->key, algorithm, NULL)) {
        reason = "it is no key for the algorithm that the policy names";
        EVP_PKEY_free(opening->client->key);
        opening->client->key = NULL;
    }
    if (!opening->client->key) {
        report(opening, &opening->client->policy->key, reason);
        opening->is_good = false;
    }
    locked_close(&opening->key);
}

bool client_open(const struct mcpp_credential *credential, struct oauth2_client *out)
{
    struct opening opening = {.client = out, .is_good = true};
    *out = (struct oauth2_client){
        .credential = credential,
        .policy = credential->oauth2,
        .label = credential->label[0] ? credential->label : "oauth2",
        .is_present = true,
    };
    client_each_secret(out->policy, read_one, &opening);
    read_key(&opening);
    if (!opening.is_good)
        client_close(out);
    return opening.is_good;
}

void client_close(struct oauth2_client *client)
{
    locked_close(&client->id);
    locked_close(&client->secret);
    locked_close(&client->user);
    locked_close(&client->password);
    locked_close(&client->certificate);
    locked_close(&client->cert_key);
    EVP_PKEY_free(client->key);
    client->key = NULL;
}

bool client_asks_a_person(const struct oauth2_client *client)
{
    enum mcpp_flow flow = client->policy->flow;
    return flow == MCPP_FLOW_AUTHORIZATION_CODE || flow == MCPP_FLOW_IMPLICIT ||
           flow == MCPP_FLOW_DEVICE;
}

/* ---- authenticating ---- */

static const char *add_assertion(const struct oauth2_client *client,
                                 const struct client_judge *judge, struct secret_text *form)
{
    struct slice id = locked_slice(&client->id);
    struct assertion assertion = {.issuer = id,
                                  .subject = id,
                                  .audience = judge->audience,
                                  .key_id = client->policy->key_id,
                                  .algorithm = assertion_algorithm(
                                      client->key, client->policy->algorithm, judge->algorithms)};
    struct secret_text jwt = {0};
    if (!assertion.algorithm)
        return "by its metadata it takes no signature that our key is for";
    if (!assertion_sign(client->key, &assertion, &jwt))
        form->failed = true;
    pairs_add(form, "client_assertion_type",
              SLICE("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    pairs_add(form, "client_assertion", secret_text_slice(&jwt));
    secret_text_close(&jwt);
    return NULL;
}

const char *client_authenticate(const struct oauth2_client *client,
                                const struct client_judge *judge, struct secret_text *form,
                                struct secret_text *header)
{
    struct slice id = locked_slice(&client->id), secret = locked_slice(&client->secret);
    enum mcpp_client how = client->policy->client;
    const char *fault = NULL;
    if ((how == MCPP_CLIENT_BASIC || how == MCPP_CLIENT_POST) && !secret.len)
        how = MCPP_CLIENT_NONE; /* a public client */
    if (how == MCPP_CLIENT_BASIC)
        pairs_add_basic(header, id, secret);
    else
        pairs_add(form, "client_id", id);
    if (how == MCPP_CLIENT_POST)
        pairs_add(form, "client_secret", secret);
    if (how == MCPP_CLIENT_JWT)
        fault = add_assertion(client, judge, form);
    return fault ? fault : form->failed || header->failed ? "out of memory" : NULL;
}
