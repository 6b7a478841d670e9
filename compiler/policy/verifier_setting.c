/*
 * Settings of verifiers. Each is one function; the table says which kinds of verifiers have it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/verifier_setting.h"

#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

enum { LEEWAY_MAX_S = 600, CACHE_MAX_S = 3600, MS_PER_S = 1000 };

/* ---- values ---- */

static bool is_word(struct word word, const char *text)
{
    return !word.is_string && str_is(word.text, text);
}

static void complain(struct checker *checker, const struct setting *setting, const char *usage)
{
    struct diag *diag = diag_error(checker->diags, "bad-value", setting->span,
                                   "'%.*s' takes other values", STR_ARG(setting->name.text));
    diag_help(checker->diags, diag, "write: %s", usage);
}

static void set_url(struct checker *checker, const struct setting *setting, bool may_have_query,
                    struct str *out)
{
    if (value_is_single(checker->diags, setting, true) &&
        value_check_url(checker->diags, setting->values.at[0], may_have_query))
        *out = setting->values.at[0].text;
}

static bool read_seconds(struct checker *checker, const struct setting *setting, uint32_t max,
                         uint32_t *out)
{
    uint64_t ms;
    if (!value_is_single(checker->diags, setting, false))
        return false;
    struct word word = setting->values.at[0];
    bool is_good =
        value_duration_ms(word.text, &ms) && ms % MS_PER_S == 0 && ms <= (uint64_t)max * MS_PER_S;
    if (is_good)
        *out = (uint32_t)(ms / MS_PER_S);
    else
        diag_error(checker->diags, "bad-value", word.span, "%s is whole seconds, at most %us",
                   str_is(setting->name.text, "leeway") ? "a leeway" : "a time", max);
    return is_good;
}

/* `env NAME` or `file "path"` at *at, which moves on. */
static bool read_place(struct checker *checker, const struct setting *setting, uint32_t *at,
                       struct secret_place *out)
{
    struct words values = setting->values;
    if (*at < values.count && values.at[*at].is_string) {
        struct diag *diag = diag_error(checker->diags, "literal-secret", values.at[*at].span,
                                       "a secret written in the policy");
        diag_help(checker->diags, diag, "write: env NAME or file \"path\"");
        return false;
    }
    bool is_env = *at < values.count && is_word(values.at[*at], "env");
    bool is_file = *at < values.count && is_word(values.at[*at], "file");
    if ((!is_env && !is_file) || *at + 1 >= values.count ||
        values.at[*at + 1].is_string != is_file || values.at[*at + 1].text.len == 0)
        return false;
    *out = (struct secret_place){is_env ? SECRET_ENV : SECRET_FILE, values.at[*at + 1].text};
    *at += 2;
    return true;
}

static void set_claim(struct checker *checker, const struct setting *setting, const char *usage,
                      struct str *out)
{
    struct words values = setting->values;
    if (values.count != 2 || !is_word(values.at[0], "claim") || !values.at[1].is_string ||
        values.at[1].text.len == 0) {
        struct diag *diag =
            diag_error(checker->diags, "bad-value", setting->span,
                       "'%.*s' takes the claim that holds them", STR_ARG(setting->name.text));
        diag_help(checker->diags, diag, "write: %s", usage);
        return;
    }
    if (!text_is_printable(values.at[1].text))
        diag_error(checker->diags, "bad-value", values.at[1].span,
                   "a claim name with a control character");
    *out = values.at[1].text;
}

/* ---- the settings ---- */

static void set_issuer(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    set_url(checker, setting, false, &verifier->issuer);
}

static void set_jwks(struct checker *checker, const struct setting *setting,
                     struct verifier *verifier)
{
    set_url(checker, setting, true, &verifier->jwks);
}

static void set_endpoint(struct checker *checker, const struct setting *setting,
                         struct verifier *verifier)
{
    set_url(checker, setting, true, &verifier->introspection.endpoint);
}

static void set_audience(struct checker *checker, const struct setting *setting,
                         struct verifier *verifier)
{
    struct words values = setting->values;
    struct str *audiences = arena_array(checker->arena, values.count, sizeof *audiences);
    for (uint32_t i = 0; i < values.count; i++) {
        struct word word = values.at[i];
        audiences[i] = word.text;
        if (!word.is_string)
            diag_error(checker->diags, "bad-value", word.span, "'audience' takes strings");
        else if (word.text.len == 0 || !text_is_printable(word.text))
            diag_error(checker->diags, "bad-value", word.span,
                       "an audience that no token can name");
    }
    if (values.count == 0)
        complain(checker, setting, "audience \"backend-api\"");
    verifier->audiences = audiences;
    verifier->audience_count = values.count;
}

