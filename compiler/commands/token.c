/*
 * `mcpc token`: an access token (RFC 9068) for tests and demos, signed with a key of `mcpc keygen`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <getopt.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/base/list.h"
#include "compiler/base/source.h"
#include "compiler/commands/command.h"
#include "compiler/commands/jwk.h"
#include "grammar/json.h"

enum {
    TTL_S = 300,
    JTI_BYTES = 16,
    CLAIM_DEPTH = 100,
    CLAIM_NODES = 10000,
    DURATION_MAX = 1000000000, /* seconds; some 30 years */
};

struct claim {
    const char *name;
    struct str json;
};

struct token {
    struct arena arena;
    const char *key_file, *secret_file, *kid, *algorithm, *typ;
    const char *scope, *audience, *issuer, *subject;
    const char *ttl, *not_before;
    int64_t ttl_s, not_before_s;
    LIST(struct claim) claims; /* in the order they are written */
};

static int refuse(const char *name, const char *cause)
{
    fprintf(stderr, "mcpc token: %s: %s\n", name, cause);
    return EXIT_REFUSED;
}

static int cannot_read(const char *name, const char *cause)
{
    refuse(name, cause);
    return EXIT_SYSTEM;
}

/* ---- claims ---- */

/* A later claim replaces an earlier one of the same name. */
static void set_claim(struct token *token, const char *name, struct str json)
{
    for (size_t i = 0; i < token->claims.count; i++)
        if (strcmp(token->claims.at[i].name, name) == 0) {
            token->claims.at[i].json = json;
            return;
        }
    *list_add(&token->arena, &token->claims) = (struct claim){name, json};
}

static void set_text(struct token *token, const char *name, const char *text)
{
    if (text)
        set_claim(token, name, jwk_json_string(&token->arena, str_of(text)));
}

static void set_number(struct token *token, const char *name, int64_t number)
{
    set_claim(token, name, str_format(&token->arena, "%lld", (long long)number));
}

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = arena_alloc(context, new_size);
    if (old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

static const char *json_fault(struct arena *arena, struct str text)
{
    struct json_tape tape = {
        .depth_max = CLAIM_DEPTH, .node_max = CLAIM_NODES, .grow = grow, .context = arena};
    enum json_error error = json_scan(text.at, text.len, &tape, NULL);
    return error == JSON_OK ? NULL : json_error_text(error);
}

/* What people type must become JSON text, so it has to be UTF-8. */
static bool is_utf8(struct token *token, const char *text)
{
    return !text || !json_fault(&token->arena, jwk_json_string(&token->arena, str_of(text)));
}

/* "name=JSON" */
static int add_claim(struct token *token, const char *text)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return command_usage_error(&command_token, "'--claim %s' is not NAME=JSON", text);
    const char *name = str_text(&token->arena, (struct str){text, (size_t)(equals - text)});
    struct str json = str_of(equals + 1);
    const char *fault = json_fault(&token->arena, json);
    if (fault)
        return command_usage_error(&command_token,
                                   "the value of '--claim %s' is no JSON (%s); a text needs its "
                                   "quotes: --claim '%s=\"text\"'",
                                   name, fault, name);
    if (!is_utf8(token, name))
        return command_usage_error(&command_token, "a claim's name is not UTF-8");
    set_claim(token, name, json);
    return 0;
}

/* ---- options ---- */

/* "90", "90s", "5m", "2h", "7d", each also with a minus. */
static bool read_duration(const char *text, int64_t *seconds)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    char *end;
    bool is_negative = *text == '-';
    text += is_negative ? 1 : 0;
    if (*text < '0' || *text > '9')
        return false;
    long long value = strtoll(text, &end, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (*end != units[i].unit || (*end && end[1]) || value > DURATION_MAX / units[i].seconds)
            continue;
        *seconds = (is_negative ? -value : value) * units[i].seconds;
        return true;
    }
    return false;
}

static const char **text_option(struct token *token, int option)
{
    switch (option) {
    case 'f':
        return &token->key_file;
    case 'x':
        return &token->secret_file;
    case 'k':
        return &token->kid;
    case 'g':
        return &token->algorithm;
    case 's':
        return &token->scope;
    case 'a':
        return &token->audience;
    case 'i':
        return &token->issuer;
    case 'u':
        return &token->subject;
    case 't':
        return &token->ttl;
    case 'n':
        return &token->not_before;
    default:
        return &token->typ;
    }
}

