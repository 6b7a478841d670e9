/*
 * The `resource "URI"` setting of a tool: a URI template (RFC 6570) made of the tool's arguments,
 * `{name}` for one in the path and `{?a,b}` at the end for those of the query.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_CHECK_RESOURCE_H
#define POLICY_CHECK_RESOURCE_H

#include "compiler/policy/checker.h"

/* Sets tool->resource when the template is right. */
void check_resource(struct checker *checker, const struct setting *setting, struct tool *tool);

/* That no two tools have the same template. */
void check_resources(struct checker *checker, const struct tool *tools, uint32_t count);

#endif
