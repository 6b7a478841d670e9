/*
 * What those who watch over the server ask: `/healthz` (is it alive), `/readyz` (should it get
 * callers), `/metrics` (what has it done). Nothing about MCP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRANSPORT_PROBE_H
#define TRANSPORT_PROBE_H

#include "runtime/protocol/exchange.h"

/* Answers the exchange if it is such a request. `is_internal`: it came to --metrics-address, where
 * nothing else is answered. False: it was none, and is not answered. */
bool probe_answer(struct exchange *exchange, bool is_internal);

#endif
