/*
 * Values in policies: URLs, durations, settings and the names that HTTP allows. Problems are given
 * as words for a message; NULL is fine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

#include "compiler/policy/ast.h"

/* An absolute http or https URL with a host, without user information or fragment (RFC 3986). */
const char *value_url_problem(struct str url, bool may_have_query);

/* http to a host that is not this machine. The URL has no problem. */
bool value_url_is_insecure(struct str url);

/* Reports what is wrong, `insecure-url` as a warning; false on an error. */
bool value_check_url(struct diag_list *diags, struct word word, bool may_have_query);

/* "500ms", "10s", "2m" */
bool value_duration_ms(struct str text, uint64_t *ms);

/* Digits alone, at most nine of them. */
bool value_number(struct str text, uint64_t *number);

/* A method that an operation of a document may have: "GET". */
bool value_is_method(struct str text);

/* A header or cookie name (RFC 9110, section 5.6.2 `token`). */
bool value_is_http_token(struct str text);

/* Why a scope cannot be one: it could never stand in a token. */
const char *value_scope_problem(struct str scope);

/* 1 to 64 of [A-Za-z0-9_.-]. */
bool value_is_tool_name(struct str name);

/* "Swagger Petstore - OpenAPI 3.0" -> "swagger-petstore-openapi-3-0"; "api" when nothing is left.
 */
struct str value_server_name(struct arena *arena, struct str title);

/* Which `name` of `names` (ended by NULL) the setting is; -1 and a report when it is none. */
int value_setting_kind(struct diag_list *diags, const struct setting *setting,
                       const char *const *names);

/* Whether the setting has exactly one value, a string or not; reported when not. */
bool value_is_single(struct diag_list *diags, const struct setting *setting, bool is_string);

#endif
