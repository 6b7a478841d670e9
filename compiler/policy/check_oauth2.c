/*
 * The settings of `oauth2 FLOW { … }` and `exchange { … }`: what each flow needs is there, and
 * nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/checker.h"

#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

enum oauth2_setting {
    SETTING_ISSUER,
    SETTING_METADATA,
    SETTING_AUTHORIZATION_URL,
    SETTING_TOKEN_URL,
    SETTING_DEVICE_URL,
    SETTING_CLIENT,
    SETTING_CLIENT_AUTH,
    SETTING_KEY,
    SETTING_USER,
    SETTING_CERTIFICATE,
    SETTING_SCOPES,
    SETTING_AUDIENCE,
    SETTING_RESOURCE,
    SETTING_SUBJECT,
    SETTING_REDIRECT_PORT,
    SETTING_OWNER,
    SETTING_COUNT,
};

static const char *const setting_names[] = {
    [SETTING_ISSUER] = "issuer",
    [SETTING_METADATA] = "metadata",
    [SETTING_AUTHORIZATION_URL] = "authorization_url",
    [SETTING_TOKEN_URL] = "token_url",
    [SETTING_DEVICE_URL] = "device_url",
    [SETTING_CLIENT] = "client",
    [SETTING_CLIENT_AUTH] = "client_auth",
    [SETTING_KEY] = "key",
    [SETTING_USER] = "user",
    [SETTING_CERTIFICATE] = "certificate",
    [SETTING_SCOPES] = "scopes",
    [SETTING_AUDIENCE] = "audience",
    [SETTING_RESOURCE] = "resource",
    [SETTING_SUBJECT] = "subject",
    [SETTING_REDIRECT_PORT] = "redirect_port",
    [SETTING_OWNER] = "owner",
    [SETTING_COUNT] = NULL,
};

struct reader {
    struct checker *checker;
    const struct statement *what;
    const struct setting *seen[SETTING_COUNT];
    struct oauth2 *out;
    bool has_client_auth;
};

static const char *const flow_names[] = {
    [OAUTH2_CLIENT_CREDENTIALS] = "client_credentials",
    [OAUTH2_PASSWORD] = "password",
    [OAUTH2_AUTHORIZATION_CODE] = "authorization_code",
    [OAUTH2_IMPLICIT] = "implicit",
    [OAUTH2_DEVICE] = "device",
    [OAUTH2_JWT_BEARER] = "jwt_bearer",
    [OAUTH2_EXCHANGE] = "exchange",
};

/* ---- values ---- */

static void report_form(struct reader *reader, const struct setting *setting, const char *form)
{
    struct diag *diag = diag_error(reader->checker->diags, "bad-value", setting->span,
                                   "'%.*s' is not of this form", STR_ARG(setting->name.text));
    diag_help(reader->checker->diags, diag, "write: %s", form);
}

/* `env NAME` or `file "path"` at the value with this number; false when it is something else. */
static bool read_secret(struct reader *reader, const struct setting *setting, uint32_t at,
                        struct secret *out)
{
    if (at + 2 > setting->values.count || setting->values.at[at].is_string)
        return false;
    struct word source = setting->values.at[at], name = setting->values.at[at + 1];
    bool is_env = str_is(source.text, "env");
    if ((!is_env && !str_is(source.text, "file")) || name.is_string == is_env)
        return false;
    *out = (struct secret){is_env ? SECRET_ENV : SECRET_FILE, name};
    check_secret_name(reader->checker, out);
    return true;
}

/* A secret, and behind `word` another one, which may be missing when `is_optional`. */
struct pair {
    const char *word;
    bool is_optional;
    const char *form;
};

static const struct pair client_pair = {"secret", true, "client env ID secret env SECRET"};
static const struct pair user_pair = {"password", false, "user env NAME password env PASSWORD"};
static const struct pair certificate_pair = {"key", false,
                                             "certificate file \"cert.pem\" key file \"key.pem\""};

static void read_pair(struct reader *reader, const struct setting *setting, const struct pair *pair,
                      struct secret *first, struct secret *second)
{
    uint32_t count = setting->values.count;
    bool is_good = read_secret(reader, setting, 0, first);
    if (count == 2)
        is_good = is_good && pair->is_optional;
    else
        is_good = is_good && count == 5 && !setting->values.at[2].is_string &&
                  str_is(setting->values.at[2].text, pair->word) &&
                  read_secret(reader, setting, 3, second);
    if (!is_good)
        report_form(reader, setting, pair->form);
}

