/*
 * Reading answers of token endpoints. Whatever is odd makes the answer unusable, with words for it:
 * a token is never guessed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/oauth2/token_answer.h"

#include <stdio.h>
#include <strings.h>

#include "runtime/identity/json_text.h"
#include "runtime/memory/secret.h"

enum { SECRET_QUOTED_MIN = 4, RETRY_AFTER_MAX = 3600 };

static const struct json_bounds bounds = {.depth = 16, .nodes = 4096};

/* ---- texts ---- */

bool token_is_sendable(struct slice token)
{
    for (size_t i = 0; i < token.len; i++)
        if (token.at[i] <= ' ' || token.at[i] > '~')
            return false;
    return token.len > 0 && token.len <= TOKEN_BYTES_MAX;
}

/* The length of the secret that the text begins with, or 0. */
static size_t secret_at(struct slice text, const struct token_secrets *secrets)
{
    for (size_t i = 0; i < secrets->count; i++) {
        struct slice secret = secrets->at[i];
        if (secret.len >= SECRET_QUOTED_MIN && text.len >= secret.len &&
            memcmp(text.at, secret.at, secret.len) == 0)
            return secret.len;
    }
    return 0;
}

void token_quote(struct slice text, const struct token_secrets *secrets, char *out, size_t size)
{
    static const char hidden[] = "[secret]";
    size_t len = 0;
    for (size_t i = 0; i < text.len && len + sizeof hidden < size;) {
        size_t secret = secret_at((struct slice){text.at + i, text.len - i}, secrets);
        if (secret) {
            memcpy(out + len, hidden, sizeof hidden - 1);
            len += sizeof hidden - 1;
            i += secret;
            continue;
        }
        unsigned char byte = (unsigned char)text.at[i++];
        out[len++] = byte < ' ' || byte > '~' ? '?' : (char)byte;
    }
    out[len] = '\0';
}

/* False: out of memory, or no string. */
static bool copy_string(const struct json_text *json, uint32_t node, struct secret_text *out)
{
    struct slice raw = json_text_raw(json, node);
    char *room = secret_text_reserve(out, raw.len);
    if (room)
        secret_text_grew(out, json_unescape(json->text, &json->tape.nodes[node], room));
    return room != NULL;
}

/* ---- outcomes ---- */

static void set_problem(struct token_answer *out, enum token_verdict verdict, const char *text)
{
    out->verdict = verdict;
    snprintf(out->problem, sizeof out->problem, "%s", text);
}

static bool read_token(const struct json_text *json, const char *name, struct secret_text *out)
{
    uint32_t node = json_text_member_of(json, 0, name, JSON_STRING);
    return !node || (copy_string(json, node, out) &&
                     (out->len == 0 || token_is_sendable(secret_text_slice(out))));
}

static bool is_bearer(const struct json_text *json)
{
    uint32_t node = json_text_member_of(json, 0, "token_type", JSON_STRING);
    struct slice raw = node ? json_text_raw(json, node) : (struct slice){NULL, 0};
    return raw.len == 6 && strncasecmp(raw.at, "bearer", 6) == 0;
}

/* Seconds, whole ones, of a number or of a string that looks like one: "3600" is common, 3600.5 and
 * 1e400 occur. Negative is 0. False: not said in a way that can be used. */
static bool read_seconds(struct slice digits, uint32_t *out)
{
    uint64_t seconds = 0;
    size_t i = 0;
    bool is_negative = digits.len && digits.at[0] == '-';
    for (i = is_negative; i < digits.len && digits.at[i] >= '0' && digits.at[i] <= '9'; i++)
        if (seconds <= TOKEN_LIFE_MAX)
            seconds = seconds * 10 + (uint64_t)(digits.at[i] - '0');
    if (i == (size_t)is_negative)
        return false;
    struct slice rest = {digits.at + i, digits.len - i};
    if (rest.len && memchr(rest.at, '-', rest.len))
        seconds = 0; /* 1e-3 */
    else if (rest.len && (memchr(rest.at, 'e', rest.len) || memchr(rest.at, 'E', rest.len)))
        seconds = seconds ? TOKEN_LIFE_MAX : 0;
    else if (rest.len && rest.at[0] != '.')
        return false;
    *out = is_negative ? 0 : (uint32_t)(seconds > TOKEN_LIFE_MAX ? TOKEN_LIFE_MAX : seconds);
    return true;
}

