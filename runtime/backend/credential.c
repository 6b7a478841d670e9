/*
 * Reads the secrets once, at start. An environment variable is wiped afterwards, so that neither a
 * child process nor /proc shows it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/credential.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "runtime/memory/locked.h"
#include "runtime/oauth2/oauth2.h"
#include "runtime/observe/log.h"
#include "runtime/upstream/encode.h"

struct ready {
    bool is_present;
    struct locked text, key; /* key: of a certificate */
};

struct credentials {
    const struct mcpp_policy *policy;
    const struct mcpp_alternative **chosen; /* one for each choice; NULL: none */
    struct ready ready[];                   /* one for each credential */
};

/* ---- rendering ---- */

/* What stands in the way of sending this secret, in words; NULL: nothing. */
static const char *fault_of(const struct mcpp_credential *credential, struct slice secret)
{
    enum mcpp_send_kind kind = credential->kind;
    bool has_name = kind == MCPP_SEND_HEADER || kind == MCPP_SEND_COOKIE;
    if (has_name && !encode_is_token(slice_of(credential->name)))
        return "the name is no header or cookie name";
    if (secret.len == 0)
        return "it is empty";
    if (kind == MCPP_SEND_CERTIFICATE)
        return memmem(secret.at, secret.len, "-----BEGIN", 10) ? NULL : "it is not PEM";
    if (!encode_is_header_value(secret) || memchr(secret.at, '\t', secret.len))
        return "it has a control character or a line end inside";
    if (kind == MCPP_SEND_COOKIE && memchr(secret.at, ';', secret.len))
        return "it has a ';', which ends a cookie";
    if ((kind == MCPP_SEND_BASIC || kind == MCPP_SEND_DIGEST) &&
        !memchr(secret.at, ':', secret.len))
        return "it is not of the form user:password";
    return NULL;
}

static void add_pair(const char *name, const char *joint, struct slice secret, struct locked *out)
{
    locked_add(out, slice_of(name));
    locked_add(out, slice_of(joint));
    locked_add(out, secret);
}

static void render(const struct mcpp_credential *credential, struct slice secret,
                   struct locked *out)
{
    switch (credential->kind) {
    case MCPP_SEND_BEARER:
        add_pair("Authorization", ": Bearer ", secret, out);
        break;
    case MCPP_SEND_BASIC:
        locked_add(out, SLICE("Authorization: Basic "));
        out->len += (size_t)EVP_EncodeBlock((unsigned char *)out->at + out->len,
                                            (const unsigned char *)secret.at, (int)secret.len);
        break;
    case MCPP_SEND_HEADER:
        add_pair(credential->name, ": ", secret, out);
        break;
    case MCPP_SEND_QUERY:
        out->len += encode_uri_into(out->at + out->len, slice_of(credential->name));
        locked_add(out, SLICE("="));
        out->len += encode_uri_into(out->at + out->len, secret);
        break;
    case MCPP_SEND_COOKIE:
        add_pair(credential->name, "=", secret, out);
        break;
    case MCPP_SEND_DIGEST:
    case MCPP_SEND_CERTIFICATE:
        locked_add(out, secret);
        break;
    case MCPP_SEND_OAUTH2: /* these three are known with the call */
    case MCPP_SEND_CLAIM:
    case MCPP_SEND_CALLER:
        break;
    }
    out->at[out->len] = '\0';
}

/* ---- reading ---- */

static bool report(const struct mcpp_credential *credential, const struct mcpp_secret *secret,
                   const char *reason)
{
    log_error("%s:%u: secret %s cannot be sent: %s", credential->origin.file,
              (unsigned)credential->origin.line, secret->name, reason);
    return false;
}

static bool render_secret(const struct mcpp_credential *credential,
                          const struct mcpp_secret *secret, struct slice value, struct locked *out)
{
    const char *fault = fault_of(credential, value);
    if (fault)
        return report(credential, secret, fault);
    if (!locked_open(out, 3 * (value.len + strlen(credential->name)) + 64))
        return report(credential, secret, "out of memory");
    render(credential, value, out);
    return true;
}

