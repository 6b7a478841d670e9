/*
 * `mcpc keygen`: a signing key for tests and demos, as a private key file, a public one and a key
 * set to serve.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <getopt.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/base/file.h"
#include "compiler/commands/command.h"
#include "compiler/commands/jwk.h"

enum { MODE_SECRET = 0600, MODE_PUBLIC = 0666 };

struct keygen {
    struct arena arena;
    enum jwk_type type;
    unsigned bits; /* 0: not given */
    const char *kid, *name;
    EVP_PKEY *key;
};

static int fail(const char *name, const char *cause)
{
    fprintf(stderr, "mcpc keygen: %s: %s\n", name, cause);
    return EXIT_SYSTEM;
}

static int read_type(struct keygen *keygen, const char *text)
{
    if (strcmp(text, "rsa") == 0)
        keygen->type = JWK_RSA;
    else if (strcmp(text, "ec") == 0)
        keygen->type = JWK_EC;
    else if (strcmp(text, "ed25519") == 0)
        keygen->type = JWK_ED25519;
    else
        return command_usage_error(&command_keygen, "unknown type '%s'; rsa, ec or ed25519", text);
    return 0;
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
        {"type", required_argument, NULL, 't'},
        {"kid", required_argument, NULL, 'k'},
        {"bits", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
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
    if (keygen->bits && keygen->type != JWK_RSA)
        return command_usage_error(&command_keygen, "--bits is for RSA keys");
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
        STR_ARG(jwk_json_string(arena, kid)), jwk_algorithm(keygen->type), STR_ARG(members));
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

static int make_key(struct keygen *keygen)
{
    const char *error;
    int status = refuse_existing(keygen);
    if (status)
        return status;
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
    if (status == 0)
        printf("%s.key (private, keep it), %s.pem, %s.jwks.json\n", keygen.name, keygen.name,
               keygen.name);
    EVP_PKEY_free(keygen.key);
    arena_free(&keygen.arena);
    return status < 0 ? 0 : status;
}

static const struct option_help options_help[] = {
    {"--type rsa|ec|ed25519", "kind of key: RS256, ES256 on P-256, or EdDSA (default rsa)"},
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