static const struct option long_options[] = {
    {"key", required_argument, NULL, 'f'},   {"secret", required_argument, NULL, 'x'},
    {"kid", required_argument, NULL, 'k'},   {"alg", required_argument, NULL, 'g'},
    {"scope", required_argument, NULL, 's'}, {"aud", required_argument, NULL, 'a'},
    {"iss", required_argument, NULL, 'i'},   {"sub", required_argument, NULL, 'u'},
    {"ttl", required_argument, NULL, 't'},   {"not-before", required_argument, NULL, 'n'},
    {"typ", required_argument, NULL, 'y'},   {"claim", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
};

static int check_options(struct token *token)
{
    if (!token->key_file == !token->secret_file)
        return command_usage_error(&command_token,
                                   "--key FILE or --secret FILE is needed (see mcpc keygen)");
    if (!token->issuer)
        return command_usage_error(&command_token,
                                   "--iss URL is needed: the issuer that the server trusts");
    if (token->kid && !jwk_is_kid(token->kid))
        return command_usage_error(&command_token, "the key ID is not printable ASCII");
    if (!is_utf8(token, token->scope) || !is_utf8(token, token->audience) ||
        !is_utf8(token, token->issuer) || !is_utf8(token, token->subject) ||
        !is_utf8(token, token->typ))
        return command_usage_error(&command_token, "an option's value is not UTF-8");
    if (token->ttl && !read_duration(token->ttl, &token->ttl_s))
        return command_usage_error(&command_token, "'--ttl %s' is no duration such as 90s, 5m, 2h",
                                   token->ttl);
    if (token->not_before && !read_duration(token->not_before, &token->not_before_s))
        return command_usage_error(&command_token,
                                   "'--not-before %s' is no duration such as 90s, 5m, -2h",
                                   token->not_before);
    return 0;
}

/* The claims that options give by name, in the order of RFC 9068, section 2.2. */
static int set_own_claims(struct token *token)
{
    unsigned char jti[JTI_BYTES];
    int64_t now = (int64_t)time(NULL);
    if (RAND_bytes(jti, sizeof jti) != 1) {
        fprintf(stderr, "mcpc token: no random bytes\n");
        return EXIT_SYSTEM;
    }
    set_text(token, "iss", token->issuer);
    set_text(token, "sub", token->subject);
    set_text(token, "aud", token->audience);
    set_number(token, "iat", now);
    if (token->not_before)
        set_number(token, "nbf", now + token->not_before_s);
    set_number(token, "exp", now + token->ttl_s);
    set_text(token, "scope", token->scope);
    set_claim(token, "jti",
              jwk_json_string(&token->arena, jwk_base64url(&token->arena, jti, sizeof jti)));
    return 0;
}

/* -1: --help was answered. --claim comes after the options by name, whatever the order. */
static int read_arguments(struct token *token, int argc, char **argv)
{
    LIST(const char *) claims = {0};
    int option;
    optind = 0; /* other commands may have parsed before */
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == 'h') {
            command_help(&command_token);
            return -1;
        }
        if (option == '?')
            return command_usage_error(&command_token, "unknown option or missing value: '%s'",
                                       argv[optind - 1]);
        if (option == 'c')
            *list_add(&token->arena, &claims) = optarg;
        else
            *text_option(token, option) = optarg;
    }
    if (optind != argc)
        return command_usage_error(&command_token, "unexpected '%s'", argv[optind]);
    int status = check_options(token);
    if (!status)
        status = set_own_claims(token);
    for (size_t i = 0; !status && i < claims.count; i++)
        status = add_claim(token, claims.at[i]);
    return status;
}

/* ---- the token ---- */

static struct str claims_json(struct token *token)
{
    struct str_builder out = {.arena = &token->arena};
    for (size_t i = 0; i < token->claims.count; i++) {
        str_add_byte(&out, i ? ',' : '{');
        str_add(&out, jwk_json_string(&token->arena, str_of(token->claims.at[i].name)));
        str_add_byte(&out, ':');
        str_add(&out, token->claims.at[i].json);
    }
    str_add_byte(&out, '}');
    return str_built(&out);
}

static struct str header_json(struct token *token, struct str kid)
{
    struct arena *arena = &token->arena;
    struct str id = kid.len
                        ? str_format(arena, ",\"kid\":%.*s", STR_ARG(jwk_json_string(arena, kid)))
                        : (struct str){"", 0};
    return str_format(arena, "{\"alg\":\"%s\",\"typ\":%.*s%.*s}", token->algorithm,
                      STR_ARG(jwk_json_string(arena, str_of(token->typ))), STR_ARG(id));
}

