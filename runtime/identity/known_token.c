/*
 * Copying callers. The order in memory: facts, claims, texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/identity/known_token.h"

static uint32_t claim_count(const struct mcpp_policy *policy, const struct caller *caller)
{
    return caller->claims ? policy->claim_count : 0;
}

static size_t fact_bytes(const struct mcpp_policy *policy, const struct caller *caller)
{
    return caller->facts ? policy->fact_words * sizeof *caller->facts : 0;
}

size_t known_caller_size(const struct mcpp_policy *policy, const struct caller *caller)
{
    size_t size = fact_bytes(policy, caller);
    for (uint32_t i = 0; i < claim_count(policy, caller); i++)
        size += sizeof *caller->claims + caller->claims[i].text.len + 1;
    return size + caller->subject.len + caller->client.len + caller->issuer.len + 3;
}

/* With a NUL behind it. */
static struct slice write_text(struct slice text, char **at)
{
    char *start = *at;
    if (text.len)
        memcpy(start, text.at, text.len);
    start[text.len] = '\0';
    *at += text.len + 1;
    return (struct slice){start, text.len};
}

struct caller known_caller_write(const struct mcpp_policy *policy, const struct caller *caller,
                                 char *memory)
{
    struct caller out = *caller;
    size_t facts = fact_bytes(policy, caller);
    uint32_t count = claim_count(policy, caller);
    struct caller_claim *claims = (struct caller_claim *)(void *)(memory + facts);
    char *at = memory + facts + count * sizeof *claims;
    if (facts) {
        memcpy(memory, caller->facts, facts);
        out.facts = (const uint64_t *)(const void *)memory;
    }
    for (uint32_t i = 0; i < count; i++)
        claims[i] =
            (struct caller_claim){caller->claims[i].kind, write_text(caller->claims[i].text, &at)};
    if (count)
        out.claims = claims;
    out.subject = write_text(caller->subject, &at);
    out.client = write_text(caller->client, &at);
    out.issuer = write_text(caller->issuer, &at);
    return out;
}

struct caller known_caller_move(const struct mcpp_policy *policy, const struct caller *caller,
                                const char *at, size_t size, char *memory)
{
    struct caller out = *caller;
    memcpy(memory, at, size);
    out.subject.at = memory + (caller->subject.at - at);
    out.client.at = memory + (caller->client.at - at);
    out.issuer.at = memory + (caller->issuer.at - at);
    if (caller->facts)
        out.facts = (const uint64_t *)(const void *)memory;
    if (!caller->claims)
        return out;
    struct caller_claim *claims =
        (struct caller_claim *)(void *)(memory + fact_bytes(policy, caller));
    for (uint32_t i = 0; i < policy->claim_count; i++)
        if (claims[i].text.at)
            claims[i].text.at = memory + (claims[i].text.at - at);
    out.claims = claims;
    return out;
}
