/*
 * The border between a compiled policy (policy.c, written by mcpc) and the runtime (libmcpp).
 * Plain constant data: no function crosses this border, and nothing here is ever written to.
 * All text is NUL-terminated UTF-8; all pointers are borrowed from static storage.
 *
 * History of MCPP_POLICY_ABI
 *   1  2026-11  first: tools, needs, parameters, verifiers, credentials, perfect hash of names
 *   2  2026-11  roles, claims, tests of claims and arguments, decision diagrams, rules, fill,
 * limit; every kind of credential, authorization servers, alternatives of credentials
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPP_POLICY_H
#define MCPP_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MCPP_POLICY_ABI 2

/* A place in the policy as it was given to mcpc; never an absolute path unless that was given. */
struct mcpp_origin {
    const char *file;
    uint32_t line; /* from 1 */
};

/* ---- what can be known about a caller ---- */

/* A claim that the policy looks at (RFC 7519, section 4). */
struct mcpp_claim {
    const char *path; /* dots go into objects; a path with a ':' is one name, dots and all */
};

enum mcpp_literal_kind { MCPP_STRING, MCPP_NUMBER, MCPP_TRUE, MCPP_FALSE };

struct mcpp_literal {
    enum mcpp_literal_kind kind;
    const char *text; /* the string's characters; the number as written */
};

/* Numbers compare as exact decimals, strings as characters. */
enum mcpp_comparison {
    MCPP_EQUAL,
    MCPP_LESS,
    MCPP_LESS_OR_EQUAL,
    MCPP_GREATER,
    MCPP_GREATER_OR_EQUAL,
    MCPP_CONTAINS, /* an array with this element; a single value is an array of one */
    MCPP_EXISTS,
    MCPP_IN,      /* one of the literals */
    MCPP_MATCHES, /* a string that fits the glob: '*' is any number of any characters */
    MCPP_IS_CLAIM /* the argument is the caller's claim */
};

#define MCPP_NONE UINT32_MAX

/*
 * One indivisible condition on a claim or on an argument. A claim that is absent (or null) or of
 * another JSON type than the literal fails the test, and so does an absent argument. An argument of
 * another type refuses the call.
 */
struct mcpp_test {
    enum mcpp_comparison comparison;
    const char *const *argument; /* the tool's argument, then names of members inside it;
                                    NULL-terminated. NULL: a test of a claim */
    uint32_t claim;              /* index into the policy's; MCPP_NONE: the argument alone */
    const struct mcpp_literal *literals;
    uint32_t literal_count;
};

/*
 * A fact about the caller, decided once per token. Fact i is bit i % 64 of word i / 64 of a set;
 * a set has `fact_words` words.
 */
enum mcpp_fact_kind {
    MCPP_FACT_TOKEN,    /* the caller showed a valid token; name is "token" */
    MCPP_FACT_SCOPE,    /* the token carries this scope, or one that implies it; or it is derived */
    MCPP_FACT_ROLE,     /* derived; if it is not, the verifier's `roles claim` lists it */
    MCPP_FACT_VERIFIER, /* the verifier of this name accepted the token */
    MCPP_FACT_TRANSPORT, /* "stdio" or "http": the same for all callers of a process */
    MCPP_FACT_CLAIM,     /* a test of a claim holds; the name is for people */
};

struct mcpp_fact {
    enum mcpp_fact_kind kind;
    const char *name;
    const char *description; /* "" when the policy gives none */
    const uint64_t *implies; /* a set: the facts that hold with this one, itself included */
    uint32_t test;           /* MCPP_FACT_CLAIM: index into the policy's tests */
};

/* ---- decisions ---- */

/*
 * Decision diagrams: nodes ask one question each and lead to later nodes only, so that a walk ends.
 * A reference is the index of a node, or an outcome. Along a walk variables ascend, so facts about
 * the caller come before tests of arguments.
 */
struct mcpp_node {
    uint32_t variable; /* below fact_count a fact, else the policy's test variable - fact_count */
    uint32_t no, yes;
};

#define MCPP_OUTCOME UINT32_C(0x80000000) /* the bit that outcomes have */
#define MCPP_ALLOW (MCPP_OUTCOME | UINT32_C(0x7fffffff))
#define MCPP_HIDDEN (MCPP_OUTCOME | UINT32_C(0x7ffffffe))
#define MCPP_NEEDS (MCPP_OUTCOME | UINT32_C(0x7ffffffd)) /* `needs` is not met */
#define MCPP_HOLDS (MCPP_OUTCOME | UINT32_C(0x7ffffffc)) /* of derived facts */
#define MCPP_FAILS (MCPP_OUTCOME | UINT32_C(0x7ffffffb))
#define MCPP_DENY(rule) (MCPP_OUTCOME | (rule)) /* index into the policy's rules */