static struct str signed_text(struct token *token, struct str kid)
{
    struct arena *arena = &token->arena;
    struct str header = header_json(token, kid), claims = claims_json(token);
    return str_format(arena, "%.*s.%.*s", STR_ARG(jwk_base64url(arena, header.at, header.len)),
                      STR_ARG(jwk_base64url(arena, claims.at, claims.len)));
}

static int print(struct str text, struct str signature)
{
    if (!signature.len) {
        fprintf(stderr, "mcpc token: OpenSSL could not sign\n");
        return EXIT_SYSTEM;
    }
    if (printf("%.*s.%.*s\n", STR_ARG(text), STR_ARG(signature)) < 0 || fflush(stdout) != 0) {
        fprintf(stderr, "mcpc token: the token could not be written\n");
        return EXIT_SYSTEM;
    }
    return 0;
}

static int sign_with_key(struct token *token, EVP_PKEY *key)
{
    struct arena *arena = &token->arena;
    enum jwk_type type;
    const char *error;
    if (!jwk_type_of(key, &type, &error))
        return refuse(token->key_file, error);
    if (!token->algorithm)
        token->algorithm = jwk_algorithm(type);
    if (!jwk_signs(type, token->algorithm))
        return refuse(token->key_file,
                      str_text(arena, str_format(arena, "this key signs %s, not %s",
                                                 jwk_algorithm(type), token->algorithm)));
    struct str members = jwk_public(arena, key, type);
    struct str kid = token->kid ? str_of(token->kid) : jwk_thumbprint(arena, members);
    struct str text = signed_text(token, kid);
    return print(text, members.len ? jwk_sign(arena, key, token->algorithm, text) : members);
}

/* A file as `verifier … { secret file "…" }` reads it: without the line end. */
static int sign_with_secret(struct token *token)
{
    const char *error;
    struct source *source = source_read(&token->arena, token->secret_file, &error);
    if (!source)
        return cannot_read(token->secret_file, error);
    struct str secret = source->text;
    while (secret.len && strchr("\r\n", secret.at[secret.len - 1]))
        secret.len--;
    if (!token->algorithm)
        token->algorithm = "HS256";
    struct str text = signed_text(token, token->kid ? str_of(token->kid) : (struct str){0});
    struct str signature = jwk_sign_secret(&token->arena, secret, token->algorithm, text);
    if (!signature.len)
        return refuse(token->secret_file, "a secret signs HS256, HS384 and HS512");
    return print(text, signature);
}

static int run(int argc, char **argv)
{
    const char *error;
    struct token token = {
        .audience = "backend-api", .subject = "tester", .typ = "at+jwt", .ttl_s = TTL_S};
    EVP_PKEY *key = NULL;
    int status = read_arguments(&token, argc, argv);
    if (!status && token.secret_file) {
        status = sign_with_secret(&token);
    } else if (!status) {
        bool is_unreadable;
        key = jwk_read(token.key_file, &is_unreadable, &error);
        status = key             ? sign_with_key(&token, key)
                 : is_unreadable ? cannot_read(token.key_file, error)
                                 : refuse(token.key_file, error);
    }
    EVP_PKEY_free(key);
    arena_free(&token.arena);
    return status < 0 ? 0 : status;
}

static const struct option_help options_help[] = {
    {"--key FILE", "private key to sign with: NAME.key of mcpc keygen"},
    {"--secret FILE", "secret to sign HS256 with, instead of a key: mcpc keygen --type secret"},
    {"--iss URL", "issuer: the one that the server trusts"},
    {"--aud TEXT", "audience (default backend-api)"},
    {"--scope WORDS", "scopes with spaces between them (default: no scope claim)"},
    {"--sub TEXT", "subject (default tester)"},
    {"--ttl DURATION",
     "life from now: 90s, 5m, 2h, 7d, negative for an expired token (default 5m)"},
    {"--not-before DURATION", "nbf, from now; may be negative (default: no nbf claim)"},
    {"--claim NAME=JSON", "a further claim, or another value for one of these; may be repeated"},
    {"--kid KID", "key ID (default: the key's RFC 7638 thumbprint, as mcpc keygen)"},
    {"--alg ALGORITHM", "one that the key can sign: PS256 (default: its type's first)"},
    {"--typ TYPE", "type in the header (default at+jwt)"},
    {"--help", "this text"},
    {0},
};

const struct command command_token = {
    .name = "token",
    .summary = "print an access token for tests, signed with a key of keygen",
    .usage = "mcpc token --key NAME.key --iss URL [OPTIONS]",
    .options = options_help,
    .run = run,
};
