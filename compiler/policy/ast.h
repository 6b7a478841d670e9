/*
 * Border 4: a policy as it is written: statements in source order, names unresolved, comments kept.
 * Made by parse.c from a text or by lower/ from an API. Nodes are immutable after that.
 * Spans of lowered nodes point into the OpenAPI document.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_AST_H
#define POLICY_AST_H

#include "compiler/base/diag.h"

/* A name or a string with its place. A string's text is unescaped. */
struct word {
    struct str text;
    struct span span;
    bool is_string; /* written in quotes */
};

struct words {
    const struct word *at;
    uint32_t count;
};

/* ---- conditions ---- */

enum condition_kind {
    CONDITION_NOTHING,           /* `nothing`: always holds */
    CONDITION_TOKEN,             /* `token`: the caller is authenticated */
    CONDITION_SCOPE,             /* `scope "read:pets"`, in `needs` also "read:pets" alone */
    CONDITION_ROLE,              /* `role keeper` */
    CONDITION_VERIFIER,          /* `verifier staff`: this one accepted the token */
    CONDITION_TRANSPORT,         /* `transport stdio` */
    CONDITION_CLAIM,             /* `claim "a.b" …` */
    CONDITION_ARGUMENT,          /* `arg a.b …` */
    CONDITION_CLAIM_IS_ARGUMENT, /* `claim "sub" == arg userId`, either way round */
    CONDITION_NOT,               /* left */
    CONDITION_AND,
    CONDITION_OR,
};

enum comparison {
    COMPARE_EQUAL,
    COMPARE_NOT_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_OR_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_OR_EQUAL,
    COMPARE_CONTAINS, /* an array with this element; a single value is an array of one */
    COMPARE_EXISTS,
    COMPARE_IN,      /* one of the literals */
    COMPARE_MATCHES, /* a string that fits the glob: `*` is any number of any characters */
};

enum literal_kind { LITERAL_STRING, LITERAL_NUMBER, LITERAL_TRUE, LITERAL_FALSE };

struct literal {
    enum literal_kind kind;
    struct word word; /* a number as written */
};

struct literals {
    const struct literal *at;
    uint32_t count;
};

struct condition {
    enum condition_kind kind;
    struct span span;
    struct word word;                     /* scope, role, verifier, transport; the claim's path */
    struct word argument;                 /* the argument's path */
    enum comparison comparison;           /* claim, argument, claim is argument (== and !=) */
    struct literals literals;             /* claim, argument: one, for `in` any number */
    const struct condition *left, *right; /* CONDITION_NOT: left alone */
};

/* `when C unless D`; NULL: not there. */
struct guard {
    const struct condition *when, *unless;
};

/* ---- selectors: which tools a statement is about ---- */

enum selector_kind {
    SELECTOR_NAME,   /* of a tool or a group */
    SELECTOR_TAGGED, /* tagged "store": the operation's tag in the document */
    SELECTOR_METHOD, /* method DELETE */
    SELECTOR_PATH,   /* path "/admin/" and a glob: `*` within a segment, `**` over segments */
    SELECTOR_ALL,    /* * */
};

struct selector {
    enum selector_kind kind;
    struct word word;
    struct span span;
};

struct selectors {
    const struct selector *at;
    uint32_t count;
};

/* ---- secrets ---- */

enum secret_kind { SECRET_ENV, SECRET_FILE };

struct secret {
    enum secret_kind kind;
    struct word name; /* empty: none */
};

/* ---- values of tests and of the operator's claims: JSON, with bare names ---- */

enum value_kind {
    VALUE_STRING,
    VALUE_NUMBER,
    VALUE_TRUE,
    VALUE_FALSE,
    VALUE_NULL,
    VALUE_ARRAY,
    VALUE_OBJECT,
};

struct value_member;

struct value {
    enum value_kind kind;
    struct word word; /* string, number: as written */
    struct span span;
    const struct value_member *members; /* array: without names; object */
    uint32_t count;
};

struct value_member {
    struct word name;
    struct value value;
};