/* A role with a condition, or a scope that is `granted when`: holds when its diagram says so. */
struct mcpp_derived {
    uint32_t fact;
    uint32_t root;
};

/* A `deny` or `allow only` statement. */
struct mcpp_rule {
    struct mcpp_origin origin;
    const char *message; /* "" when the policy gives none */
    bool on_arguments;   /* looks at arguments: the denial is a tool result, else it is a 403 */
    bool on_identity;    /* looks at who is calling: a token might help an anonymous caller */
};

/* An argument that the caller's claim fills in. */
struct mcpp_fill {
    uint32_t parameter; /* of the tool */
    uint32_t claim;
    struct mcpp_origin origin;
};

/* A `limit` statement: a bucket of `burst` tokens that fills with `count` in `period_s`. */
enum mcpp_limit_per { MCPP_PER_SUBJECT, MCPP_PER_CLIENT, MCPP_PER_TOOL, MCPP_PER_ALL };

struct mcpp_limit {
    uint32_t count, period_s, burst; /* all at least 1 */
    enum mcpp_limit_per per;
    struct mcpp_origin origin;
};

/* An `operator` statement: what the local operator holds, instead of everything. */
struct mcpp_operator_claim {
    const char *path, *value; /* value: JSON text */
};

struct mcpp_operator {
    const char *const *scopes, *const *roles;
    uint32_t scope_count, role_count; /* without any of both: every scope and role */
    const struct mcpp_operator_claim *claims;
    uint32_t claim_count;
};

/* Alternatives of sets of facts. count 0: never satisfied; an empty set: always satisfied. */
struct mcpp_any_of {
    uint32_t count;
    const uint64_t *sets; /* count * fact_words words, the cheapest set first */
};

/* Where an argument of a tool goes in the backend's request (OpenAPI 3.2, section 4.12 `in`). */
enum mcpp_place {
    MCPP_IN_PATH,
    MCPP_IN_QUERY,
    MCPP_IN_HEADER,
    MCPP_IN_COOKIE,
    MCPP_IN_BODY,        /* one property of an object body; `name` is the property's name */
    MCPP_IN_WHOLE_BODY,  /* the argument is the body */
    MCPP_IN_PART_HEADER, /* a header of the parts that the property `part` becomes */
};

/* How an array or object becomes text (OpenAPI 3.2, section 4.12.6 "Style Values"). */
enum mcpp_style {
    MCPP_STYLE_SIMPLE,
    MCPP_STYLE_LABEL,
    MCPP_STYLE_MATRIX,
    MCPP_STYLE_FORM,
    MCPP_STYLE_SPACE_DELIMITED,
    MCPP_STYLE_PIPE_DELIMITED,
    MCPP_STYLE_TAB_DELIMITED, /* Swagger 2.0's `tsv` */
    MCPP_STYLE_DEEP_OBJECT,
    MCPP_STYLE_JSON, /* `content: application/json`: the value's JSON text */
    MCPP_STYLE_PART, /* of a multipart body, nothing said: a part an item, objects as JSON */
};

struct mcpp_parameter {
    const char *argument; /* the name in the tool's arguments */
    const char *name;     /* the name on the wire */
    enum mcpp_place place;
    enum mcpp_style style;
    bool explode;
    bool is_required;
    bool allow_reserved; /* leave RFC 3986 reserved characters as they are (queries and forms) */
    const char *content_type; /* of a part of a multipart body; NULL: what is usual for its value */
    const char *part;         /* MCPP_IN_PART_HEADER: the property's name on the wire; else NULL */
    const char *mcp_header;   /* the header Mcp-Param-… that repeats the value; NULL: none does */
};

/* What the request body is made of. */
enum mcpp_body {
    MCPP_BODY_NONE,
    MCPP_BODY_JSON,      /* from MCPP_IN_BODY properties or one MCPP_IN_WHOLE_BODY */
    MCPP_BODY_FORM,      /* application/x-www-form-urlencoded, from MCPP_IN_BODY properties */
    MCPP_BODY_MULTIPART, /* multipart/form-data, from MCPP_IN_BODY properties */
    MCPP_BODY_TEXT,      /* the string's characters, from one MCPP_IN_WHOLE_BODY */
    MCPP_BODY_BASE64,    /* the bytes that the Base64 string stands for, likewise */
};

