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
    CONDITION_NOTHING, /* `nothing`: always holds */
    CONDITION_TOKEN,   /* `token`: the caller is authenticated */
    CONDITION_SCOPE,   /* "read:pets" */
    CONDITION_AND,
    CONDITION_OR,
};

struct condition {
    enum condition_kind kind;
    struct span span;
    struct word word;                     /* CONDITION_SCOPE */
    const struct condition *left, *right; /* CONDITION_AND, CONDITION_OR */
};

/* ---- secrets and duration ---- */

enum secret_kind { SECRET_ENV, SECRET_FILE };

struct secret {
    enum secret_kind kind;
    struct word name;
};

/* ---- statements ---- */

enum statement_kind {
    STATEMENT_VERSION,  /* mcpp 1 */
    STATEMENT_API,      /* api "openapi.yaml" */
    STATEMENT_OVERLAY,  /* overlay "changes.yaml" — applied to the document, in order */
    STATEMENT_SERVER,   /* server "petstore" — the name that MCP clients see */
    STATEMENT_BACKEND,  /* backend "https://…" */
    STATEMENT_VERIFIER, /* verifier NAME jwt { … } */
    STATEMENT_ACCEPT,   /* accept a, b */
    STATEMENT_VALIDATE, /* validate tokens */
    STATEMENT_SCOPE,    /* scope "s" "description" implies "t", "u" */
    STATEMENT_TOOL,     /* tool NAME METHOD PATH needs C { … } */
    STATEMENT_OMIT,     /* omit METHOD PATH "reason" */
    STATEMENT_SEND,     /* send bearer env NAME for a, b */
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

enum send_kind { SEND_BEARER, SEND_BASIC, SEND_HEADER, SEND_QUERY, SEND_COOKIE };

struct statement {
    enum statement_kind kind;
    struct span span;          /* the whole statement, without its comments */
    struct str comments;       /* the comment and blank lines before it, as written */
    struct str comment_at_end; /* "# …" on its (last) line, or empty */
    struct word name;          /* of what is declared; the text of api, overlay, server, backend,
                                  scope */
    struct word description;   /* scope, omit (reason) */
    struct words list;         /* accept: verifiers; scope: implied scopes; send: tools (`for`) */
    struct word method, path;  /* tool, omit */
    const struct condition *needs;    /* tool */
    struct word verifier_kind;        /* verifier: "jwt" */
    struct settings settings;         /* verifier, tool: the block */
    struct str comments_at_block_end; /* comments after the last setting */
    enum send_kind send;
    struct secret secret; /* send */
    uint64_t number;      /* version */
};

/* The most nodes that one condition may have, so that walking it cannot exhaust the stack. */
enum { CONDITION_NODE_MAX = 1000 };

struct policy_ast {
    struct source *source; /* of the .mcpp text, or of the document that it was lowered from */
    const struct statement *statements;
    uint32_t statement_count;
    struct str comments_at_end; /* after the last statement */
};

#endif
