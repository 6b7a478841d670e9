/*
 * Getting to know each other: initialize (legacy), server/discover (modern), ping (legacy).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_LIFECYCLE_H
#define PROTOCOL_LIFECYCLE_H

#include "runtime/protocol/turn.h"

void lifecycle_initialize(struct turn *turn);
void lifecycle_discover(struct turn *turn);
void lifecycle_ping(struct turn *turn);

/* `"ttlMs":…,"cacheScope":…` (MCP 2026-07-28, "Caching"). */
void lifecycle_add_caching(const struct turn *turn, struct text *out, uint32_t ttl_ms);

#endif