/* `claim "sub" "me"` of the operator or a test's token. */
struct claim_value {
    struct word path;
    struct value value;
};

/* What a caller shows. */
struct holdings {
    struct words scopes, roles;
    struct word verifier; /* test: which one accepted the token; empty: the only one, or any */
    const struct claim_value *claims;
    uint32_t claim_count;
};

/* ---- statements ---- */

enum statement_kind {
    STATEMENT_VERSION,   /* mcpp 1 */
    STATEMENT_API,       /* api "openapi.yaml" */
    STATEMENT_OVERLAY,   /* overlay "changes.yaml" — applied to the document, in order */
    STATEMENT_SERVER,    /* server "petstore" — the name that MCP clients see */
    STATEMENT_BACKEND,   /* backend "https://…" */
    STATEMENT_INCLUDE,   /* include <rbac> { … }, include "file.mcpp" — resolved by include.c */
    STATEMENT_PARAMETER, /* parameter NAME "default": of an included file */
    STATEMENT_PRESET,   /* preset jwt { … }: a verifier's settings, for `verifier NAME from FILE` */
    STATEMENT_VERIFIER, /* verifier NAME jwt { … }, verifier NAME from PRESET { … } */
    STATEMENT_ACCEPT,   /* accept a, b */
    STATEMENT_VALIDATE, /* validate tokens */
    STATEMENT_SCOPE,    /* scope "s" "description" implies "t", "u" granted when C */
    STATEMENT_ROLE,     /* role NAME when C unless D */
    STATEMENT_OPERATOR, /* operator scopes "s" roles r claim "sub" "me" */
    STATEMENT_TOOL,     /* tool NAME METHOD PATH needs C { … } */
    STATEMENT_OMIT,     /* omit METHOD PATH "reason" */
    STATEMENT_GROUP,    /* group NAME = SELECTORS */
    STATEMENT_HIDE,     /* hide SELECTORS when C unless D */
    STATEMENT_DENY,     /* deny SELECTORS when C unless D "message" */
    STATEMENT_ALLOW,    /* allow only SELECTORS when C unless D "message" */
    STATEMENT_FILL,     /* fill TOOL.ARGUMENT from claim "sub" */
    STATEMENT_LIMIT,    /* limit SELECTORS 60 per minute per subject burst 20 */
    STATEMENT_SEND,     /* send bearer env NAME or "key" and "other" for SELECTORS */
    STATEMENT_CREDENTIAL, /* credential "key" header "X-Key" env NAME — what `send "key"` sends */
    STATEMENT_TEST,       /* test "…" { token …; call …; expect … } */
};

/* A `name value …` line in a block. */
struct setting {
    struct word name;
    struct words values; /* words, strings, numbers with a unit, as written */
    struct span span;
    struct str comments;       /* the comment and blank lines before it, as written */
    struct str comment_at_end; /* "# …" on its line, or empty */
};

struct settings {
    const struct setting *at;
    uint32_t count;
};

enum send_kind {
    SEND_NAMED,       /* send "label": a credential that is declared by itself */
    SEND_BEARER,      /* send bearer SECRET */
    SEND_BASIC,       /* send basic SECRET: user:password */
    SEND_DIGEST,      /* send digest SECRET: user:password (RFC 7616) */
    SEND_HEADER,      /* send header "X" SECRET */
    SEND_QUERY,       /* send query "x" SECRET */
    SEND_COOKIE,      /* send cookie "x" SECRET */
    SEND_CERTIFICATE, /* send certificate file "c.pem" key file "k.pem": mutual TLS */
    SEND_OAUTH2,      /* send oauth2 FLOW { … } */
    SEND_EXCHANGE,    /* send exchange { … }: RFC 8693, per caller */
    SEND_CLAIM,       /* send header "X-User" claim "sub": identity injection */
    SEND_CALLER,      /* send caller token */
};

struct statement;

/* One thing that a `send` sends. */
struct sent {
    const struct statement *what; /* send, secret, … as of a credential's statement, or the label */
    bool is_alternative;          /* behind `or`, or the first; else behind `and` */
};