static void read_life(const struct json_text *json, struct token_answer *out)
{
    uint32_t node = json_text_member(json, 0, "expires_in");
    struct slice digits = {NULL, 0};
    if (node && json_text_has_kind(json, node, JSON_STRING))
        digits = json_text_raw(json, node);
    else if (node && json_text_has_kind(json, node, JSON_NUMBER))
        digits = (struct slice){json->text + json->tape.nodes[node].start,
                                json->tape.nodes[node].end - json->tape.nodes[node].start};
    out->has_life = digits.len && read_seconds(digits, &out->life_s);
}

static void read_given(const struct json_text *json, struct token_answer *out)
{
    read_life(json, out);
    out->verdict = TOKEN_GIVEN;
    if (!read_token(json, "access_token", &out->access_token))
        set_problem(out, TOKEN_UNUSABLE, "its access_token cannot be sent in a header");
    else if (out->access_token.len == 0)
        set_problem(out, TOKEN_UNUSABLE, "its answer has no access_token");
    else if (!is_bearer(json))
        set_problem(out, TOKEN_UNUSABLE, "its token_type is not bearer");
    else if (!read_token(json, "refresh_token", &out->refresh_token) ||
             !read_token(json, "id_token", &out->id_token))
        set_problem(out, TOKEN_UNUSABLE, "one of its tokens cannot be used");
}

/* ---- errors ---- */

static void read_error(const struct json_text *json, uint32_t code,
                       const struct token_secrets *secrets, struct token_answer *out)
{
    uint32_t description = json_text_member_of(json, 0, "error_description", JSON_STRING);
    struct secret_text text = {0};
    char quoted[200] = "";
    token_quote(json_text_raw(json, code), secrets, out->error, sizeof out->error);
    if (description && copy_string(json, description, &text))
        token_quote(secret_text_slice(&text), secrets, quoted, sizeof quoted);
    secret_text_close(&text);
    out->verdict = strcmp(out->error, "authorization_pending") == 0 ? TOKEN_PENDING
                   : strcmp(out->error, "slow_down") == 0           ? TOKEN_SLOWER
                                                                    : TOKEN_REFUSED;
    snprintf(out->problem, sizeof out->problem, "it says %s%s%s", out->error, quoted[0] ? ": " : "",
             quoted);
}

/* What a server says with its status alone: glewlwyd's answer to a wrong password is an empty 403.
 */
static void read_status(unsigned status, struct token_answer *out)
{
    bool is_refusal = status == 400 || status == 401 || status == 403;
    out->verdict = is_refusal ? TOKEN_REFUSED : TOKEN_UNUSABLE;
    snprintf(out->problem, sizeof out->problem, "it answered %u%s", status,
             is_refusal ? " without saying why" : "");
}

static void read_retry_after(struct slice value, struct token_answer *out)
{
    uint32_t seconds = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return;
        if (seconds < RETRY_AFTER_MAX)
            seconds = seconds * 10 + (uint32_t)(value.at[i] - '0');
    }
    out->retry_after_s = seconds < RETRY_AFTER_MAX ? seconds : RETRY_AFTER_MAX;
}

static void read_body(const struct upstream_response *response, const struct json_text *json,
                      const struct token_secrets *secrets, struct token_answer *out)
{
    uint32_t code = json ? json_text_member_of(json, 0, "error", JSON_STRING) : 0;
    bool is_success = response->status >= 200 && response->status < 300;
    if (code) /* some say so with a 200 */
        read_error(json, code, secrets, out);
    else if (!is_success)
        read_status(response->status, out);
    else if (!json)
        set_problem(out, TOKEN_UNUSABLE, "its answer is no JSON object");
    else
        read_given(json, out);
}

void token_answer_read(const struct upstream_response *response,
                       const struct token_secrets *secrets, struct token_answer *out)
{
    struct json_text json = {0};
    *out = (struct token_answer){0};
    if (response->outcome != UPSTREAM_ANSWERED) {
        bool is_late = response->outcome == UPSTREAM_TIMEOUT;
        out->verdict = TOKEN_UNUSABLE;
        snprintf(out->problem, sizeof out->problem, "%s%s",
                 is_late ? "it did not answer in time" : "it cannot be used: ",
                 is_late || !response->detail ? "" : response->detail);
        return;
    }
    bool is_json = json_text_scan(&json, response->body.at, response->body.len, bounds);
    read_body(response, is_json ? &json : NULL, secrets, out);
    read_retry_after(response->retry_after, out);
    json_text_close(&json);
}

void token_answer_close(struct token_answer *answer)
{
    secret_text_close(&answer->access_token);
    secret_text_close(&answer->refresh_token);
    secret_text_close(&answer->id_token);
}
