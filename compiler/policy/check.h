/*
 * Border 5: a policy with every name resolved. Made by check.c from an AST and the API that it
 * speaks about. References are indices into the arrays here; everything has an origin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include "compiler/openapi/model.h"
#include "compiler/policy/algorithm.h"
#include "compiler/policy/ast.h"

struct scope {
    struct str name, description;
    const uint32_t *implies; /* all scopes that follow, itself included, ascending */
    uint32_t implies_count;
    struct guard granted; /* held as well when this holds; without conditions: only when carried */
    struct span origin;
};

/* Held when its guard holds; one without conditions when the token's roles claim lists its name. */
struct role {
    struct str name;
    struct guard guard;
    bool is_listed; /* it has no conditions */
    struct span origin;
};

/* What follows from other facts: a role with a guard, or a scope with `granted when`. */
struct derivation {
    bool is_role;
    uint32_t index; /* into roles or scopes */
};

/* Where a value is: object by object. `realm_access.roles` has two names; a claim whose path holds
 * a ':' and an argument in quotes are one name, dots or not. */
struct path {
    const struct str *names;
    uint32_t count;
};

struct claim {
    struct str text; /* as written, and what policy_claim finds it by */
    struct path path;
    struct span origin; /* of its first use */
};

enum verifier_kind { VERIFIER_JWT, VERIFIER_INTROSPECTION };

enum { BOUND_DPOP = 1 << 0, BOUND_MTLS = 1 << 1, BOUND_NONCE = 1 << 2 };

/* How the server shows an introspection endpoint who it is. */
enum client_method { CLIENT_BASIC, CLIENT_POST, CLIENT_PRIVATE_KEY_JWT };

/* Where a secret is; an empty name: nowhere. */
struct secret_place {
    enum secret_kind kind;
    struct str name;
};

struct introspection {
    struct str endpoint, key_id;
    enum client_method method;
    struct secret_place client, secret, key;
    uint32_t cache_s;
};

struct verifier {
    enum verifier_kind kind;
    struct str name;
    struct str issuer, jwks, scope_claim, roles_claim;
    const struct str *audiences;
    uint32_t audience_count;
    uint32_t algorithms; /* of enum verifier_algorithm */
    uint32_t leeway_s;
    uint32_t bound; /* of BOUND_*; 0: tokens need no proof of possession */
    bool is_profile_rfc9068, allows_private;
    struct secret_place hmac_secret;
    struct introspection introspection;
    struct span origin;
};

enum oauth2_flow {
    OAUTH2_CLIENT_CREDENTIALS,
    OAUTH2_PASSWORD,
    OAUTH2_AUTHORIZATION_CODE,
    OAUTH2_IMPLICIT,
    OAUTH2_DEVICE,
    OAUTH2_JWT_BEARER,
    OAUTH2_EXCHANGE, /* `send exchange`; the others are named behind `send oauth2` */
};

enum oauth2_client {
    AUTHENTICATE_NONE, /* by its id alone */
    AUTHENTICATE_BASIC,
    AUTHENTICATE_POST,
    AUTHENTICATE_JWT,
    AUTHENTICATE_CERTIFICATE
};

/* Texts are empty and secrets without a name where the policy says nothing. */
struct oauth2 {
    enum oauth2_flow flow;
    enum oauth2_client client;
    struct str issuer, metadata, authorization_url, token_url, device_url;
    struct secret client_id, client_secret, key, user, password, certificate, certificate_key;
    struct str key_id, algorithm;
    struct str scopes, audience, resource, subject; /* scopes: with spaces between */
    uint32_t redirect_port;
    bool is_shared; /* a token that a person agreed to serves all callers */
};

/* One thing that can be sent. Those that are the same are one. */
struct credential {
    enum send_kind kind; /* not SEND_NAMED */
    struct str label;    /* empty: it has none */
    struct str name;     /* of the header, query parameter or cookie */
    struct secret secret, key;
    uint32_t claim;              /* SEND_CLAIM: into claims */
    const struct oauth2 *oauth2; /* SEND_OAUTH2 and SEND_EXCHANGE */
    struct span origin;
};

/* Credentials that go out together. */
struct alternative {
    const uint32_t *credentials;
    uint32_t count;
};

/* A `send` statement: the first alternative whose secrets are there goes out. */
struct send {
    const struct alternative *alternatives;
    uint32_t count;
    const struct statement *statement;
    struct span origin;
};

/* An argument that the caller does not give: it comes from a claim. */
struct fill {
    uint32_t argument; /* into the operation's arguments */
    uint32_t claim;
    struct span origin;
};

/* Tools in ascending order. */
struct tool_set {
    const uint32_t *at;
    uint32_t count;
};