struct sents {
    const struct sent *at;
    uint32_t count;
};

/* A line of a `test` block; their order counts. */
enum test_line_kind {
    TEST_TOKEN,     /* token scopes "a" "b" roles r claim "p" == VALUE verifier v */
    TEST_TRANSPORT, /* transport stdio */
    TEST_CALL,      /* call TOOL { name: VALUE, … } */
    TEST_LIST,      /* list: asks which tools are shown */
    TEST_EXPECT,
};

enum test_outcome {
    EXPECT_ALLOW,
    EXPECT_DENY,    /* 403: [needs "s" …] or ["message"] of a rule on the caller */
    EXPECT_TOKEN,   /* 401: a token is asked for */
    EXPECT_REFUSED, /* a tool error: ["message"] of a rule on arguments, or a wrong type */
    EXPECT_HIDDEN,  /* after a call: an unknown tool; after a list: with the tools' names */
    EXPECT_SHOWN,   /* after a list */
};

struct test_line {
    enum test_line_kind kind;
    struct span span;
    struct holdings holdings; /* token */
    struct word name;         /* transport, call: the tool */
    struct value arguments;   /* call: an object, perhaps without members */
    enum test_outcome outcome;
    struct words list;   /* expect: the scopes after `needs`, the tools after hidden and shown */
    struct word message; /* expect deny, refused */
    struct str comments, comment_at_end;
};

struct test_lines {
    const struct test_line *at;
    uint32_t count;
};

struct statement {
    enum statement_kind kind;
    struct span span;          /* the whole statement, without its comments */
    struct str comments;       /* the comment and blank lines before it, as written */
    struct str comment_at_end; /* "# …" on its (last) line, or empty */
    struct word name;          /* of what is declared; the text of api, overlay, server, backend,
                                  include, scope, test; `TOOL.ARGUMENT` of a fill; of the
                                  header, query parameter or cookie of a credential */
    struct word description;   /* scope, omit (reason), deny and allow (message); a parameter's
                                  default */
    struct words list;         /* accept: verifiers; scope: implied scopes */
    struct word method, path;  /* tool, omit */
    const struct condition *needs;    /* tool */
    struct selectors selectors;       /* group, hide, deny, allow, limit; send (`for`; none: all) */
    struct guard guard;               /* role, hide, deny, allow; scope (`granted when`) */
    struct word verifier_kind;        /* verifier, preset: "jwt", "introspection"; or whose
                                         preset it is: the name of a file in the standard library,
                                         or in quotes a file beside this one */
    bool is_from_preset;              /* verifier: `from` */
    bool is_stdlib;                   /* include: <name>; name holds what is inside */
    struct settings settings;         /* verifier, preset, tool, include, send: the block */
    struct str comments_at_block_end; /* comments after the last setting or line */
    struct sents sents;               /* send: what it sends */
    enum send_kind send;              /* this and what follows: credential, and each thing sent */
    struct word label;                /* credential; SEND_NAMED */
    struct word flow;                 /* send oauth2 */
    struct secret secret, key;        /* send; `key` of a certificate */
    struct word claim;                /* fill, send header … claim */
    struct word argument;             /* fill: the argument where it is written in quotes */
    uint64_t number;                  /* version */
    struct word amount, burst;        /* limit: numbers as written; burst may be empty */
    struct word unit, per;    /* limit: "minute"; "subject", "client", "tool", "all" or empty */
    struct holdings holdings; /* operator */
    struct test_lines lines;  /* test */
};

/* The most nodes that one condition may have, so that walking it cannot exhaust the stack. */
enum { CONDITION_NODE_MAX = 1000 };

struct policy_ast {
    struct source *source; /* of the .mcpp text, or of the document that it was lowered from */
    const struct statement *statements; /* those of includes stand in the place of the include */
    uint32_t statement_count;
    struct str comments_at_end; /* after the last statement */
    /* after includes, else none */
    const struct statement *const *by_place; /* the same, sorted by source and place */
    const struct source *const *sources;     /* all texts, the policy itself first */
    uint32_t source_count;
};

#endif