static void read_url(struct reader *reader, const struct setting *setting, struct str *out)
{
    struct diag_list *diags = reader->checker->diags;
    if (value_is_single(diags, setting, true) &&
        value_check_url(diags, setting->values.at[0], true))
        *out = setting->values.at[0].text;
}

static void read_text(struct reader *reader, const struct setting *setting, struct str *out)
{
    if (!value_is_single(reader->checker->diags, setting, true))
        return;
    struct word word = setting->values.at[0];
    if (word.text.len == 0 || !text_is_printable(word.text))
        diag_error(reader->checker->diags, "bad-value", word.span,
                   "'%.*s' takes a text that can be printed", STR_ARG(setting->name.text));
    *out = word.text;
}

static void read_scopes(struct reader *reader, const struct setting *setting)
{
    struct str_builder out = {.arena = reader->checker->arena};
    for (uint32_t i = 0; i < setting->values.count; i++) {
        struct word word = setting->values.at[i];
        const char *problem = value_scope_problem(word.text);
        if (problem || !word.is_string)
            diag_error(reader->checker->diags, "bad-scope", word.span, "%s: '%.*s'",
                       problem ? problem : "a scope stands in quotes", STR_ARG(word.text));
        str_add_text(&out, i ? " " : "");
        str_add(&out, word.text);
    }
    reader->out->scopes = str_built(&out);
}

static void read_client_auth(struct reader *reader, const struct setting *setting)
{
    static const char *const names[] = {[AUTHENTICATE_NONE] = "none",
                                        [AUTHENTICATE_BASIC] = "basic",
                                        [AUTHENTICATE_POST] = "post",
                                        [AUTHENTICATE_JWT] = "private_key_jwt",
                                        [AUTHENTICATE_CERTIFICATE] = "certificate"};
    if (!value_is_single(reader->checker->diags, setting, false))
        return;
    reader->has_client_auth = true;
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_is(setting->values.at[0].text, names[i])) {
            reader->out->client = (enum oauth2_client)i;
            return;
        }
    report_form(reader, setting, "client_auth none, basic, post, private_key_jwt or certificate");
}