/* Where a secret is read from when the server starts. Its value is never in this file. */
enum mcpp_secret_kind { MCPP_SECRET_ENV, MCPP_SECRET_FILE };

struct mcpp_secret {
    enum mcpp_secret_kind kind;
    const char *name; /* of the environment variable, or the path of the file */
};

/* ---- what goes to the backend ---- */

enum mcpp_send_kind {
    MCPP_SEND_BEARER,      /* Authorization: Bearer SECRET */
    MCPP_SEND_BASIC,       /* Authorization: Basic, SECRET is `user:password` (RFC 7617) */
    MCPP_SEND_DIGEST,      /* likewise, Digest (RFC 7616) */
    MCPP_SEND_HEADER,      /* NAME: SECRET */
    MCPP_SEND_QUERY,       /* ?NAME=SECRET */
    MCPP_SEND_COOKIE,      /* Cookie: NAME=SECRET */
    MCPP_SEND_CERTIFICATE, /* mutual TLS: SECRET is the certificate, KEY its key, both PEM */
    MCPP_SEND_OAUTH2,      /* Authorization: Bearer, the token from an authorization server */
    MCPP_SEND_CLAIM,       /* NAME: the caller's claim */
    MCPP_SEND_CALLER,      /* Authorization: Bearer, the caller's own token */
};

/* How a token is got. */
enum mcpp_flow {
    MCPP_FLOW_CLIENT_CREDENTIALS, /* RFC 6749, section 4.4 */
    MCPP_FLOW_PASSWORD,           /* section 4.3 */
    MCPP_FLOW_AUTHORIZATION_CODE, /* section 4.1, with PKCE (RFC 7636) */
    MCPP_FLOW_IMPLICIT,           /* section 4.2 */
    MCPP_FLOW_DEVICE,             /* RFC 8628 */
    MCPP_FLOW_EXCHANGE,           /* RFC 8693: of the caller's token */
    MCPP_FLOW_JWT_BEARER,         /* RFC 7523, section 2.1 */
};

/* How an authorization server knows this process as its client. */
enum mcpp_client {
    MCPP_CLIENT_NONE,        /* by its id alone */
    MCPP_CLIENT_BASIC,       /* RFC 6749, section 2.3.1 */
    MCPP_CLIENT_POST,        /* likewise, in the form */
    MCPP_CLIENT_JWT,         /* private_key_jwt: RFC 7523, section 2.2 */
    MCPP_CLIENT_CERTIFICATE, /* RFC 8705, section 2 */
};

/* An authorization server and what is asked of it. Texts may be "", secrets without a name. */
struct mcpp_oauth2 {
    enum mcpp_flow flow;
    enum mcpp_client client;
    const char *issuer;   /* `iss` of its metadata and answers must be exactly this */
    const char *metadata; /* URL of the metadata; "": found by the issuer (RFC 8414) */
    const char *authorization_url, *token_url, *device_url; /* "": from the metadata */
    struct mcpp_secret client_id, client_secret;
    struct mcpp_secret key;                   /* PEM: signs JWTs */
    struct mcpp_secret user, password;        /* MCPP_FLOW_PASSWORD */
    struct mcpp_secret certificate, cert_key; /* MCPP_CLIENT_CERTIFICATE */
    const char *key_id;                       /* `kid` of signed JWTs */
    const char *algorithm;                    /* that signs them (JWS); "": what the key is for */
    const char *scopes;                       /* separated by spaces */
    const char *audience, *resource;          /* RFC 8693, section 2.1; RFC 8707 */
    const char *subject;                      /* MCPP_FLOW_JWT_BEARER: for whom */
    bool is_shared;         /* a token that a person agreed to serves all callers */
    uint16_t redirect_port; /* of `login` on this machine; 0: any free one */
};

/* One credential: a place in requests and where its secret comes from. */
struct mcpp_credential {
    enum mcpp_send_kind kind;
    const char *label; /* what people call it: the scheme's name; "" when it has none */
    const char *name;  /* of the header, query parameter or cookie; else "" */
    struct mcpp_secret secret, key;
    uint32_t claim;                   /* MCPP_SEND_CLAIM: index into the policy's; else MCPP_NONE */
    const struct mcpp_oauth2 *oauth2; /* MCPP_SEND_OAUTH2; else NULL */
    struct mcpp_origin origin;
};

