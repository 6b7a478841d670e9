/*
 * What the scanner (mcpp.re) and the grammar (mcpp.y) of the policy language share while one text
 * is read. Takes a text that policy/parse.c has found to be clean UTF-8; gives statements. Knows no
 * meaning of any name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef GRAMMAR_MCPP_READ_H
#define GRAMMAR_MCPP_READ_H

#include "compiler/base/map.h"
#include "compiler/policy/ast.h"

/* The end of a line that holds tokens. */
struct mcpp_newline {
    struct str comment; /* "# …" at its end, or empty */
    struct str carried; /* comment lines from inside a list that went over several lines */
};

/* The comment and blank lines before the token at `start`. */
struct mcpp_comments {
    uint32_t start;
    struct str text;
};

struct mcpp_words {
    struct word *at;
    size_t count, capacity;
};

struct mcpp_settings {
    struct setting *at;
    size_t count, capacity;
};

struct mcpp_block {
    struct mcpp_settings settings;
    struct str comments_at_end;
};

struct mcpp_selectors {
    struct selector *at;
    size_t count, capacity;
};

struct mcpp_literals {
    struct literal *at;
    size_t count, capacity;
};

/* What stands after `claim "p"` or `arg p`: the test of a condition without its sides. */
struct mcpp_test {
    enum comparison comparison;
    struct mcpp_literals literals;
};

struct mcpp_members {
    struct value_member *at;
    size_t count, capacity;
};

struct mcpp_claims {
    struct claim_value *at;
    size_t count, capacity;
};

struct mcpp_holdings {
    struct mcpp_words scopes, roles;
    struct mcpp_claims claims;
    struct word verifier;
};

struct mcpp_lines {
    struct test_line *at;
    size_t count, capacity;
};

struct mcpp_test_block {
    struct mcpp_lines lines;
    struct str comments_at_end;
};

/* What `${NAME}` stands for in a file that is included. */
struct mcpp_parameters {
    struct map values; /* name -> struct word */
    const struct str *names;
    size_t name_count;
    bool is_main; /* of the policy itself: there are none, and a string may hold any text */
};

/* What a `send` names, one after the other. */
struct mcpp_sents {
    struct sent *at;
    size_t count, capacity;
};

struct mcpp_reader {
    struct source *source;
    struct arena *arena;
    struct diag_list *diags;
    const struct mcpp_parameters *parameters; /* NULL: `${NAME}` stays as it is */
    /* the scanner's */
    const char *cursor;
    bool is_line_open;       /* a token stands on this line, so that its end is a token too */
    bool is_continued;       /* the last token was a comma: the line goes on below */
    bool is_block_start;     /* the last token was a '{' */
    uint32_t depth;          /* of braces */
    uint32_t comments_start; /* where the comments before the next token begin */
    struct str comment;      /* at the end of this line */
    struct str_builder carried;
    LIST(struct mcpp_comments) comments;
    /* the grammar's */
    uint32_t condition_nodes; /* of the condition that is being read */
    struct span bare_scope;   /* a scope that stands alone in that condition; no source: none */
    LIST(struct statement) statements;
};

/* The comments before the token that starts there; tokens are asked for in order. */
struct str mcpp_comments_before(const struct mcpp_reader *reader, uint32_t start);

#endif
