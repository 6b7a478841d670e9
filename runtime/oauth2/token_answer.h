/*
 * What a token endpoint says (RFC 6749, section 5), read strictly: the text comes from a server
 * that may be broken, and what it holds goes into a header. Pure functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_TOKEN_ANSWER_H
#define OAUTH2_TOKEN_ANSWER_H

#include "runtime/memory/secret_text.h"
#include "runtime/upstream/upstream.h"

enum {
    TOKEN_BYTES_MAX = 16384, /* of one token */
    TOKEN_ANSWER_MAX = 128 * 1024,
    TOKEN_LIFE_MAX = 24 * 3600, /* seconds; a longer life is looked at again by then */
    TOKEN_PROBLEM_MAX = 320,
};

enum token_verdict {
    TOKEN_GIVEN,
    TOKEN_REFUSED,  /* the server understood and says no: `error` says why */
    TOKEN_PENDING,  /* device flow: not yet (RFC 8628, section 3.5) */
    TOKEN_SLOWER,   /* likewise, and ask less often */
    TOKEN_UNUSABLE, /* no answer, or none that can be used */
};

/* Starts as {0}; closed by token_answer_close. */
struct token_answer {
    enum token_verdict verdict;
    struct secret_text access_token, refresh_token, id_token;
    bool has_life;
    uint32_t life_s;                 /* 0: of no use by the time it is here */
    char error[48];                  /* the code: "invalid_grant"; empty: none */
    char problem[TOKEN_PROBLEM_MAX]; /* in words, for people and models; no secrets */
    uint32_t retry_after_s;          /* 0: not said */
};

/* Secrets that a server might quote back. */
struct token_secrets {
    const struct slice *at;
    size_t count;
};

/* Reads the answer. A description that quotes one of the secrets is shown without it. */
void token_answer_read(const struct upstream_response *response,
                       const struct token_secrets *secrets, struct token_answer *out);
void token_answer_close(struct token_answer *answer);

/* Whether a text can be a token in a header (RFC 6750, section 2.1, and a little more). */
bool token_is_sendable(struct slice token);

/* A text of another server as it may be shown: printable ASCII without the secrets, at most `size`
 * bytes with the NUL. */
void token_quote(struct slice text, const struct token_secrets *secrets, char *out, size_t size);

#endif
