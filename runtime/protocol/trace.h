/*
 * W3C Trace Context in `_meta` (MCP 2026-07-28, "OpenTelemetry trace context"), for the backend.
 * Only what is well-formed is passed on; `baggage` is not, for it can say anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_TRACE_H
#define PROTOCOL_TRACE_H

#include "runtime/protocol/jsonrpc.h"

/* Both are empty when the message has no `traceparent` that can be used. */
void trace_read(const struct message *message, struct pool *pool, struct slice *traceparent,
                struct slice *tracestate);

/* Whether a value is as https://www.w3.org/TR/trace-context/ section 3.2 says. */
bool trace_is_parent(struct slice value);

#endif