static void set_algorithms(struct checker *checker, const struct setting *setting,
                           struct verifier *verifier)
{
    verifier->algorithms = 0;
    for (uint32_t i = 0; i < setting->values.count; i++) {
        struct word word = setting->values.at[i];
        uint32_t bit = word.is_string ? 0 : algorithm_named(word.text);
        verifier->algorithms |= bit;
        if (bit)
            continue;
        struct diag *diag =
            diag_error(checker->diags, "unknown-algorithm", word.span,
                       "no signature algorithm '%.*s' is supported", STR_ARG(word.text));
        struct str_builder names = {.arena = checker->arena};
        algorithm_add_names((UINT32_C(1) << ALGORITHM_COUNT) - 1, ", ", &names);
        diag_help(checker->diags, diag, "the algorithms are %.*s", STR_ARG(str_built(&names)));
    }
    if (setting->values.count == 0)
        complain(checker, setting, "algorithms RS256 ES256");
}

static void set_leeway(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    read_seconds(checker, setting, LEEWAY_MAX_S, &verifier->leeway_s);
}

static void set_cache(struct checker *checker, const struct setting *setting,
                      struct verifier *verifier)
{
    read_seconds(checker, setting, CACHE_MAX_S, &verifier->introspection.cache_s);
}

static void set_scopes(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    set_claim(checker, setting, "scopes claim \"scope\"", &verifier->scope_claim);
}

static void set_roles(struct checker *checker, const struct setting *setting,
                      struct verifier *verifier)
{
    set_claim(checker, setting, "roles claim \"roles\"", &verifier->roles_claim);
}

static void set_profile(struct checker *checker, const struct setting *setting,
                        struct verifier *verifier)
{
    struct words values = setting->values;
    verifier->is_profile_rfc9068 = values.count == 1 && is_word(values.at[0], "rfc9068");
    if (!verifier->is_profile_rfc9068)
        complain(checker, setting, "profile rfc9068");
}

static void set_bound(struct checker *checker, const struct setting *setting,
                      struct verifier *verifier)
{
    struct words values = setting->values;
    bool is_good = values.count > 0;
    for (uint32_t i = 0; i < values.count; i++) {
        uint32_t bit = is_word(values.at[i], "dpop")   ? BOUND_DPOP
                       : is_word(values.at[i], "mtls") ? BOUND_MTLS
                       : is_word(values.at[i], "nonce") && verifier->bound & BOUND_DPOP
                           ? BOUND_NONCE
                           : 0;
        is_good = is_good && bit;
        verifier->bound |= bit;
    }
    if (!is_good)
        complain(checker, setting,
                 "bound dpop, bound mtls, or bound dpop mtls for one of them; bound dpop nonce");
}

static void set_allow(struct checker *checker, const struct setting *setting,
                      struct verifier *verifier)
{
    struct words values = setting->values;
    verifier->allows_private =
        values.count == 2 && is_word(values.at[0], "private") && is_word(values.at[1], "addresses");
    if (!verifier->allows_private)
        complain(checker, setting, "allow private addresses");
}

static void set_secret(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    uint32_t at = 0, errors_before = checker->diags->error_count;
    bool is_good =
        read_place(checker, setting, &at, &verifier->hmac_secret) && at == setting->values.count;
    if (!is_good && checker->diags->error_count == errors_before)
        complain(checker, setting, "secret env NAME or secret file \"path\"");
}

static bool read_client(struct checker *checker, const struct setting *setting,
                        struct introspection *out)
{
    uint32_t at = 0;
    struct words values = setting->values;
    if (!read_place(checker, setting, &at, &out->client) || at == values.count)
        return false;
    struct word word = values.at[at++];
    bool is_key = is_word(word, "key");
    if (!is_key && !is_word(word, "secret"))
        return false;
    out->method = is_key ? CLIENT_PRIVATE_KEY_JWT : CLIENT_BASIC;
    return read_place(checker, setting, &at, is_key ? &out->key : &out->secret) &&
           at == values.count;
}

