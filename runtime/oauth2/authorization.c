/*
 * Authorization requests and their answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/authorization.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <sys/random.h>

#include "runtime/memory/secret.h"
#include "runtime/oauth2/id_token.h"
#include "runtime/oauth2/pairs.h"
#include "runtime/oauth2/token_request.h"
#include "runtime/upstream/encode.h"

enum { RANDOM_BYTES = 32, DIGEST_BYTES = 32 };

/* ---- asking ---- */

static bool draw(struct secret_text *out)
{
    unsigned char bytes[RANDOM_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return false;
    pairs_add_base64url(out, bytes, sizeof bytes);
    secret_wipe(bytes, sizeof bytes);
    return !out->failed;
}

static bool add_challenge(const struct secret_text *verifier, struct secret_text *url)
{
    unsigned char digest[DIGEST_BYTES];
    unsigned size = 0;
    struct secret_text text = {0};
    if (EVP_Digest(verifier->at, verifier->len, digest, &size, EVP_sha256(), NULL) != 1)
        return false;
    pairs_add_base64url(&text, digest, sizeof digest);
    pairs_add(url, "code_challenge", secret_text_slice(&text));
    pairs_add(url, "code_challenge_method", SLICE("S256"));
    bool done = !text.failed;
    secret_text_close(&text);
    return done;
}

static bool has_scope(const char *scopes, const char *wanted)
{
    size_t size = strlen(wanted);
    for (const char *at = scopes; (at = strstr(at, wanted)); at += size)
        if ((at == scopes || at[-1] == ' ') && (at[size] == ' ' || !at[size]))
            return true;
    return false;
}

bool authorization_begin(const struct oauth2_client *client, const struct oauth2_urls *urls,
                         struct slice redirect, struct authorization *out)
{
    bool is_implicit = client->policy->flow == MCPP_FLOW_IMPLICIT;
    struct secret_text *url = &out->url;
    bool is_openid = has_scope(client->policy->scopes, "openid");
    if (!draw(&out->state) || !draw(&out->verifier) || (is_openid && !draw(&out->nonce)))
        return false;
    secret_text_add(&out->redirect, redirect);
    secret_text_add_literal(url, urls->authorization_url);
    if (!strchr(urls->authorization_url, '?'))
        secret_text_add_byte(url, '?');
    pairs_add(url, "response_type", slice_of(is_implicit ? "token" : "code"));
    pairs_add(url, "client_id", locked_slice(&client->id));
    pairs_add(url, "redirect_uri", redirect);
    pairs_add(url, "state", secret_text_slice(&out->state));
    token_request_add_wishes(client->policy, url);
    pairs_add(url, "nonce", secret_text_slice(&out->nonce));
    if (has_scope(client->policy->scopes, "offline_access"))
        pairs_add(url, "prompt", SLICE("consent")); /* OpenID Connect Core 1.0, section 11 */
    return (is_implicit || add_challenge(&out->verifier, url)) && !url->failed &&
           !out->redirect.failed;
}

void authorization_close(struct authorization *authorization)
{
    secret_text_close(&authorization->state);
    secret_text_close(&authorization->verifier);
    secret_text_close(&authorization->nonce);
    secret_text_close(&authorization->redirect);
    secret_text_close(&authorization->url);
}

/* ---- answers ---- */

static void add_decoded(struct slice value, struct secret_text *out)
{
    for (size_t i = 0; i < value.len; i++) {
        int decoded = encode_triple_at(value, i);
        secret_text_add_byte(out, decoded >= 0         ? (char)decoded
                                  : value.at[i] == '+' ? ' '
                                                       : value.at[i]);
        i += decoded >= 0 ? 2 : 0;
    }
}

bool authorization_parameter(struct slice query, const char *name, struct secret_text *out)
{
    size_t size = strlen(name);
    bool is_found = false;
    while (query.len) {
        struct slice pair = slice_cut(&query, '&');
        if (pair.len <= size || memcmp(pair.at, name, size) != 0 || pair.at[size] != '=')
            continue;
        if (is_found)
            return false; /* RFC 6749, section 3.1 */
        is_found = true;
        add_decoded((struct slice){pair.at + size + 1, pair.len - size - 1}, out);
    }
    return !out->failed;
}

/* The issuer of the answer must be the one that was asked; who says that it always names itself
 * must do so (RFC 9207, section 2.4). */
static const char *judge_issuer(const struct oauth2_urls *urls, struct slice query)
{
    struct secret_text issuer = {0};
    const char *fault = NULL;
    if (!authorization_parameter(query, "iss", &issuer))
        fault = "the answer names two issuers";
    else if (issuer.len == 0 && urls->sends_issuer)
        fault = "the answer does not say which authorization server it is from";
    else if (issuer.len && urls->issuer[0] &&
             !slice_equal(secret_text_slice(&issuer), slice_of(urls->issuer)))
        fault = "the answer is from another authorization server than the one that was asked";
    secret_text_close(&issuer);
    return fault;
}

static const char *judge_error(const struct authorization *asked, struct slice query,
                               char quoted[static TOKEN_PROBLEM_MAX])
{
    const struct slice list[] = {secret_text_slice(&asked->state),
                                 secret_text_slice(&asked->verifier)};
    const struct token_secrets secrets = {list, 2};
    struct secret_text code = {0}, description = {0};
    char first[64], second[200];
    bool is_good = authorization_parameter(query, "error", &code) &&
                   authorization_parameter(query, "error_description", &description);
    bool is_error = !is_good || code.len;
    token_quote(secret_text_slice(&code), &secrets, first, sizeof first);
    token_quote(secret_text_slice(&description), &secrets, second, sizeof second);
    snprintf(quoted, TOKEN_PROBLEM_MAX, "the authorization server says %s%s%s", first,
             second[0] ? ": " : "", second);
    secret_text_close(&code);
    secret_text_close(&description);
    return is_error ? quoted : NULL;
}

const char *authorization_judge(const struct authorization *asked, const struct oauth2_urls *urls,
                                struct slice query, char quoted[static TOKEN_PROBLEM_MAX])
{
    struct secret_text state = {0};
    const char *fault = NULL;
    bool is_read = authorization_parameter(query, "state", &state);
    if (!is_read || !secret_equal(secret_text_slice(&state), secret_text_slice(&asked->state)))
        fault = "the answer is not to what was asked: its state is another";
    secret_text_close(&state);
    if (!fault)
        fault = judge_issuer(urls, query);
    return fault ? fault : judge_error(asked, query, quoted);
}

bool authorization_fits(const struct authorization *asked, struct slice id_token)
{
    struct id_token token;
    if (!asked->nonce.len || !id_token.len)
        return true;
    bool fits = id_token_read(id_token, &token) &&
                id_token_says(&token, "nonce", secret_text_slice(&asked->nonce));
    id_token_close(&token);
    return fits;
}
