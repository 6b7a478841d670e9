/*
 * tools/list, and the listing: tools and resources as list text, rendered once when the server
 * starts, so that answering is copying. Which of them a caller sees is asked of decide/ each time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PROTOCOL_TOOLS_LIST_H
#define PROTOCOL_TOOLS_LIST_H

#include "runtime/protocol/turn.h"

/* NULL and a logged reason when memory runs out. The policy is borrowed. `nobody` is the caller who
 * shows no token. */
struct listing *listing_open(const struct mcpp_policy *policy, const struct caller *nobody);
void listing_close(struct listing *listing); /* NULL is fine */

/* The Implementation object that names this server, as JSON. */
struct slice listing_server_info(const struct listing *listing);

/* Whether revisions that know objects only get the result of the policy's tool with this index as
 * the member `result` of an object: what it gives is no object, or need not be. */
bool listing_wraps(const struct listing *listing, uint32_t tool);

/* Whether any tool is a resource. */
bool listing_has_resources(const struct listing *listing);

enum listing_kind { LISTING_TOOLS, LISTING_RESOURCES, LISTING_TEMPLATES, LISTING_KINDS };

/* A page of what the caller sees, as an answer. */
void listing_answer(struct turn *turn, enum listing_kind kind);

/* Whether any tool can be called without a token. */
bool listing_is_public(const struct listing *listing);

/* The set with fewest scopes that opens some tool: what to ask a caller for who has not said which
 * tool it wants. NULL: no tool needs a scope. */
const uint64_t *listing_first_needs(const struct listing *listing);

void tools_list_answer(struct turn *turn);

#endif
