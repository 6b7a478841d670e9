/*
 * Tools that the program answers itself instead of the backend (<mcpp/server.h>, "native tools").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BACKEND_NATIVE_H
#define BACKEND_NATIVE_H

#include <mcpp/server.h>

#include "runtime/backend/call.h"

/* The native tools, by the index of their tool in the policy; NULL in between. NULL and a logged
 * reason when they do not fit the policy. To be freed with free(). */
const struct mcpp_native_tool **native_match(const struct mcpp_policy *policy,
                                             const struct mcpp_native_tool *tools, size_t count);

/* The handler of a tool, or NULL: the backend answers. */
const struct mcpp_native_tool *native_find(const struct mcpp_server *server,
                                           const struct mcpp_tool *tool);

/* Runs the handler; the arguments are validated already. Always fills `out`. */
void native_answer(const struct worker *worker, const struct mcpp_native_tool *native,
                   const struct call_request *request, struct pool *pool, struct call_result *out);

#endif