enum rule_kind { RULE_HIDE, RULE_DENY, RULE_ALLOW_ONLY };

struct rule {
    enum rule_kind kind;
    struct tool_set tools;
    struct guard guard; /* of a hide or deny without conditions: both NULL, it always matches */
    struct str message; /* empty: none */
    bool mentions_arguments;           /* its guard looks at an argument */
    bool mentions_caller;              /* its guard looks at anything about the caller */
    const struct statement *statement; /* as it was written */
    struct span origin;
};

enum limit_key { LIMIT_SUBJECT, LIMIT_CLIENT, LIMIT_TOOL, LIMIT_ALL };

/* A bucket that holds `burst` calls and is filled with `amount` in `period_s`. */
struct limit {
    struct tool_set tools;
    uint32_t amount, period_s, burst;
    enum limit_key key;
    const struct statement *statement;
    struct span origin;
};

/* What the local operator holds where a policy narrows it; else everything. */
struct operator_holdings {
    bool is_narrowed;
    const uint32_t *scopes, *roles;
    uint32_t scope_count, role_count;
    const struct claim_value *claims; /* policy_claims_json() makes one object of them */
    uint32_t claim_count;
    struct span origin;
};

enum {
    HINT_READ_ONLY = 1 << 0,
    HINT_DESTRUCTIVE = 1 << 1,
    HINT_IDEMPOTENT = 1 << 2,
    HINT_OPEN_WORLD = 1 << 3,
};

/* What becomes of the schema that the document has for a tool's result. */
enum tool_output {
    OUTPUT_LISTED,    /* clients are told */
    OUTPUT_NONE,      /* they are not */
    OUTPUT_VALIDATED, /* they are, and what does not keep to it is an error */
};

struct tool {
    struct str name, title, description;
    const struct operation *operation;
    const struct condition *needs; /* scope words resolve through policy_scope() */
    const uint32_t *sends;         /* all of them are sent */
    uint32_t send_count;
    const struct fill *fills;
    uint32_t fill_count;
    uint32_t hints;      /* HINT_* */
    uint32_t timeout_ms; /* 0: the default */
    struct str server;   /* base URL of this tool alone; empty: the policy's backend */
    struct str resource; /* URI template; empty: the tool is no resource */
    enum tool_output output;
    struct span origin;
};

struct policy {
    const struct api *api;
    struct str server_name; /* as MCP clients see it */
    struct str backend;     /* base URL, without a trailing '/'; empty: must be given at start */
    const struct scope *scopes;
    uint32_t scope_count;
    const struct verifier *verifiers; /* the accepted ones in order */
    uint32_t verifier_count;
    const struct credential *credentials;
    uint32_t credential_count;
    const struct send *sends;
    uint32_t send_count;
    const struct tool *tools;
    uint32_t tool_count;
    const struct role *roles;
    uint32_t role_count;
    const struct derivation *derivations; /* each after those that it depends on */
    uint32_t derivation_count;
    const struct claim *claims; /* every path that a condition, a fill or a send reads, once */
    uint32_t claim_count;
    const struct rule *rules; /* in the order of the policy */
    uint32_t rule_count;
    const struct limit *limits;
    uint32_t limit_count;
    struct operator_holdings operator_holdings;
    const struct statement *const *tests; /* names in them are resolved */
    uint32_t test_count;
    bool validate_tokens;
    struct map scope_index;             /* name -> struct scope */
    struct map role_index;              /* name -> struct role */
    struct map verifier_index;          /* name -> struct verifier, of the accepted ones */
    struct map claim_index;             /* text -> struct claim */
    struct map tool_index;              /* name -> struct tool */
    const struct source *const *inputs; /* the policy's own texts; none when lowered */
    uint32_t input_count;
};

bool policy_check(const struct policy_ast *ast, const struct api *api, struct arena *arena,
                  struct diag_list *diags, struct policy *out);

/* Indices by name. What a condition or a test names is there once policy_check has passed it. */
uint32_t policy_scope(const struct policy *policy, struct str name);
uint32_t policy_role(const struct policy *policy, struct str name);
uint32_t policy_verifier(const struct policy *policy, struct str name);
uint32_t policy_claim(const struct policy *policy, struct str text);

/* A test may call a tool that there is not: then it is tool_count. */
uint32_t policy_tool(const struct policy *policy, struct str name);

/* The names of a path that a condition writes; see struct path. */
struct path policy_argument_path(struct word argument, struct arena *arena);
struct path policy_claim_path(struct word claim, struct arena *arena);

/* The claims as one JSON object, paths as objects in it. */
struct str policy_claims_json(const struct claim_value *claims, uint32_t count,
                              struct arena *arena);

/* A value as JSON. */
struct str policy_value_json(const struct value *value, struct arena *arena);

#endif