/* Credentials that go together. */
struct mcpp_alternative {
    const uint16_t *credentials; /* indices into the policy's */
    uint32_t count;
};

/* One `send` as it is for some tools: the first alternative whose secrets are all there goes out.
 */
struct mcpp_choice {
    const struct mcpp_alternative *alternatives;
    uint32_t count;
    struct mcpp_origin origin;
};

/* Hints for the model (MCP 2026-07-28, ToolAnnotations). */
enum {
    MCPP_HINT_READ_ONLY = 1 << 0,
    MCPP_HINT_DESTRUCTIVE = 1 << 1,
    MCPP_HINT_IDEMPOTENT = 1 << 2,
    MCPP_HINT_OPEN_WORLD = 1 << 3,
};

struct mcpp_tool {
    const char *name;
    /* what decides stands beside the name, in as few cache lines as it can */
    uint32_t shown;             /* MCPP_HIDDEN or MCPP_ALLOW; facts alone */
    uint32_t decision;          /* MCPP_HIDDEN, MCPP_NEEDS, MCPP_DENY(…) or MCPP_ALLOW */
    uint32_t operator_decision; /* the same for an operator who is not narrowed */
    uint32_t challenge;         /* index into the policy's: what to ask for to meet `needs` */
    uint16_t test_count, fill_count, limit_count;
    const uint32_t *tests; /* of arguments, that its rules look at: all must fit */
    const struct mcpp_fill *fills;
    const uint16_t *limits;      /* indices into the policy's; all of them count */
    const char *title;           /* "" when there is none */
    const char *description;     /* "" when there is none */
    const char *method;          /* as sent: "GET" */
    const char *path;            /* template: "/pet/{petId}"; names are the wire names */
    const char *backend;         /* base URL of this operation alone; "" for the policy's */
    const char *const *siblings; /* templates of operations of this method that an argument in the
                                    path could name; a path that is one of them is refused */
    uint32_t sibling_count;
    const char *input_schema;  /* JSON Schema 2020-12, an object */
    const char *output_schema; /* "" when the document says nothing about the result */
    bool validate_output;      /* a result that does not keep to it is an error */
    const char *resource;      /* URI template of the resource that it is; NULL: none */
    const struct mcpp_parameter *parameters;
    uint32_t parameter_count;
    enum mcpp_body body;
    const char *content_type; /* of the request body; "" without one */
    const char *accept;       /* of the response: "application/json" */
    const uint16_t *choices;  /* indices into the policy's; each sends what it chooses */
    uint32_t choice_count;
    uint32_t hints;      /* MCPP_HINT_* */
    uint32_t timeout_ms; /* 0: the server's default */
    struct mcpp_origin origin;
};

/* How a caller's token is recognised (RFC 7519, 7517, 9068). */
enum mcpp_algorithm {
    MCPP_RS256 = 1 << 0,
    MCPP_ES256 = 1 << 1,
    MCPP_RS384 = 1 << 2,
    MCPP_RS512 = 1 << 3,
    MCPP_PS256 = 1 << 4,
    MCPP_PS384 = 1 << 5,
    MCPP_PS512 = 1 << 6,
    MCPP_ES384 = 1 << 7,
    MCPP_ES512 = 1 << 8,
    MCPP_EDDSA = 1 << 9,    /* with Ed25519 or Ed448 (RFC 8037) */
    MCPP_ED25519 = 1 << 10, /* the same by RFC 9864's names */
    MCPP_ED448 = 1 << 11,
    MCPP_HS256 = 1 << 12, /* with the verifier's own secret, never with a public key */
    MCPP_HS384 = 1 << 13,
    MCPP_HS512 = 1 << 14,
};

enum mcpp_verifier_kind {
    MCPP_VERIFIER_JWT,
    MCPP_VERIFIER_INTROSPECTION, /* asks the authorization server (RFC 7662) */
};

/* What a token must be bound to; several: to one of them. A token that says it is bound needs its
 * proof in any case. */
enum {
    MCPP_BOUND_DPOP = 1 << 0,  /* a key of the caller's (RFC 9449) */
    MCPP_BOUND_MTLS = 1 << 1,  /* the caller's certificate (RFC 8705, section 3) */
    MCPP_BOUND_NONCE = 1 << 2, /* DPoP proofs carry a nonce of the server's (RFC 9449, section 9) */
};

