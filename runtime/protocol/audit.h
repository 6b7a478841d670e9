/*
 * What the audit log says of a call: who, which tool, what came of it and why.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_AUDIT_H
#define PROTOCOL_AUDIT_H

#include "runtime/decide/decision.h"
#include "runtime/protocol/turn.h"

/* A decision about a call; `is_limited`: allowed, but for too many of them. */
void audit_decision(const struct turn *turn, struct slice tool, const struct decision *decision,
                    bool is_limited);

/* A request that was refused before anything was decided: "no-token", "invalid-token". */
void audit_refusal(const struct turn *turn, const char *outcome, const char *cause);

#endif