/* False when a secret is there and cannot be used. *is_present stays when it is there. */
static bool read_one(const struct mcpp_credential *credential, const struct mcpp_secret *secret,
                     struct locked *out, bool *is_present)
{
    struct locked value = {0};
    const char *reason = NULL;
    enum secret_reading reading = secret_read(secret, &value, &reason);
    bool is_good = true;
    if (reading == SECRET_FAILED)
        is_good = report(credential, secret, reason);
    else if (reading == SECRET_READ)
        is_good = render_secret(credential, secret, locked_slice(&value), out);
    else
        *is_present = false;
    locked_close(&value);
    return is_good;
}

static bool open_one(const struct mcpp_credential *credential, const struct oauth2_client *client,
                     struct ready *out)
{
    out->is_present = true;
    switch (credential->kind) {
    case MCPP_SEND_OAUTH2:
        out->is_present = client && client->is_present;
        return true;
    case MCPP_SEND_CLAIM:
    case MCPP_SEND_CALLER:
        return true;
    case MCPP_SEND_CERTIFICATE:
        return read_one(credential, &credential->secret, &out->text, &out->is_present) &&
               read_one(credential, &credential->key, &out->key, &out->is_present);
    case MCPP_SEND_BEARER:
    case MCPP_SEND_BASIC:
    case MCPP_SEND_DIGEST:
    case MCPP_SEND_HEADER:
    case MCPP_SEND_QUERY:
    case MCPP_SEND_COOKIE:
        break;
    }
    return read_one(credential, &credential->secret, &out->text, &out->is_present);
}

/* ---- names of secrets ---- */

struct secret_list {
    void (*each)(void *context, const struct mcpp_secret *secret, const char *role,
                 bool is_optional);
    void *context;
};

static void each_secret(const struct mcpp_credential *credential, const struct secret_list *list)
{
    if (credential->oauth2) {
        client_each_secret(credential->oauth2, list->each, list->context);
        return;
    }
    bool is_certificate = credential->kind == MCPP_SEND_CERTIFICATE;
    if (secret_is_named(&credential->secret))
        list->each(list->context, &credential->secret, is_certificate ? "certificate" : "secret",
                   false);
    if (secret_is_named(&credential->key))
        list->each(list->context, &credential->key, "certificate's key", false);
}

static void forget(void *context, const struct mcpp_secret *secret, const char *role,
                   bool is_optional)
{
    (void)context;
    (void)role;
    (void)is_optional;
    secret_forget(secret);
}

static void wipe_environment(const struct mcpp_policy *policy)
{
    for (uint32_t i = 0; i < policy->credential_count; i++)
        each_secret(&policy->credentials[i], &(struct secret_list){forget, NULL});
}

/* "PETS_CLIENT_ID and PETS_CLIENT_SECRET", cut where it gets too long. */
struct names {
    char text[400];
    size_t len;
};

static void add_text(struct names *names, const char *text)
{
    int size = snprintf(names->text + names->len, sizeof names->text - names->len, "%s", text);
    names->len += (size_t)size;
    if (names->len >= sizeof names->text)
        names->len = sizeof names->text - 1;
}

static void add_name(void *context, const struct mcpp_secret *secret, const char *role,
                     bool is_optional)
{
    struct names *names = context;
    (void)role;
    if (is_optional)
        return;
    if (names->len && strcmp(names->text + names->len - 1, " ") != 0)
        add_text(names, " and ");
    add_text(names, secret->name);
}

/* ---- choosing ---- */

static bool has_all(const struct credentials *credentials, const struct mcpp_alternative *one)
{
    for (uint32_t i = 0; i < one->count; i++)
        if (!credentials->ready[one->credentials[i]].is_present)
            return false;
    return true;
}