/* Where MCPP_VERIFIER_INTROSPECTION asks, and as whom. */
struct mcpp_introspection {
    const char *endpoint; /* URL */
    enum mcpp_client client;
    struct mcpp_secret client_id, client_secret;
    struct mcpp_secret key; /* PEM: signs JWTs for MCPP_CLIENT_JWT */
    const char *key_id;     /* `kid` of these; "": none */
    uint32_t cache_s;       /* how long an answer is believed at most, yes or no */
};

struct mcpp_verifier {
    enum mcpp_verifier_kind kind;
    const char *name;
    const char *issuer;           /* `iss` must be exactly this; "" (introspection): any */
    const char *jwks;             /* URL of the key set; "": found through the issuer's metadata */
    const char *const *audiences; /* one must be of `aud`; none (introspection): any */
    uint32_t audience_count;
    const char *scope_claim; /* path of "scope": a string of words, or an array of strings */
    const char *roles_claim; /* path of the same for roles; "": none */
    uint32_t algorithms;     /* of enum mcpp_algorithm */
    uint32_t leeway_s;
    uint32_t bound;                 /* MCPP_BOUND_*; 0: bearer tokens will do */
    bool is_profile_rfc9068;        /* typ must be at+jwt; sub, client_id, iat and jti be there */
    bool allows_private;            /* keys and answers may come from private addresses */
    struct mcpp_secret hmac_secret; /* MCPP_HS256 …: its name is NULL when there is none */
    struct mcpp_introspection introspection;
    struct mcpp_origin origin;
};

/*
 * The names of the tools as a perfect hash (compress-hash-displace):
 *   h = mcpp_hash(seed, name); bucket = mcpp_hash_below(h, bucket_count);
 *   slot = mcpp_hash_below(mcpp_hash_slot(h, displace[bucket]), slot_count);
 *   slots[slot] is the tool to compare.
 * The functions are in runtime/decide/lookup.h and mcpc runs the same code.
 */
struct mcpp_hash_table {
    uint64_t seed;
    uint32_t bucket_count, slot_count; /* both at least 1 */
    const uint16_t *displace;
    const uint32_t *slots; /* a tool's index, or tool_count for an empty slot */
};

/* The sizes of the structs in one number: a header and a library of one ABI number that differ all
 * the same are noticed at start. */
#define MCPP_POLICY_SIZE                                                                        \
    ((uint32_t)(sizeof(struct mcpp_policy) + 1009 * sizeof(struct mcpp_tool) +                  \
                10007 * sizeof(struct mcpp_parameter) + 100003 * sizeof(struct mcpp_verifier) + \
                1000003 * sizeof(struct mcpp_fact)))

struct mcpp_policy {
    uint32_t abi;         /* MCPP_POLICY_ABI of the header that policy.c was compiled with */
    uint32_t size;        /* MCPP_POLICY_SIZE there */
    const char *name;     /* of the server, as MCP clients see it: "petstore" */
    const char *title;    /* of the API, for people; "" when there is none */
    const char *version;  /* of the API: "1.0.27" */
    const char *compiler; /* "mcpc 0.1.0" */
    const char *backend;  /* base URL; "": --backend-url is required */
    const struct mcpp_tool *tools;
    uint32_t tool_count;
    const struct mcpp_fact *facts;
    uint32_t fact_count, fact_words;
    const struct mcpp_claim *claims; /* that anything looks at */
    uint32_t claim_count;
    const struct mcpp_test *tests; /* of arguments first, then of claims */
    uint32_t test_count;
    const struct mcpp_node *nodes;
    uint32_t node_count;
    const struct mcpp_derived *derived; /* each after those it depends on */
    uint32_t derived_count;
    const struct mcpp_rule *rules; /* in the order of the policy */
    uint32_t rule_count;
    const struct mcpp_limit *limits;
    uint32_t limit_count;
    const struct mcpp_any_of *challenges; /* sets of scopes that meet the `needs` of tools */
    uint32_t challenge_count;
    const struct mcpp_operator *narrowed;  /* NULL: the operator holds everything */
    const struct mcpp_verifier *verifiers; /* the accepted ones, in the order of `accept` */
    uint32_t verifier_count;
    const struct mcpp_credential *credentials;
    uint32_t credential_count;
    const struct mcpp_choice *choices;
    uint32_t choice_count;
    bool validate_tokens; /* `validate tokens`: HTTP callers must show a token */
    struct mcpp_hash_table names;
};

/* The one object that policy.c defines. */
extern const struct mcpp_policy mcpp_policy;

#endif
