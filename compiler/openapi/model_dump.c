/*
 * Printing the model. Texts are JSON strings, so each stays on its line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/model_dump.h"

#include "compiler/openapi/json_write.h"

/* `  key "text"`, or nothing when the text is empty. */
static void add_text(struct str_builder *out, const char *key, struct str text)
{
    if (text.len == 0)
        return;
    str_add_text(out, key);
    str_add_byte(out, ' ');
    json_write_string(out, text);
    str_add_byte(out, '\n');
}

static void add_words(struct str_builder *out, const struct str *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        str_add_byte(out, ' ');
        json_write_string(out, words[i]);
    }
}

/* ---- security ---- */

static void add_flow(struct str_builder *out, const struct flow *flow)
{
    static const char *const names[] = {[FLOW_IMPLICIT] = "  flow implicit\n",
                                        [FLOW_PASSWORD] = "  flow password\n",
                                        [FLOW_CLIENT_CREDENTIALS] = "  flow client_credentials\n",
                                        [FLOW_AUTHORIZATION_CODE] = "  flow authorization_code\n",
                                        [FLOW_DEVICE] = "  flow device\n"};
    str_add_text(out, names[flow->kind]);
    add_text(out, "    authorization_url", flow->authorization_url);
    add_text(out, "    token_url", flow->token_url);
    add_text(out, "    refresh_url", flow->refresh_url);
    add_text(out, "    device_url", flow->device_url);
}

static void add_scheme(struct str_builder *out, const struct security_scheme *scheme)
{
    static const char *const kinds[] = {
        [SCHEME_API_KEY] = "api_key",      [SCHEME_BASIC] = "basic",
        [SCHEME_BEARER] = "bearer",        [SCHEME_HTTP_OTHER] = "http",
        [SCHEME_OAUTH2] = "oauth2",        [SCHEME_OPENID_CONNECT] = "openid_connect",
        [SCHEME_MUTUAL_TLS] = "mutual_tls"};
    static const char *const places[] = {
        [API_KEY_HEADER] = "  header", [API_KEY_QUERY] = "  query", [API_KEY_COOKIE] = "  cookie"};
    str_add_text(out, "scheme ");
    json_write_string(out, scheme->name);
    str_add_format(out, " %s\n", kinds[scheme->kind]);
    add_text(out, "  description", scheme->description);
    if (scheme->kind == SCHEME_API_KEY)
        add_text(out, places[scheme->key_place], scheme->key_name);
    add_text(out, "  http_scheme", scheme->http_scheme);
    add_text(out, "  openid_url", scheme->openid_url);
    add_text(out, "  metadata_url", scheme->metadata_url);
    for (uint32_t i = 0; i < scheme->flow_count; i++)
        add_flow(out, &scheme->flows[i]);
    for (uint32_t i = 0; i < scheme->scope_count; i++) {
        str_add_text(out, "  scope ");
        json_write_string(out, scheme->scopes[i].name);
        add_text(out, "", scheme->scopes[i].description);
        if (scheme->scopes[i].description.len == 0)
            str_add_byte(out, '\n');
    }
    add_text(out, "  issuer", scheme->issuer);
    add_text(out, "  jwks", scheme->jwks);
    add_text(out, "  audience", scheme->audience);
}

static void add_security(struct str_builder *out, const struct operation *operation)
{
    if (operation->is_inexpressible)
        str_add_text(out, "  security inexpressible\n");
    if (operation->has_security && operation->security_count == 0)
        str_add_text(out, "  security none\n");
    for (uint32_t i = 0; i < operation->security_count; i++) {
        const struct security_set *set = &operation->security[i];
        str_add_text(out, set->requirement_count ? "  security" : "  security anonymous");
        for (uint32_t at = 0; at < set->requirement_count; at++) {
            const struct requirement *requirement = &set->requirements[at];
            str_add_text(out, at ? " and " : " ");
            json_write_string(out, requirement->scheme->name);
            str_add_text(out, " [");
            add_words(out, requirement->scopes, requirement->scope_count);
            str_add_text(out, " ]");
        }
        str_add_byte(out, '\n');
    }
}

/* ---- operations ---- */

