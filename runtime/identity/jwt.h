/*
 * JSON Web Tokens in the compact form (RFC 7515, 7519, 8725), read but not yet believed: parts,
 * header and claims as JSON, and the rules of the header that need no key. The signature is
 * jws_verify's, the claims are jwt_claims'.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IDENTITY_JWT_H
#define IDENTITY_JWT_H

#include <mcpp/policy.h>

#include "runtime/identity/json_text.h"

/* Memory to read tokens with, used again for each. One per worker. */
struct jwt_reader {
    struct json_text header, claims;
    char *buffer; /* the decoded parts */
    size_t token_max;
};

bool jwt_reader_open(struct jwt_reader *reader, size_t token_max); /* false: out of memory */
void jwt_reader_close(struct jwt_reader *reader);

/* Valid until the reader reads the next token. */
struct jwt {
    struct slice signed_text; /* header and claims as they came: what is signed */
    struct slice signature;   /* decoded */
    const struct json_text *header, *claims;
    enum mcpp_algorithm algorithm;
    uint32_t kid;   /* node in header; 0: none */
    bool is_at_jwt; /* typ says that it is an access token (RFC 9068, section 2.1) */
};

enum jwt_form {
    JWT_READ,
    JWT_REFUSED, /* no token that any verifier could accept */
    JWT_OPAQUE,  /* no JWT at all */
};

/* *cause says why it is not JWT_READ. */
enum jwt_form jwt_read(struct jwt_reader *reader, struct slice token, struct jwt *out,
                       const char **cause);

/* The same for a DPoP proof (RFC 9449, section 4.2), which no token may pass for. */
bool jwt_read_proof(struct jwt_reader *reader, struct slice proof, struct jwt *out,
                    const char **cause);

#endif
