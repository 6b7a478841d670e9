/*
 * Saying no.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/denial.h"

#include "runtime/observe/log.h"
#include "runtime/protocol/authenticate.h"
#include "runtime/protocol/resources.h"

enum { NAME_SHOWN = 128 }; /* bytes of an unknown tool's name in its error */

/* ---- the log ---- */

static const char *const outcomes[] = {
    [DECISION_UNKNOWN_TOOL] = "unknown-tool",
    [DECISION_NEEDS_TOKEN] = "needs-token",
    [DECISION_INSUFFICIENT_SCOPE] = "insufficient-scope",
    [DECISION_DENIED] = "denied",
    [DECISION_REFUSED] = "refused",
    [DECISION_ARGUMENT] = "argument-type",
    [DECISION_FILLED] = "argument-filled",
    [DECISION_CLAIM] = "missing-claim",
    [DECISION_ALLOW] = "allowed",
};

/* Claims are quoted as JSON: a subject with quotes must not write fields of its own. */
static void log_denial(const struct turn *turn, const struct decision *decision)
{
    const struct caller *caller = &turn->exchange->caller;
    struct mcpp_origin origin = decision->rule   ? decision->rule->origin
                                : decision->fill ? decision->fill->origin
                                                 : decision->tool->origin;
    struct text subject = {.pool = turn->exchange->pool}, issuer = {.pool = turn->exchange->pool};
    text_add_json(&subject, caller->subject);
    text_add_json(&issuer, caller->issuer);
    log_info("call denied tool=%s outcome=%s subject=%.*s issuer=%.*s rule=%s:%u",
             decision->tool->name, outcomes[decision->kind], SLICE_ARG(text_slice(&subject)),
             SLICE_ARG(text_slice(&issuer)), origin.file, (unsigned)origin.line);
}

/* ---- results ---- */

static const char *text_of(struct text *text)
{
    text_add_byte(text, '\0');
    return text->failed ? "The call is not allowed." : text->at;
}

static const char *describe_argument(struct turn *turn, const struct mcpp_test *test)
{
    struct text text = {.pool = turn->exchange->pool};
    text_add_literal(&text, "The argument \"");
    for (const char *const *name = test->argument; *name; name++) {
        text_add_literal(&text, name == test->argument ? "" : ".");
        text_add_literal(&text, *name);
    }
    text_add_literal(&text, "\" must be ");
    text_add_literal(&text, test_wants(test));
    text_add_literal(&text, ": a rule of this server looks at it.");
    return text_of(&text);
}

static const char *describe_fill(struct turn *turn, const struct decision *decision)
{
    const struct mcpp_policy *policy = turn_policy(turn);
    const char *argument = decision->tool->parameters[decision->fill->parameter].argument;
    const char *claim = policy->claims[decision->fill->claim].path;
    struct text text = {.pool = turn->exchange->pool};
    if (decision->kind == DECISION_FILLED) {
        text_add_literal(&text, "Unknown argument \"");
        text_add_literal(&text, argument);
        text_add_literal(&text, "\": this server fills it in itself.");
    } else {
        text_add_literal(&text, "The argument \"");
        text_add_literal(&text, argument);
        text_add_literal(&text, "\" comes from the caller's claim \"");
        text_add_literal(&text, claim);
        text_add_literal(&text, "\", and the operator has none: start the server with --as-claim ");
        text_add_literal(&text, claim);
        text_add_literal(&text, "=VALUE.");
    }
    return text_of(&text);
}

static bool is_local(const struct turn *turn)
{
    enum caller_kind kind = turn->exchange->caller.kind;
    return kind == CALLER_OPERATOR || kind == CALLER_NARROWED;
}

const char *denial_text(struct turn *turn, const struct decision *decision)
{
    const char *text = NULL;
    if (decision->kind == DECISION_REFUSED)
        text = decision->rule->message[0] ? decision->rule->message
                                          : "A rule of this server does not allow these arguments.";
    else if (decision->kind == DECISION_ARGUMENT)
        text = describe_argument(turn, decision->test);
    else if (decision->kind == DECISION_FILLED ||
             (decision->kind == DECISION_CLAIM && is_local(turn)))
        text = describe_fill(turn, decision);
    if (text)
        log_denial(turn, decision);
    return text;
}

/* ---- errors ---- */

static void refuse_unknown(struct turn *turn, struct slice name)
{
    struct text text = {.pool = turn->exchange->pool};
    if (turn->uri.len) {
        resources_refuse(turn);
        return;
    }
    name.len = name.len < NAME_SHOWN ? name.len : NAME_SHOWN;
    text_add_literal(&text, "unknown tool ");
    text_add(&text, name);
    turn_answer_error(turn, ERROR_PARAMS, text.failed ? SLICE("unknown tool") : text_slice(&text));
}

/* Why the caller is not allowed to; what a rule says is its author's word to callers. */
static struct slice reason_of(const struct turn *turn, const struct decision *decision)
{
    if (decision->rule && decision->rule->message[0])
        return slice_of(decision->rule->message);
    switch (decision->kind) {
    case DECISION_NEEDS_TOKEN:
        return SLICE("the tool needs an access token");
    case DECISION_INSUFFICIENT_SCOPE:
        return is_local(turn) ? SLICE("the operator has not the scopes that the tool needs")
                              : SLICE("the access token has not the scopes that the tool needs");
    case DECISION_CLAIM:
        return SLICE("the access token has not the claim that the tool needs");
    default:
        return SLICE("a rule of this server does not allow it");
    }
}

void denial_answer(struct turn *turn, const struct decision *decision, struct slice name)
{
    bool needs_token = decision->kind == DECISION_NEEDS_TOKEN;
    if (decision->kind == DECISION_UNKNOWN_TOOL) {
        refuse_unknown(turn, name);
        return;
    }
    log_denial(turn, decision);
    /* on HTTP the status and the challenge tell the client's authorization code what to do; the
     * error in the body is the same on every transport */
    if (turn->exchange->http && !turn->status) {
        turn->status = needs_token ? 401 : 403;
        if (needs_token)
            authenticate_add_challenge(turn, CHALLENGE_NO_TOKEN, decision->wanted);
        else if (decision->kind == DECISION_INSUFFICIENT_SCOPE && !is_local(turn))
            authenticate_add_challenge(turn, CHALLENGE_SCOPE, decision->wanted);
    }
    turn_answer_error(turn, needs_token ? ERROR_UNAUTHENTICATED : ERROR_FORBIDDEN,
                      reason_of(turn, decision));
}
