/*
 * `mcpc keygen`: a signing key for tests and demos, as a private key file, a public one and a key
 * set to serve.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <getopt.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/base/file.h"
#include "compiler/commands/command.h"
#include "compiler/commands/jwk.h"

enum { MODE_SECRET = 0600, MODE_PUBLIC = 0666, SECRET_BYTES = 64 };

struct keygen {
    struct arena arena;
    enum jwk_type type;
    bool is_secret; /* no key pair: bytes for HS256 */
    unsigned bits;  /* 0: not given */
    const char *kid, *algorithm, *name;
    EVP_PKEY *key;
};

static int fail(const char *name, const char *cause)
{
    fprintf(stderr, "mcpc keygen: %s: %s\n", name, cause);
    return EXIT_SYSTEM;
}

static int read_type(struct keygen *keygen, const char *text)
{
    static const char *const types[] = {
        [JWK_RSA] = "rsa",   [JWK_EC] = "ec",     [JWK_ED25519] = "ed25519",
        [JWK_P384] = "p384", [JWK_P521] = "p521", [JWK_ED448] = "ed448",
    };
    keygen->is_secret = strcmp(text, "secret") == 0;
    for (int i = 0; i < JWK_TYPE_COUNT; i++)
        if (strcmp(text, types[i]) == 0) {
            keygen->type = (enum jwk_type)i;
            return 0;
        }
    if (keygen->is_secret)
        return 0;
    return command_usage_error(
        &command_keygen, "unknown type '%s'; rsa, ec, p384, p521, ed25519, ed448 or secret", text);
}

static int read_bits(struct keygen *keygen, const char *text)
{
    char *end;
    unsigned long bits = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || bits < JWK_RSA_BITS || bits > JWK_RSA_BITS_MAX ||
        bits % 8)
        return command_usage_error(&command_keygen, "'--bits %s' is no multiple of 8 from %d to %d",
                                   text, (int)JWK_RSA_BITS, (int)JWK_RSA_BITS_MAX);
    keygen->bits = (unsigned)bits;
    return 0;
}

static int read_option(struct keygen *keygen, int option)
{
    switch (option) {
    case 't':
        return read_type(keygen, optarg);
    case 'b':
        return read_bits(keygen, optarg);
    case 'g':
        keygen->algorithm = optarg;
        return 0;
    case 'k':
        keygen->kid = optarg;
        if (!jwk_is_kid(optarg))
            return command_usage_error(&command_keygen, "the key ID is not printable ASCII");
        return 0;
    default:
        return command_usage_error(&command_keygen, "wrong option");
    }
}

static int read_arguments(struct keygen *keygen, int argc, char **argv)
{
    static const struct option options[] = {
        {"type", required_argument, NULL, 't'}, {"kid", required_argument, NULL, 'k'},
        {"bits", required_argument, NULL, 'b'}, {"alg", required_argument, NULL, 'g'},
        {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
    };
    int option, status = 0;
    optind = 0; /* other commands may have parsed before */
    opterr = 0;
    while (!status && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h') {
            command_help(&command_keygen);
            return -1;
        }
        if (option == '?')
            return command_usage_error(&command_keygen, "unknown option or missing value: '%s'",
                                       argv[optind - 1]);
        status = read_option(keygen, option);
    }
    if (status)
        return status;
    if (optind + 1 != argc || !argv[optind][0])
        return command_usage_error(&command_keygen, "one NAME is needed");
    if (keygen->bits && (keygen->type != JWK_RSA || keygen->is_secret))
        return command_usage_error(&command_keygen, "--bits is for RSA keys");
    if (keygen->is_secret && (keygen->kid || keygen->algorithm))
        return command_usage_error(&command_keygen, "a secret has no key ID and no algorithm");
    if (keygen->algorithm && !jwk_signs(keygen->type, keygen->algorithm))
        return command_usage_error(&command_keygen, "a key of this type does not sign '%s'",
                                   keygen->algorithm);
    keygen->name = argv[optind];
    return 0;
}

static int write_file(struct keygen *keygen, const char *suffix, struct str text, unsigned mode)
{
    const char *error;
    const char *name =
        str_text(&keygen->arena, str_format(&keygen->arena, "%s%s", keygen->name, suffix));
    if (file_write(&keygen->arena, name, text, mode, &error))
        return 0;
    return fail(name, error);
}