/* What a private key can sign with (RFC 7518, RFC 8037, RFC 9864). */
static bool is_algorithm(struct str name)
{
    static const char *const names[] = {"RS256", "RS384", "RS512", "PS256", "PS384",   "PS512",
                                        "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "Ed448"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

static void report_algorithm(struct reader *reader, struct word word)
{
    struct diag *diag =
        diag_error(reader->checker->diags, "unknown-algorithm", word.span,
                   "'%.*s' is no algorithm that a private key signs with", STR_ARG(word.text));
    diag_help(reader->checker->diags, diag, "write RS256, PS256, ES256 or EdDSA");
}

/* `key SECRET`, then `id "kid"` and `algorithm NAME`, each at most once. */
static void read_key(struct reader *reader, const struct setting *setting)
{
    struct words values = setting->values;
    struct oauth2 *out = reader->out;
    bool is_good = values.count % 2 == 0 && read_secret(reader, setting, 0, &out->key);
    for (uint32_t i = 2; is_good && i < values.count; i += 2) {
        struct word word = values.at[i + 1];
        bool is_id = str_is(values.at[i].text, "id") && word.is_string && !out->key_id.len;
        bool is_algorithm_name =
            str_is(values.at[i].text, "algorithm") && !word.is_string && !out->algorithm.len;
        is_good = !values.at[i].is_string && (is_id || is_algorithm_name);
        if (is_id)
            out->key_id = word.text;
        else if (is_algorithm_name)
            out->algorithm = word.text;
        if (is_algorithm_name && !is_algorithm(word.text))
            report_algorithm(reader, word);
    }
    if (!is_good)
        report_form(reader, setting, "key env NAME id \"key id\" algorithm PS256");
}

static void read_port(struct reader *reader, const struct setting *setting)
{
    uint64_t port = 0;
    if (!value_is_single(reader->checker->diags, setting, false))
        return;
    if (!value_number(setting->values.at[0].text, &port) || port == 0 || port > UINT16_MAX)
        diag_error(reader->checker->diags, "bad-value", setting->values.at[0].span,
                   "'redirect_port' takes a port");
    else
        reader->out->redirect_port = (uint32_t)port;
}

static void read_owner(struct reader *reader, const struct setting *setting)
{
    if (!value_is_single(reader->checker->diags, setting, false))
        return;
    reader->out->is_shared = str_is(setting->values.at[0].text, "everybody");
    if (!reader->out->is_shared && !str_is(setting->values.at[0].text, "caller"))
        report_form(reader, setting, "owner caller or owner everybody");
}

static void read_setting(struct reader *reader, enum oauth2_setting kind,
                         const struct setting *setting)
{
    struct oauth2 *out = reader->out;
    switch (kind) {
    case SETTING_ISSUER:
        read_url(reader, setting, &out->issuer);
        break;
    case SETTING_METADATA:
        read_url(reader, setting, &out->metadata);
        break;
    case SETTING_AUTHORIZATION_URL:
        read_url(reader, setting, &out->authorization_url);
        break;
    case SETTING_TOKEN_URL:
        read_url(reader, setting, &out->token_url);
        break;
    case SETTING_DEVICE_URL:
        read_url(reader, setting, &out->device_url);
        break;
    case SETTING_CLIENT:
        read_pair(reader, setting, &client_pair, &out->client_id, &out->client_secret);
        break;
    case SETTING_CLIENT_AUTH:
        read_client_auth(reader, setting);
        break;
    case SETTING_KEY:
        read_key(reader, setting);
        break;
    case SETTING_USER:
        read_pair(reader, setting, &user_pair, &out->user, &out->password);
        break;
    case SETTING_CERTIFICATE:
        read_pair(reader, setting, &certificate_pair, &out->certificate, &out->certificate_key);
        break;
    case SETTING_SCOPES:
        read_scopes(reader, setting);
        break;
    case SETTING_AUDIENCE:
        read_text(reader, setting, &out->audience);
        break;
    case SETTING_RESOURCE:
        read_text(reader, setting, &out->resource);
        break;
    case SETTING_SUBJECT:
        read_text(reader, setting, &out->subject);
        break;
    case SETTING_REDIRECT_PORT:
        read_port(reader, setting);
        break;
    case SETTING_OWNER:
        read_owner(reader, setting);
        break;
    case SETTING_COUNT:
        break;
    }
}

static void read_settings(struct reader *reader)
{
    struct diag_list *diags = reader->checker->diags;
    struct settings settings = reader->what->settings;
    for (uint32_t i = 0; i < settings.count; i++) {
        const struct setting *setting = &settings.at[i];
        int kind = value_setting_kind(diags, setting, setting_names);
        if (kind < 0)
            continue;
        if (reader->seen[kind]) {
            struct diag *diag = diag_error(diags, "duplicate", setting->name.span,
                                           "setting '%s' given twice", setting_names[kind]);
            diag_note(diags, diag, reader->seen[kind]->name.span, "first given here");
            continue;
        }
        reader->seen[kind] = setting;
        read_setting(reader, (enum oauth2_setting)kind, setting);
    }
}

/* ---- what a flow needs ---- */

static bool is_named(const struct secret *secret)
{
    return secret->name.text.len > 0;
}

static enum oauth2_client usual_client(const struct oauth2 *oauth2)
{
    if (is_named(&oauth2->client_secret))
        return AUTHENTICATE_BASIC;
    if (is_named(&oauth2->certificate))
        return AUTHENTICATE_CERTIFICATE;
    return is_named(&oauth2->key) && oauth2->flow != OAUTH2_JWT_BEARER ? AUTHENTICATE_JWT
                                                                       : AUTHENTICATE_NONE;
}

static void need(struct reader *reader, bool is_there, const char *name)
{
    if (!is_there)
        diag_error(reader->checker->diags, "missing-setting", reader->what->span,
                   "the %s flow needs the setting '%s'", flow_names[reader->out->flow], name);
}

static void check_urls(struct reader *reader)
{
    const struct oauth2 *out = reader->out;
    enum oauth2_flow flow = out->flow;
    bool is_found = out->issuer.len || out->metadata.len;
    if (flow == OAUTH2_AUTHORIZATION_CODE || flow == OAUTH2_IMPLICIT)
        need(reader, is_found || out->authorization_url.len, "authorization_url");
    if (flow == OAUTH2_DEVICE)
        need(reader, is_found || out->device_url.len, "device_url");
    if (flow != OAUTH2_IMPLICIT)
        need(reader, is_found || out->token_url.len, "token_url");
}

static void check_secrets(struct reader *reader)
{
    const struct oauth2 *out = reader->out;
    bool is_public = out->flow != OAUTH2_CLIENT_CREDENTIALS && out->flow != OAUTH2_EXCHANGE;
    need(reader, is_named(&out->client_id), "client");
    if (out->flow == OAUTH2_PASSWORD)
        need(reader, is_named(&out->user), "user");
    if (out->flow == OAUTH2_JWT_BEARER || out->client == AUTHENTICATE_JWT)
        need(reader, is_named(&out->key), "key");
    if (out->client == AUTHENTICATE_CERTIFICATE)
        need(reader, is_named(&out->certificate), "certificate");
    if (out->client == AUTHENTICATE_BASIC || out->client == AUTHENTICATE_POST)
        need(reader, is_named(&out->client_secret), "client env ID secret env SECRET");
    if (!is_public && out->client == AUTHENTICATE_NONE)
        need(reader, false, "client env ID secret env SECRET");
}

/* Settings of other flows: they would do nothing, and who wrote them thought otherwise. */
static void check_superfluous(struct reader *reader)
{
    enum oauth2_flow flow = reader->out->flow;
    bool asks_a_person =
        flow == OAUTH2_AUTHORIZATION_CODE || flow == OAUTH2_IMPLICIT || flow == OAUTH2_DEVICE;
    const bool is_used[SETTING_COUNT] = {
        [SETTING_AUTHORIZATION_URL] = flow == OAUTH2_AUTHORIZATION_CODE || flow == OAUTH2_IMPLICIT,
        [SETTING_DEVICE_URL] = flow == OAUTH2_DEVICE,
        [SETTING_USER] = flow == OAUTH2_PASSWORD,
        [SETTING_SUBJECT] = flow == OAUTH2_JWT_BEARER,
        [SETTING_REDIRECT_PORT] = flow == OAUTH2_AUTHORIZATION_CODE || flow == OAUTH2_IMPLICIT,
        [SETTING_OWNER] = asks_a_person,
    };
    static const enum oauth2_setting special[] = {
        SETTING_AUTHORIZATION_URL, SETTING_DEVICE_URL,    SETTING_USER,
        SETTING_SUBJECT,           SETTING_REDIRECT_PORT, SETTING_OWNER};
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
        const struct setting *setting = reader->seen[special[i]];
        if (setting && !is_used[special[i]])
            diag_error(reader->checker->diags, "bad-value", setting->span,
                       "the %s flow has no setting '%s'", flow_names[flow],
                       setting_names[special[i]]);
    }
}

/* RFC 9700, section 2.1.2: the token travels in a URL, where browsers and proxies keep it. */
static void report_implicit(struct reader *reader)
{
    struct diag *diag =
        diag_warning(reader->checker->diags, "implicit-flow", reader->what->span,
                     "the implicit flow hands the token over in a URL, which others may see");
    diag_help(reader->checker->diags, diag,
              "authorization_code does the same with a code that only this server can use");
}

static bool read_flow(struct reader *reader)
{
    struct word word = reader->what->flow;
    LIST(struct str) names = {0};
    if (reader->what->send == SEND_EXCHANGE) {
        reader->out->flow = OAUTH2_EXCHANGE;
        return true;
    }
    for (uint32_t i = 0; i < OAUTH2_EXCHANGE; i++) {
        *list_add(reader->checker->arena, &names) = str_of(flow_names[i]);
        if (str_is(word.text, flow_names[i])) {
            reader->out->flow = (enum oauth2_flow)i;
            return true;
        }
    }
    struct diag *diag = diag_error(reader->checker->diags, "unknown-flow", word.span,
                                   "no OAuth 2.0 flow '%.*s' is known", STR_ARG(word.text));
    diag_suggest(reader->checker->diags, diag, "flow", word.text, names.at, names.count);
    return false;
}

const struct oauth2 *check_oauth2(struct checker *checker, const struct statement *what)
{
    struct reader reader = {
        .checker = checker, .what = what, .out = arena_new(checker->arena, struct oauth2)};
    if (!read_flow(&reader))
        return reader.out;
    read_settings(&reader);
    if (!reader.has_client_auth)
        reader.out->client = usual_client(reader.out);
    check_urls(&reader);
    check_secrets(&reader);
    check_superfluous(&reader);
    if (reader.out->flow == OAUTH2_IMPLICIT)
        report_implicit(&reader);
    return reader.out;
}