static void add_argument(struct str_builder *out, const struct argument *argument)
{
    static const char *const places[] = {[PLACE_PATH] = "path",
                                         [PLACE_QUERY] = "query",
                                         [PLACE_HEADER] = "header",
                                         [PLACE_COOKIE] = "cookie",
                                         [PLACE_BODY] = "body",
                                         [PLACE_QUERYSTRING] = "querystring",
                                         [PLACE_WHOLE_BODY] = "whole_body",
                                         [PLACE_PART_HEADER] = "part_header"};
    static const char *const styles[] = {[STYLE_SIMPLE] = "simple",
                                         [STYLE_LABEL] = "label",
                                         [STYLE_MATRIX] = "matrix",
                                         [STYLE_FORM] = "form",
                                         [STYLE_SPACE_DELIMITED] = "spaceDelimited",
                                         [STYLE_PIPE_DELIMITED] = "pipeDelimited",
                                         [STYLE_TAB_DELIMITED] = "tabDelimited",
                                         [STYLE_DEEP_OBJECT] = "deepObject",
                                         [STYLE_JSON] = "json",
                                         [STYLE_PART] = "part"};
    str_add_format(out, "  argument %.*s %s ", STR_ARG(argument->name), places[argument->place]);
    json_write_string(out, argument->wire_name);
    str_add_format(out, " %s%s%s%s", styles[argument->style], argument->explode ? " explode" : "",
                   argument->is_required ? " required" : "",
                   argument->allow_reserved ? " reserved" : "");
    add_text(out, argument->part.len ? " of" : " as",
             argument->part.len ? argument->part : argument->content_type);
    if (argument->content_type.len == 0 && argument->part.len == 0)
        str_add_byte(out, '\n');
}

static void add_operation(struct str_builder *out, const struct operation *operation)
{
    static const char *const bodies[] = {[BODY_NONE] = NULL,   [BODY_JSON] = "json",
                                         [BODY_FORM] = "form", [BODY_MULTIPART] = "multipart",
                                         [BODY_TEXT] = "text", [BODY_BASE64] = "base64"};
    str_add_format(out, "operation %.*s ", STR_ARG(operation->method));
    json_write_string(out, operation->path);
    str_add_text(out, operation->is_deprecated ? " deprecated\n" : "\n");
    add_text(out, "  id", operation->id);
    add_text(out, "  summary", operation->summary);
    add_text(out, "  description", operation->description);
    add_text(out, "  docs", operation->docs_url);
    add_text(out, "  omitted", operation->wish.omitted);
    add_text(out, "  tool name", operation->wish.name);
    add_text(out, "  tool title", operation->wish.title);
    add_text(out, "  tool description", operation->wish.description);
    if (operation->tag_count) {
        str_add_text(out, "  tags");
        add_words(out, operation->tags, operation->tag_count);
        str_add_byte(out, '\n');
    }
    add_text(out, "  server", operation->server);
    add_security(out, operation);
    for (uint32_t i = 0; i < operation->argument_count; i++)
        add_argument(out, &operation->arguments[i]);
    if (operation->body != BODY_NONE) {
        str_add_format(out, "  body %s ", bodies[operation->body]);
        json_write_string(out, operation->content_type);
        str_add_byte(out, '\n');
    }
    add_text(out, "  accept", operation->accept);
    str_add_format(out, "  input %.*s\n", STR_ARG(operation->input_schema));
    if (operation->output_schema.len)
        str_add_format(out, "  output %.*s\n", STR_ARG(operation->output_schema));
}

void api_dump(const struct api *api, struct str_builder *out)
{
    add_text(out, "openapi", api->openapi);
    add_text(out, "title", api->title);
    add_text(out, "version", api->version);
    add_text(out, "description", api->description);
    add_text(out, "server", api->server);
    if (!str_equal(api->server, api->server_text))
        add_text(out, "server_text", api->server_text);
    add_text(out, "issuer", api->issuer);
    add_text(out, "jwks", api->jwks);
    add_text(out, "audience", api->audience);
    for (uint32_t i = 0; i < api->tag_count; i++) {
        add_text(out, "tag", api->tags[i].name);
        add_text(out, "  description", api->tags[i].description);
    }
    for (uint32_t i = 0; i < api->scheme_count; i++)
        add_scheme(out, &api->schemes[i]);
    for (uint32_t i = 0; i < api->operation_count; i++)
        add_operation(out, &api->operations[i]);
}