/* PEM through OpenSSL's own memory, which is wiped. */
static int write_pem(struct keygen *keygen, bool is_private)
{
    char *text;
    BIO *out = BIO_new(is_private ? BIO_s_secmem() : BIO_s_mem());
    int status = EXIT_SYSTEM;
    if (out &&
        (is_private ? PEM_write_bio_PKCS8PrivateKey(out, keygen->key, NULL, NULL, 0, NULL, NULL)
                    : PEM_write_bio_PUBKEY(out, keygen->key)) == 1) {
        long size = BIO_get_mem_data(out, &text);
        status = write_file(keygen, is_private ? ".key" : ".pem", (struct str){text, (size_t)size},
                            is_private ? MODE_SECRET : MODE_PUBLIC);
    } else {
        fail(keygen->name, "OpenSSL could not write the key");
    }
    BIO_free(out);
    return status;
}

static int write_jwks(struct keygen *keygen)
{
    struct arena *arena = &keygen->arena;
    struct str members = jwk_public(arena, keygen->key, keygen->type);
    if (!members.len)
        return fail(keygen->name, "OpenSSL could not read the public key");
    struct str kid = keygen->kid ? str_of(keygen->kid) : jwk_thumbprint(arena, members);
    struct str text = str_format(
        arena, "{\"keys\":[{\"kid\":%.*s,\"use\":\"sig\",\"alg\":\"%s\",%.*s}]}\n",
        STR_ARG(jwk_json_string(arena, kid)),
        keygen->algorithm ? keygen->algorithm : jwk_algorithm(keygen->type), STR_ARG(members));
    return write_file(keygen, ".jwks.json", text, MODE_PUBLIC);
}

/* A key that is gone cannot be had again. */
static int refuse_existing(struct keygen *keygen)
{
    struct stat status;
    const char *name = str_text(&keygen->arena, str_format(&keygen->arena, "%s.key", keygen->name));
    if (lstat(name, &status) != 0)
        return errno == ENOENT ? 0 : fail(name, strerror(errno));
    fprintf(stderr, "mcpc keygen: %s exists already and is not overwritten\n", name);
    return EXIT_REFUSED;
}

/* As text, so that it can be an environment variable too. */
static int make_secret(struct keygen *keygen)
{
    unsigned char bytes[SECRET_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return fail(keygen->name, "no random bytes");
    struct str text = jwk_base64url(&keygen->arena, bytes, sizeof bytes);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return write_file(keygen, ".key", str_format(&keygen->arena, "%.*s\n", STR_ARG(text)),
                      MODE_SECRET);
}

static int make_key(struct keygen *keygen)
{
    const char *error;
    int status = refuse_existing(keygen);
    if (status || keygen->is_secret)
        return status ? status : make_secret(keygen);
    keygen->key = jwk_make(keygen->type, keygen->bits ? keygen->bits : JWK_RSA_BITS, &error);
    if (!keygen->key)
        return fail(keygen->name, error);
    status = write_pem(keygen, true);
    if (!status)
        status = write_pem(keygen, false);
    if (!status)
        status = write_jwks(keygen);
    return status;
}

static int run(int argc, char **argv)
{
    struct keygen keygen = {.type = JWK_RSA};
    int status = read_arguments(&keygen, argc, argv);
    if (!status)
        status = make_key(&keygen);
    if (status == 0 && keygen.is_secret)
        printf("%s.key (secret, keep it)\n", keygen.name);
    else if (status == 0)
        printf("%s.key (private, keep it), %s.pem, %s.jwks.json\n", keygen.name, keygen.name,
               keygen.name);
    EVP_PKEY_free(keygen.key);
    arena_free(&keygen.arena);
    return status < 0 ? 0 : status;
}

static const struct option_help options_help[] = {
    {"--type TYPE",
     "rsa, ec (P-256), p384, p521, ed25519, ed448, or secret for HS256 (default rsa)"},
    {"--alg ALGORITHM", "what the key is published for: PS256 (default: its type's first)"},
    {"--kid KID", "key ID (default: the key's RFC 7638 thumbprint)"},
    {"--bits N", "size of an RSA key (default 2048)"},
    {"--help", "this text"},
    {0},
};

const struct command command_keygen = {
    .name = "keygen",
    .summary = "make a signing key for tests: NAME.key, NAME.pem, NAME.jwks.json",
    .usage = "mcpc keygen [OPTIONS] NAME",
    .options = options_help,
    .run = run,
};