static void set_client(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    uint32_t errors_before = checker->diags->error_count;
    if (!read_client(checker, setting, &verifier->introspection) &&
        checker->diags->error_count == errors_before)
        complain(checker, setting,
                 "client env ID secret env SECRET, or client env ID key file \"key.pem\"");
}

static void set_method(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    static const char *const methods[] = {[CLIENT_BASIC] = "basic",
                                          [CLIENT_POST] = "post",
                                          [CLIENT_PRIVATE_KEY_JWT] = "private_key_jwt"};
    struct words values = setting->values;
    for (int i = 0; i < 3; i++)
        if (values.count == 1 && is_word(values.at[0], methods[i])) {
            verifier->introspection.method = (enum client_method)i;
            return;
        }
    complain(checker, setting, "method basic, method post, or method private_key_jwt");
}

static void set_key_id(struct checker *checker, const struct setting *setting,
                       struct verifier *verifier)
{
    if (value_is_single(checker->diags, setting, true))
        verifier->introspection.key_id = setting->values.at[0].text;
}

/* ---- the table ---- */

enum { FOR_JWT = 1 << VERIFIER_JWT, FOR_INTROSPECTION = 1 << VERIFIER_INTROSPECTION };

/* `client` comes before `method`, which has the last word. */
static const struct known {
    const char *name;
    unsigned kinds;
    void (*set)(struct checker *checker, const struct setting *setting, struct verifier *verifier);
} known_settings[] = {
    {"issuer", FOR_JWT | FOR_INTROSPECTION, set_issuer},
    {"jwks", FOR_JWT, set_jwks},
    {"endpoint", FOR_INTROSPECTION, set_endpoint},
    {"client", FOR_INTROSPECTION, set_client},
    {"method", FOR_INTROSPECTION, set_method},
    {"key_id", FOR_INTROSPECTION, set_key_id},
    {"audience", FOR_JWT | FOR_INTROSPECTION, set_audience},
    {"algorithms", FOR_JWT, set_algorithms},
    {"secret", FOR_JWT, set_secret},
    {"leeway", FOR_JWT | FOR_INTROSPECTION, set_leeway},
    {"scopes", FOR_JWT | FOR_INTROSPECTION, set_scopes},
    {"roles", FOR_JWT | FOR_INTROSPECTION, set_roles},
    {"profile", FOR_JWT, set_profile},
    {"bound", FOR_JWT | FOR_INTROSPECTION, set_bound},
    {"cache", FOR_INTROSPECTION, set_cache},
    {"allow", FOR_JWT | FOR_INTROSPECTION, set_allow},
};

enum { KNOWN_COUNT = sizeof known_settings / sizeof known_settings[0] };
_Static_assert(KNOWN_COUNT == sizeof((struct given_settings *)0)->at / sizeof(void *),
               "a place for each");

/* The index into the table, -1: reported. */
static int kind_of(struct checker *checker, const struct setting *setting,
                   enum verifier_kind verifier)
{
    const char *names[KNOWN_COUNT + 1] = {0};
    int indices[KNOWN_COUNT], count = 0;
    for (int i = 0; i < KNOWN_COUNT; i++) {
        if (!(known_settings[i].kinds >> verifier & 1))
            continue;
        names[count] = known_settings[i].name;
        indices[count++] = i;
    }
    int found = value_setting_kind(checker->diags, setting, names);
    return found < 0 ? found : indices[found];
}

struct given_settings verifier_read_settings(struct checker *checker, struct settings block,
                                             struct verifier *verifier)
{
    struct given_settings given = {{0}};
    for (uint32_t i = 0; i < block.count; i++) {
        const struct setting *setting = &block.at[i];
        int kind = kind_of(checker, setting, verifier->kind);
        if (kind < 0)
            continue;
        if (given.at[kind]) {
            struct diag *diag = diag_error(checker->diags, "duplicate", setting->name.span,
                                           "setting '%s' given twice", known_settings[kind].name);
            diag_note(checker->diags, diag, given.at[kind]->name.span, "first given here");
            continue;
        }
        given.at[kind] = setting;
    }
    for (int i = 0; i < KNOWN_COUNT; i++)
        if (given.at[i])
            known_settings[i].set(checker, given.at[i], verifier);
    return given;
}

const struct setting *verifier_setting_given(const struct given_settings *given, const char *name)
{
    for (int i = 0; i < KNOWN_COUNT; i++)
        if (str_is(str_of(name), known_settings[i].name))
            return given->at[i];
    return NULL;
}
