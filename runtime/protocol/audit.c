/*
 * Lines about decisions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/audit.h"

#include "runtime/observe/audit.h"

enum { TOOL_MAX = 128 }; /* characters of a name that nobody knows */

static void add_text(struct text *out, const char *name, struct slice value)
{
    if (!value.len)
        return;
    text_add_format(out, ",\"%s\":", name);
    text_add_json(out, value);
}

static void add_caller(struct text *out, const struct caller *caller)
{
    add_text(out, "subject", caller->subject);
    add_text(out, "client", caller->client);
    add_text(out, "issuer", caller->issuer);
    if (caller->verifier)
        add_text(out, "verifier", slice_of(caller->verifier->name));
}

/* The scopes that the caller lacks of the cheapest set that would do. */
static void add_missing(struct text *out, const struct turn *turn, const struct decision *decision)
{
    const struct mcpp_policy *policy = turn_policy(turn);
    const uint64_t *held = turn->exchange->caller.facts;
    bool is_first = true;
    for (uint32_t i = 0; decision->wanted && i < policy->fact_count; i++) {
        bool is_wanted = decision->wanted[i / 64] >> i % 64 & 1;
        bool is_held = held && held[i / 64] >> i % 64 & 1;
        if (policy->facts[i].kind != MCPP_FACT_SCOPE || !is_wanted || is_held)
            continue;
        text_add_literal(out, is_first ? ",\"missing\":[" : ",");
        text_add_json(out, slice_of(policy->facts[i].name));
        is_first = false;
    }
    if (!is_first)
        text_add_byte(out, ']');
}

static void add_rule(struct text *out, const struct mcpp_rule *rule)
{
    struct text place = {.pool = out->pool};
    if (!rule)
        return;
    text_add_format(&place, "%s:%u", rule->origin.file, (unsigned)rule->origin.line);
    add_text(out, "rule", text_slice(&place));
    out->failed |= place.failed;
}

static void add_request(struct text *out, const struct turn *turn)
{
    const struct message *message = &turn->message;
    add_text(out, "peer", turn->exchange->peer);
    if (!message->id.len)
        return;
    text_add_literal(out, ",\"id\":");
    text_add(out, message->id);
}

static void write_line(const struct text *out)
{
    if (!out->failed)
        audit_write(text_slice(out));
}

void audit_decision(const struct turn *turn, struct slice tool, const struct decision *decision,
                    bool is_limited)
{
    static const char *const outcomes[] = {
        [DECISION_UNKNOWN_TOOL] = "unknown-tool",
        [DECISION_NEEDS_TOKEN] = "unauthenticated",
        [DECISION_INSUFFICIENT_SCOPE] = "insufficient-scope",
        [DECISION_DENIED] = "denied",
        [DECISION_REFUSED] = "refused-arguments",
        [DECISION_ARGUMENT] = "refused-arguments",
        [DECISION_FILLED] = "refused-arguments",
        [DECISION_CLAIM] = "missing-claim",
        [DECISION_ALLOW] = "allowed",
    };
    if (!audit_wants(decision->kind != DECISION_ALLOW || is_limited))
        return;
    struct text out = {.pool = turn->exchange->pool};
    text_add_format(&out, "\"outcome\":\"%s\"", is_limited ? "limited" : outcomes[decision->kind]);
    if (tool.len > TOOL_MAX)
        tool.len = TOOL_MAX;
    add_text(&out, "tool", tool);
    add_caller(&out, &turn->exchange->caller);
    add_rule(&out, decision->rule);
    add_missing(&out, turn, decision);
    add_request(&out, turn);
    write_line(&out);
}

void audit_refusal(const struct turn *turn, const char *outcome, const char *cause)
{
    if (!audit_wants(true))
        return;
    struct text out = {.pool = turn->exchange->pool};
    text_add_format(&out, "\"outcome\":\"%s\"", outcome);
    add_text(&out, "cause", slice_of(cause));
    add_text(&out, "peer", turn->exchange->peer);
    write_line(&out);
}