static void report_none(const struct mcpp_policy *policy, const struct mcpp_choice *choice)
{
    struct names names = {0};
    for (uint32_t i = 0; i < choice->count; i++) {
        const struct mcpp_alternative *one = &choice->alternatives[i];
        if (i)
            add_text(&names, ", or ");
        for (uint32_t at = 0; at < one->count; at++)
            each_secret(&policy->credentials[one->credentials[at]],
                        &(struct secret_list){add_name, &names});
    }
    log_warning("%s:%u: %s %s: requests to the backend go without", choice->origin.file,
                (unsigned)choice->origin.line, names.text,
                choice->count > 1 ? "are not set" : "is not set");
}

static void report_taken(const struct mcpp_policy *policy, const struct mcpp_choice *choice,
                         const struct mcpp_alternative *taken)
{
    struct names names = {0};
    for (uint32_t i = 0; i < taken->count; i++) {
        const struct mcpp_credential *credential = &policy->credentials[taken->credentials[i]];
        add_text(&names, i ? " and " : "");
        add_text(&names, credential->label[0] ? credential->label : credential->secret.name);
    }
    log_info("%s:%u: %s is sent, the first of %u alternatives whose secrets are set",
             choice->origin.file, (unsigned)choice->origin.line, names.text,
             (unsigned)choice->count);
}

static const struct mcpp_alternative *choose(const struct credentials *credentials,
                                             const struct mcpp_choice *choice)
{
    for (uint32_t i = 0; i < choice->count; i++)
        if (has_all(credentials, &choice->alternatives[i]))
            return &choice->alternatives[i];
    return NULL;
}

static bool is_used(const struct mcpp_policy *policy, uint32_t choice)
{
    for (uint32_t i = 0; i < policy->tool_count; i++)
        for (uint32_t at = 0; at < policy->tools[i].choice_count; at++)
            if (policy->tools[i].choices[at] == choice)
                return true;
    return false;
}

static void choose_all(struct credentials *credentials)
{
    const struct mcpp_policy *policy = credentials->policy;
    for (uint32_t i = 0; i < policy->choice_count; i++) {
        const struct mcpp_choice *choice = &policy->choices[i];
        credentials->chosen[i] = choose(credentials, choice);
        if (!is_used(policy, i))
            continue;
        if (!credentials->chosen[i])
            report_none(policy, choice);
        else if (choice->count > 1)
            report_taken(policy, choice, credentials->chosen[i]);
    }
}

/* ---- all of them ---- */

struct credentials *credentials_open(const struct mcpp_policy *policy, const struct oauth2 *oauth2)
{
    struct credentials *credentials =
        calloc(1, sizeof *credentials + policy->credential_count * sizeof credentials->ready[0]);
    if (credentials)
        credentials->chosen = calloc(policy->choice_count + 1, sizeof *credentials->chosen);
    if (!credentials || !credentials->chosen) {
        log_error("out of memory for secrets");
        free(credentials);
        return NULL;
    }
    bool is_good = true;
    credentials->policy = policy;
    for (uint32_t i = 0; i < policy->credential_count; i++) {
        const struct oauth2_client *client = oauth2 ? oauth2_client_of(oauth2, i) : NULL;
        is_good = open_one(&policy->credentials[i], client, &credentials->ready[i]) && is_good;
    }
    wipe_environment(policy);
    if (is_good) {
        choose_all(credentials);
        return credentials;
    }
    credentials_close(credentials);
    return NULL;
}

void credentials_close(struct credentials *credentials)
{
    if (!credentials)
        return;
    for (uint32_t i = 0; i < credentials->policy->credential_count; i++) {
        locked_close(&credentials->ready[i].text);
        locked_close(&credentials->ready[i].key);
    }
    free(credentials->chosen);
    free(credentials);
}

const char *credential_text(const struct credentials *credentials, uint32_t index)
{
    return credentials && index < credentials->policy->credential_count
               ? credentials->ready[index].text.at
               : NULL;
}

void credential_certificate(const struct credentials *credentials, uint32_t index,
                            struct slice *certificate, struct slice *key)
{
    *certificate = locked_slice(&credentials->ready[index].text);
    *key = locked_slice(&credentials->ready[index].key);
}

const struct mcpp_alternative *credentials_chosen(const struct credentials *credentials,
                                                  uint32_t choice)
{
    return credentials ? credentials->chosen[choice] : NULL;
}
