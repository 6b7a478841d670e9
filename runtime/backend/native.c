/*
 * A native tool's call: the caller and the arguments in the words of the public header, and the
 * handler's answer as if a backend had sent it, so that results are made in one place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/native.h"

#include <stdlib.h>

#include "runtime/backend/arguments.h"
#include "runtime/backend/response.h"
#include "runtime/identity/caller.h"
#include "runtime/observe/log.h"

enum answer_kind { ANSWER_NONE, ANSWER_JSON, ANSWER_TEXT, ANSWER_ERROR };

struct mcpp_call {
    const struct matched *matched;
    enum answer_kind kind;
    struct slice answer; /* in the pool, a NUL behind it */
    bool failed;         /* no memory for it */
};

struct known {
    const struct mcpp_policy *policy;
    const struct caller *caller;
};

/* ---- which tools ---- */

static const struct mcpp_tool *tool_of(const struct mcpp_policy *policy, const char *name)
{
    for (uint32_t i = 0; name && i < policy->tool_count; i++)
        if (strcmp(policy->tools[i].name, name) == 0)
            return &policy->tools[i];
    return NULL;
}

static const char *misfit(const struct mcpp_policy *policy, const struct mcpp_native_tool *tool,
                          const struct mcpp_native_tool **found)
{
    const struct mcpp_tool *known = tool_of(policy, tool->name);
    if (!known)
        return "the policy has no such tool";
    if (!tool->handler)
        return "it has no handler";
    if (found[known - policy->tools])
        return "it is named twice";
    found[known - policy->tools] = tool;
    return NULL;
}

const struct mcpp_native_tool **native_match(const struct mcpp_policy *policy,
                                             const struct mcpp_native_tool *tools, size_t count)
{
    const struct mcpp_native_tool **found = calloc(policy->tool_count + 1, sizeof(*found));
    if (!found) {
        log_error("out of memory at start");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const char *reason = misfit(policy, &tools[i], found);
        if (!reason)
            continue;
        log_error("native tool %s: %s", tools[i].name ? tools[i].name : "without a name", reason);
        free(found);
        return NULL;
    }
    return found;
}

const struct mcpp_native_tool *native_find(const struct mcpp_server *server,
                                           const struct mcpp_tool *tool)
{
    return server->natives ? server->natives[tool - server->policy->tools] : NULL;
}

/* ---- what a handler asks ---- */

static struct mcpp_text text_of(struct slice slice)
{
    return (struct mcpp_text){slice.at, slice.len};
}

static bool holds(const struct mcpp_caller *caller, enum mcpp_fact_kind kind, const char *name)
{
    const struct known *known = caller->known;
    const struct mcpp_policy *policy = known->policy;
    for (uint32_t i = 0; i < policy->fact_count; i++)
        if (policy->facts[i].kind == kind && strcmp(policy->facts[i].name, name) == 0)
            return known->caller->kind == CALLER_OPERATOR ||
                   (known->caller->facts && (known->caller->facts[i / 64] >> i % 64 & 1));
    return false;
}

bool mcpp_caller_has_scope(const struct mcpp_caller *caller, const char *scope)
{
    return holds(caller, MCPP_FACT_SCOPE, scope);
}

bool mcpp_caller_has_role(const struct mcpp_caller *caller, const char *role)
{
    return holds(caller, MCPP_FACT_ROLE, role);
}

bool mcpp_caller_claim(const struct mcpp_caller *caller, const char *path, struct mcpp_text *out)
{
    const struct known *known = caller->known;
    for (uint32_t i = 0; i < known->policy->claim_count; i++) {
        if (strcmp(known->policy->claims[i].path, path) != 0)
            continue;
        const struct caller_claim *claim = caller_claim(known->caller, i);
        if (claim)
            *out = text_of(claim->text);
        return claim != NULL;
    }
    return false;
}

bool mcpp_call_argument(const struct mcpp_call *call, const char *name, struct mcpp_text *out)
{
    const struct matched *matched = call->matched;
    for (uint32_t i = 0; i < matched->tool->parameter_count; i++) {
        if (strcmp(matched->tool->parameters[i].argument, name) != 0)
            continue;
        if (!argument_is_given(matched, i))
            return false;
        *out = text_of(value_bytes(&matched->values[i]));
        return true;
    }
    return false;
}

/* ---- what a handler says ---- */

static void keep(struct mcpp_call *call, enum answer_kind kind, const char *text, size_t len)
{
    char *copy = pool_text(call->matched->pool, (struct slice){text, len});
    call->failed = !copy;
    call->kind = kind;
    call->answer = (struct slice){copy, copy ? len : 0};
}

void mcpp_call_answer_json(struct mcpp_call *call, const char *json, size_t len)
{
    keep(call, ANSWER_JSON, json, len);
}

void mcpp_call_answer_text(struct mcpp_call *call, const char *text, size_t len)
{
    keep(call, ANSWER_TEXT, text, len);
}

void mcpp_call_answer_error(struct mcpp_call *call, const char *text, size_t len)
{
    keep(call, ANSWER_ERROR, text, len);
}

/* ---- the call ---- */

static void map(const struct worker *worker, const struct mcpp_call *call, struct call_result *out)
{
    const struct matched *matched = call->matched;
    const uint32_t depth = worker->server->options.limits.json_depth;
    struct response_source source = {.tool = matched->tool,
                                     .json_depth = depth,
                                     .schemas = worker->schemas,
                                     .pool = matched->pool};
    struct upstream_response response = {.outcome = UPSTREAM_ANSWERED, .status = 200};
    struct value scanned;
    response.body = call->answer;
    response.content_type =
        call->kind == ANSWER_JSON ? SLICE("application/json") : SLICE("text/plain; charset=utf-8");
    if (call->failed) {
        response_refuse(matched->pool, refusal_no_memory, out);
    } else if (call->kind == ANSWER_ERROR) {
        response_refuse(matched->pool, call->answer.at, out);
    } else if (call->kind == ANSWER_NONE ||
               (call->kind == ANSWER_JSON &&
                !value_scan(call->answer, depth, matched->pool, &scanned))) {
        log_error("native tool %s: its handler gave %s", matched->tool->name,
                  call->kind == ANSWER_NONE ? "no answer" : "what is not JSON");
        response_refuse(matched->pool, "The tool failed: it gave no answer that can be passed on.",
                        out);
    } else {
        response_map(&source, &response, out);
    }
    out->is_refused = false; /* it was called */
}

void native_answer(const struct worker *worker, const struct mcpp_native_tool *native,
                   const struct call_request *request, struct pool *pool, struct call_result *out)
{
    const struct caller *caller = request->caller;
    const bool is_verified = caller->kind == CALLER_VERIFIED;
    const struct known known = {worker->server->policy, caller};
    const struct mcpp_caller shown = {
        .is_verified = is_verified,
        .is_operator = caller->kind == CALLER_OPERATOR || caller->kind == CALLER_NARROWED,
        .subject = text_of(caller->subject),
        .client = text_of(caller->client),
        .issuer = text_of(caller->issuer),
        .verifier = is_verified && caller->verifier ? caller->verifier->name : NULL,
        .known = &known};
    struct matched matched;
    struct mcpp_call call = {.matched = &matched};
    const char *refusal = arguments_match(request->tool, &request->arguments, pool, &matched);
    if (!refusal)
        refusal = arguments_fill(caller, &matched);
    if (refusal) {
        response_refuse(pool, refusal, out);
        return;
    }
    native->handler(native->context, &shown, &call);
    map(worker, &call, out);
}
