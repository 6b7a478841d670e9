/*
 * Border 3: an API as the rest of the compiler sees it, whatever version of OpenAPI it came from.
 * Made by model.c from a document; knows nothing of policies or MCP. Everything keeps its span.
 * Texts are borrowed from the document or live in the same arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_MODEL_H
#define OPENAPI_MODEL_H

#include "compiler/openapi/document.h"

/* ---- security (OpenAPI 3.2, sections 4.28 and 4.31) ---- */

enum scheme_kind {
    SCHEME_API_KEY,
    SCHEME_BASIC,
    SCHEME_BEARER,
    SCHEME_HTTP_OTHER, /* digest, …: `http_scheme` says which */
    SCHEME_OAUTH2,
    SCHEME_OPENID_CONNECT,
    SCHEME_MUTUAL_TLS,
};

enum api_key_place { API_KEY_HEADER, API_KEY_QUERY, API_KEY_COOKIE };

struct scheme_scope {
    struct str name, description;
    struct span span;
};

enum flow_kind {
    FLOW_IMPLICIT,
    FLOW_PASSWORD,
    FLOW_CLIENT_CREDENTIALS,
    FLOW_AUTHORIZATION_CODE,
    FLOW_DEVICE
};

struct flow {
    enum flow_kind kind;
    struct str authorization_url, token_url, refresh_url, device_url;
};

struct security_scheme {
    struct str name; /* its key under securitySchemes */
    enum scheme_kind kind;
    struct str description;
    struct str key_name; /* SCHEME_API_KEY: of the header, parameter or cookie */
    enum api_key_place key_place;
    struct str http_scheme;  /* SCHEME_HTTP_OTHER */
    struct str openid_url;   /* SCHEME_OPENID_CONNECT */
    struct str metadata_url; /* SCHEME_OAUTH2, 3.2's oauth2MetadataUrl */
    const struct flow *flows;
    uint32_t flow_count;
    const struct scheme_scope *scopes; /* of all flows, each once, in source order */
    uint32_t scope_count;
    struct str issuer, jwks, audience; /* from x-… extensions on the scheme; empty: none */
    struct span span;
};

struct requirement {
    const struct security_scheme *scheme;
    const struct str *scopes;
    uint32_t scope_count;
    struct span span;
};

/* One alternative: all of its requirements together. None at all: anonymous ({}). */
struct security_set {
    const struct requirement *requirements;
    uint32_t requirement_count;
    struct span span;
};

/* ---- operations ---- */

enum parameter_place {
    PLACE_PATH,
    PLACE_QUERY,
    PLACE_HEADER,
    PLACE_COOKIE,
    PLACE_QUERYSTRING,
    PLACE_BODY,
    PLACE_WHOLE_BODY,
    PLACE_PART_HEADER /* of the parts that a property of a multipart body becomes */
};

enum parameter_style {
    STYLE_SIMPLE,
    STYLE_LABEL,
    STYLE_MATRIX,
    STYLE_FORM,
    STYLE_SPACE_DELIMITED,
    STYLE_PIPE_DELIMITED,
    STYLE_TAB_DELIMITED, /* Swagger 2.0's tsv */
    STYLE_DEEP_OBJECT,
    STYLE_JSON,
    STYLE_PART /* of a multipart body, nothing said: a part an item, objects as JSON */
};

/* One argument of the flat object that a caller gives; where it goes in the request. */
struct argument {
    struct str name;      /* unique in the operation */
    struct str wire_name; /* of the parameter or body property */
    enum parameter_place place;
    enum parameter_style style;
    bool explode, is_required, allow_reserved;
    bool is_single;          /* a string, number or boolean, as the document says */
    struct str mcp_header;   /* x-mcp-header: Mcp-Param-NAME repeats the value; empty: none does */
    struct str content_type; /* of a part of a multipart body; empty: what is usual for its value */
    struct str part;         /* PLACE_PART_HEADER: the property's name */
    struct str description;
    struct span span;
};

enum body_kind { BODY_NONE, BODY_JSON, BODY_FORM, BODY_MULTIPART, BODY_TEXT, BODY_BASE64 };

/* What the document's x-mcp says about an operation as a tool. */
struct tool_wish {
    struct str omitted;                  /* why it is to be no tool; empty: it may be one */
    struct str name, title, description; /* empty: as without x-mcp */
    struct span name_span;
};

struct operation {
    struct str id;     /* operationId; empty when the document gives none */
    struct str method; /* upper case: "GET" */
    struct str path;   /* "/pet/{petId}" */
    struct str summary, description;
    const struct str *tags;
    uint32_t tag_count;
    bool is_deprecated;
    struct str docs_url; /* externalDocs; empty: none */
    struct tool_wish wish;
    struct str server; /* base URL when the operation or its path has its own; else empty */
    const struct argument *arguments;
    uint32_t argument_count;
    enum body_kind body;
    struct str content_type;  /* of the request body; empty without one */
    struct str accept;        /* the response media types, for the Accept header */
    struct str input_schema;  /* JSON Schema 2020-12 text, self-contained, an object */
    struct str output_schema; /* of the 2xx JSON response; empty: none */
    bool has_security;        /* the operation or the root says something about security */
    bool is_inexpressible;    /* its security names something undeclared: never make it public */
    const struct security_set *security; /* alternatives; none and has_security: public ([]) */
    uint32_t security_count;
    struct span span; /* of the method's key */
};

struct tag {
    struct str name, description;
};

struct api {
    struct source *source;
    struct str openapi; /* the document's version: "3.0.4", "2.0" */
    struct str title, version, description;
    struct str server; /* base URL, absolute http(s) without a trailing '/'; empty: relative
                          or missing, then `server_text` is what the document says */
    struct str server_text;
    const struct operation *operations; /* in source order */
    uint32_t operation_count;
    const struct security_scheme *schemes;
    uint32_t scheme_count;
    const struct tag *tags;
    uint32_t tag_count;
    struct str issuer, jwks, audience;  /* from x-… extensions on the document; empty: none */
    const struct source *const *inputs; /* all texts read, the document first and
                                           overlays last, for their SHA-256 */
    uint32_t input_count;
};

/* Reads the model out of `document`. Reports everything it does not understand. False when there
 * was an error. */
bool model_build(const struct document *document, struct arena *arena, struct diag_list *diags,
                 struct api *out);

/* What a tool for the operation says that it does: the description or else the summary, then the
 * address of further documentation; "Deprecated." in front when it is. */
struct str api_operation_text(const struct operation *operation, struct arena *arena);

/* The operation with this method (upper case) and path, or NULL. */
const struct operation *api_operation(const struct api *api, struct str method, struct str path);

#endif
