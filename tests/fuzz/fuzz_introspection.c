/*
 * What an authorization server may say of a token: read, judged, and made a caller's facts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "runtime/decide/facts.h"
#include "runtime/identity/introspector.h"
#include "runtime/identity/jwt_claims.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void judge(const struct json_text *answer)
{
    static const char *const audiences[] = {"a"};
    static const struct claim_rules rules = {{"i", 1}, audiences, 1, 30, false};
    static const struct mcpp_claim claims[] = {{"a"}, {"a.b"}, {"x:y"}};
    static const struct mcpp_policy policy = {.claims = claims, .claim_count = 3};
    static const struct mcpp_verifier verifier = {
        .name = "v", .scope_claim = "scope", .roles_claim = "roles"};
    const struct json_place place = {answer->text, answer->tape.nodes, 0};
    struct fact_index index;
    struct caller caller = {0};
    struct binding binding;
    struct pool *pool = pool_open(100000);
    bool is_good = !claims_check_answer(answer, &rules, 1800000000000);
    if (is_good && claims_end(answer, &rules) <= 1800000000000)
        abort(); /* expired, and taken */
    claims_binding(answer, &binding);
    if (fact_index_open(&index, &policy, "http"))
        facts_of_token(&index, &verifier, &place, pool, &caller);
    fact_index_close(&index);
    pool_close(pool);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct json_text answer = {0};
    bool is_active = false;
    char *copy = malloc(size + 1); /* its last byte is the NUL that scanners may read */
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    copy[size] = '\0';
    if (introspector_read((struct slice){copy, size}, &answer, &is_active))
        judge(&answer);
    json_text_close(&answer);
    free(copy);
    return 0;
}
