/*
 * Resources: tools that have an address. resources/list has those without variables,
 * resources/templates/list the others; resources/read is a call of the tool, decided by the same
 * decision.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_RESOURCES_H
#define PROTOCOL_RESOURCES_H

#include "runtime/protocol/template.h"
#include "runtime/protocol/turn.h"

void resources_list(struct turn *turn);
void resources_list_templates(struct turn *turn);
void resources_read(struct turn *turn);

/* The tool whose resource the URI is: the one that fits most closely. NULL: none. Hidden ones
 * count: whether the caller may see it is for the decision. */
const struct mcpp_tool *resources_find(const struct mcpp_policy *policy, struct slice uri,
                                       struct template_match *match);

/* The end of a read: what the call gave as an answer to it. */
void resources_finish(struct turn *turn, const struct call_result *result);
/* There is no such resource, or not for this caller. */
void resources_refuse(struct turn *turn);

#endif
