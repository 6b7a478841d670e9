/*
 * A backend's answer becomes the result of a tool (MCP 2026-07-28, server/tools "Tool Result").
 * What went wrong is told in words that a model can use, without secrets and without internal
 * addresses beyond the host.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_RESPONSE_H
#define BACKEND_RESPONSE_H

#include "runtime/backend/call.h"
#include "runtime/upstream/upstream.h"

struct response_source {
    const struct mcpp_tool *tool;
    struct slice host;
    uint32_t timeout_ms, json_depth;
    const char *note;             /* about a refusal, behind its status; NULL: none */
    struct schema_cache *schemas; /* for results that are to be validated */
    struct pool *pool;
};

/* Always fills `out`; when memory runs out the result says so. */
void response_map(const struct response_source *source, const struct upstream_response *response,
                  struct call_result *out);

/* A result with one text that says what is wrong. */
void response_refuse(struct pool *pool, const char *text, struct call_result *out);

#endif
