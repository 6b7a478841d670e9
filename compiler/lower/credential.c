/*
 * Credentials. Where an operation offers several API keys, the first alternative is the one to
 * send.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/credential.h"

#include "compiler/lower/needs.h"
#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

/* The default (the whole interface of forwarding): one variable for every backend request. */
static const char default_variable[] = "BACKEND_API_TOKEN";

static void send_default(struct lowering *lowering)
{
    struct span span = {lowering->api->source, 0, 0};
    lowering_gap(lowering);
    lowering_comment(lowering, "Toward the backend. Secrets are read when the server starts; this "
                               "file only names them.");
    struct statement *statement = lowering_add(lowering, STATEMENT_SEND, span);
    statement->send = SEND_BEARER;
    statement->secret = (struct secret){SECRET_ENV, lowering_name(str_of(default_variable), span)};
}

static bool uses_key(const struct operation *operation, const struct security_scheme *scheme)
{
    if (!needs_only_api_keys(operation))
        return false;
    const struct security_set *first = &operation->security[0];
    for (uint32_t i = 0; i < first->requirement_count; i++)
        if (first->requirements[i].scheme == scheme)
            return true;
    return false;
}

static struct selectors tools_with_key(const struct lowering *lowering,
                                       const struct security_scheme *scheme)
{
    LIST(struct selector) tools = {0};
    for (uint32_t i = 0; i < lowering->api->operation_count; i++)
        if (lowering->is_tool[i] && uses_key(&lowering->api->operations[i], scheme))
            *list_add(lowering->arena, &tools) = (struct selector){
                .kind = SELECTOR_NAME,
                .word = lowering_name(lowering->names[i], lowering->api->operations[i].span),
                .span = lowering->api->operations[i].span};
    return (struct selectors){tools.at, (uint32_t)tools.count};
}

static const char *key_problem(const struct security_scheme *scheme)
{
    bool is_query = scheme->key_place == API_KEY_QUERY;
    bool is_good = is_query ? scheme->key_name.len > 0 && text_is_printable(scheme->key_name)
                            : value_is_http_token(scheme->key_name);
    return is_good ? NULL : "an API key whose name cannot stand in a request is not sent";
}

/* PETSTORE_API_KEY; two schemes never share one by accident. */
static struct str key_variable(const struct lowering *lowering, uint32_t scheme)
{
    const struct security_scheme *schemes = lowering->api->schemes;
    struct str name =
        lowering_variable(lowering->arena, lowering->server_name, schemes[scheme].name);
    for (uint32_t i = 0; i < scheme; i++)
        if (str_equal(name,
                      lowering_variable(lowering->arena, lowering->server_name, schemes[i].name)))
            return str_format(lowering->arena, "%.*s_%u", STR_ARG(name), scheme + 1);
    return str_is(name, default_variable) ? str_format(lowering->arena, "%.*s_KEY", STR_ARG(name))
                                          : name;
}

static void send_key(struct lowering *lowering, uint32_t scheme_index)
{
    static const enum send_kind kinds[] = {[API_KEY_HEADER] = SEND_HEADER,
                                           [API_KEY_QUERY] = SEND_QUERY,
                                           [API_KEY_COOKIE] = SEND_COOKIE};
    const struct security_scheme *scheme = &lowering->api->schemes[scheme_index];
    struct selectors tools = tools_with_key(lowering, scheme);
    if (tools.count == 0)
        return;
    if (key_problem(scheme)) {
        diag_warning(lowering->diags, "unusable-key", scheme->span, "%s", key_problem(scheme));
        return;
    }
    struct statement *statement = lowering_add(lowering, STATEMENT_SEND, scheme->span);
    statement->send = kinds[scheme->key_place];
    statement->name = lowering_string(scheme->key_name, scheme->span);
    statement->secret = (struct secret){
        SECRET_ENV, lowering_name(key_variable(lowering, scheme_index), scheme->span)};
    statement->selectors = tools;
}

void credential_lower(struct lowering *lowering)
{
    send_default(lowering);
    for (uint32_t i = 0; i < lowering->api->scheme_count; i++)
        if (lowering->api->schemes[i].kind == SCHEME_API_KEY)
            send_key(lowering, i);
}
