/*
 * The grammar of the policy language. Takes tokens from mcpp.re; actions only build the nodes of
 * policy/ast.h. Nothing here knows what a name means: policy/check.c does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
%require "3.8"
%define api.pure full
%define api.prefix {mcpp_}
%define api.token.prefix {TOKEN_}
%define api.value.type union
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct mcpp_reader *reader}

%code requires {
#include "grammar/mcpp_read.h"
}

%code provides {
int mcpp_lex(MCPP_STYPE *value, MCPP_LTYPE *span, struct mcpp_reader *reader);
}

%code {
/* A rule's span goes from its first to its last symbol; an empty rule's is empty. */
#define YYLLOC_DEFAULT(current, rhs, count)                                                        \
    ((current) = (count) ? span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, (count)))                     \
                         : (struct span){YYRHSLOC(rhs, 0).source, YYRHSLOC(rhs, 0).end,            \
                                         YYRHSLOC(rhs, 0).end})

static struct statement *statement_new(struct mcpp_reader *reader, enum statement_kind kind,
                                       struct word name)
{
    struct statement *statement = arena_new(reader->arena, struct statement);
    statement->kind = kind;
    statement->name = name;
    return statement;
}

static struct statement *send_new(struct mcpp_reader *reader, enum send_kind kind,
                                  struct secret secret)
{
    struct statement *statement = statement_new(reader, STATEMENT_SEND, (struct word){0});
    statement->send = kind;
    statement->secret = secret;
    return statement;
}

static struct words words_of(struct mcpp_words list)
{
    return (struct words){list.at, (uint32_t)list.count};
}

static void set_block(struct statement *statement, struct mcpp_block block)
{
    statement->settings =
        (struct settings){block.settings.at, (uint32_t)block.settings.count};
    statement->comments_at_block_end = block.comments_at_end;
}

static struct str with_carried(struct mcpp_reader *reader, struct str comments,
                               struct mcpp_newline end)
{
    if (!end.carried.len)
        return comments;
    return str_format(reader->arena, "%.*s%.*s", STR_ARG(comments), STR_ARG(end.carried));
}

static void keep_statement(struct mcpp_reader *reader, struct statement *statement,
                           struct span span, struct mcpp_newline end)
{
    statement->span = span;
    statement->comments = with_carried(reader, mcpp_comments_before(reader, span.start), end);
    statement->comment_at_end = end.comment;
    *list_add(reader->arena, &reader->statements) = *statement;
}

static struct setting setting_new(struct mcpp_reader *reader, struct word name,
                                  struct mcpp_words values, struct span span)
{
    return (struct setting){.name = name,
                            .values = words_of(values),
                            .span = span,
                            .comments = mcpp_comments_before(reader, span.start)};
}

/* A node, or an earlier one again when there are too many: that was reported. */
static const struct condition *condition_keep(struct mcpp_reader *reader,
                                              struct condition condition)
{
    if (++reader->condition_nodes > CONDITION_NODE_MAX) {
        if (reader->condition_nodes == CONDITION_NODE_MAX + 1)
            diag_error(reader->diags, "too-long", condition.span,
                       "a condition of more than %d parts", CONDITION_NODE_MAX);
        if (condition.left)
            return condition.left;
    }
    struct condition *node = arena_new(reader->arena, struct condition);
    *node = condition;
    return node;
}

static uint64_t number_of(struct word word)
{
    uint64_t number = 0;
    for (size_t i = 0; i < word.text.len; i++) {
        if (word.text.at[i] < '0' || word.text.at[i] > '9' || number > 1000000)
            return 0;
        number = number * 10 + (uint64_t)(word.text.at[i] - '0');
    }
    return number;
}

static void mcpp_error(const struct span *span, struct mcpp_reader *reader, const char *message);
}

/* The aliases are what people read in messages. Keywords stand together: the list of what was
   expected leaves them out where any name may stand. */
%token YYEOF 0 "end of file"
%token <struct mcpp_newline> NL "end of line"
%token <struct word> WORD "a name" STRING "a string" PATH "a path"
%token <struct word> MCPP "'mcpp'" API "'api'" OVERLAY "'overlay'" SERVER "'server'" BACKEND "'backend'"
  VERIFIER "'verifier'" ACCEPT "'accept'" VALIDATE "'validate'" SCOPE "'scope'" TOOL "'tool'"
  OMIT "'omit'" SEND "'send'" TOKENS "'tokens'" IMPLIES "'implies'" NEEDS "'needs'"
  NOTHING "'nothing'" TOKEN "'token'" AND "'and'" OR "'or'" BEARER "'bearer'" BASIC "'basic'"
  HEADER "'header'" QUERY "'query'" COOKIE "'cookie'" ENV "'env'" FILE "'file'" FOR "'for'"

%nterm <struct statement *> statement send
%nterm <struct word> name keyword method path optional_string value
%nterm <struct mcpp_words> names strings values optional_implies optional_for
%nterm <struct mcpp_block> block optional_block
%nterm <struct mcpp_settings> settings
%nterm <struct setting> setting
%nterm <const struct condition *> needs condition conjunction atom
%nterm <struct secret> secret

%initial-action { @$ = (struct span){reader->source, 0, 0}; }

%%

policy:
  %empty
| policy line
;

line:
  statement NL    { keep_statement(reader, $1, @1, $2); }
| error NL        { yyerrok; }
| error block NL  { yyerrok; }
;

statement:
  MCPP name                      { $$ = statement_new(reader, STATEMENT_VERSION, $2);
                                   $$->number = number_of($2); }
| API STRING                     { $$ = statement_new(reader, STATEMENT_API, $2); }
| OVERLAY STRING                 { $$ = statement_new(reader, STATEMENT_OVERLAY, $2); }
| SERVER STRING                  { $$ = statement_new(reader, STATEMENT_SERVER, $2); }
| BACKEND STRING                 { $$ = statement_new(reader, STATEMENT_BACKEND, $2); }
| VERIFIER name name block       { $$ = statement_new(reader, STATEMENT_VERIFIER, $2);
                                   $$->verifier_kind = $3;
                                   set_block($$, $4); }
| ACCEPT names                   { $$ = statement_new(reader, STATEMENT_ACCEPT, (struct word){0});
                                   $$->list = words_of($2); }
| VALIDATE TOKENS                { $$ = statement_new(reader, STATEMENT_VALIDATE, $2); }
| SCOPE STRING optional_string optional_implies
                                 { $$ = statement_new(reader, STATEMENT_SCOPE, $2);
                                   $$->description = $3;
                                   $$->list = words_of($4); }
| TOOL name method path NEEDS needs optional_block
                                 { $$ = statement_new(reader, STATEMENT_TOOL, $2);
                                   $$->method = $3;
                                   $$->path = $4;
                                   $$->needs = $6;
                                   set_block($$, $7); }
| OMIT method path optional_string
                                 { $$ = statement_new(reader, STATEMENT_OMIT, (struct word){0});
                                   $$->method = $2;
                                   $$->path = $3;
                                   $$->description = $4; }
| send optional_for              { $$ = $1;
                                   $$->list = words_of($2); }
;

/* ---- conditions ---- */

needs:
  NOTHING    { $$ = condition_keep(reader, (struct condition){CONDITION_NOTHING, .span = @$});
               reader->condition_nodes = 0; }
| condition  { $$ = $1;
               reader->condition_nodes = 0; }
;

condition:
  conjunction
| condition OR conjunction
             { $$ = condition_keep(reader, (struct condition){CONDITION_OR, .span = @$,
                                                              .left = $1, .right = $3}); }
;

conjunction:
  atom
| conjunction AND atom
             { $$ = condition_keep(reader, (struct condition){CONDITION_AND, .span = @$,
                                                              .left = $1, .right = $3}); }
;

atom:
  STRING     { $$ = condition_keep(reader, (struct condition){CONDITION_SCOPE, .span = @$,
                                                              .word = $1}); }
| TOKEN      { $$ = condition_keep(reader, (struct condition){CONDITION_TOKEN, .span = @$}); }
| '(' condition ')'  { $$ = $2; }
;

/* ---- toward the backend ---- */

send:
  SEND BEARER secret         { $$ = send_new(reader, SEND_BEARER, $3); }
| SEND BASIC secret          { $$ = send_new(reader, SEND_BASIC, $3); }
| SEND HEADER STRING secret  { $$ = send_new(reader, SEND_HEADER, $4); $$->name = $3; }
| SEND QUERY STRING secret   { $$ = send_new(reader, SEND_QUERY, $4); $$->name = $3; }
| SEND COOKIE STRING secret  { $$ = send_new(reader, SEND_COOKIE, $4); $$->name = $3; }
;

secret:
  ENV name     { $$ = (struct secret){SECRET_ENV, $2}; }
| FILE STRING  { $$ = (struct secret){SECRET_FILE, $2}; }
| STRING       { struct diag *diag = diag_error(reader->diags, "literal-secret", @1,
                                                "a secret written in the policy");
                 diag_help(reader->diags, diag, "name where it is: env NAME or file \"path\"");
                 $$ = (struct secret){SECRET_ENV, $1}; }
;

/* ---- blocks ---- */

optional_block:
  %empty  { $$ = (struct mcpp_block){0}; }
| block
;

block:
  '{' optional_newline settings '}'
          { $$ = (struct mcpp_block){$3, mcpp_comments_before(reader, @4.start)}; }
| '{' optional_newline settings setting '}'
          { $$ = (struct mcpp_block){$3, {0}};
            *list_add(reader->arena, &$$.settings) = $4; }
| '{' optional_newline settings error '}'
          { $$ = (struct mcpp_block){$3, {0}};
            yyerrok; }
;

optional_newline: %empty | NL;

settings:
  %empty               { $$ = (struct mcpp_settings){0}; }
| settings setting NL  { $$ = $1;
                         struct setting *setting = list_add(reader->arena, &$$);
                         *setting = $2;
                         setting->comment_at_end = $3.comment; }
| settings error NL    { $$ = $1;
                         yyerrok; }
;

setting: name values  { $$ = setting_new(reader, $1, $2, @$); };

values:
  value         { $$ = (struct mcpp_words){0};
                  *list_add(reader->arena, &$$) = $1; }
| values value  { $$ = $1;
                  *list_add(reader->arena, &$$) = $2; }
;

value: name | STRING;

/* ---- words ---- */

names:
  name            { $$ = (struct mcpp_words){0};
                    *list_add(reader->arena, &$$) = $1; }
| names ',' name  { $$ = $1;
                    *list_add(reader->arena, &$$) = $3; }
;

strings:
  STRING              { $$ = (struct mcpp_words){0};
                        *list_add(reader->arena, &$$) = $1; }
| strings ',' STRING  { $$ = $1;
                        *list_add(reader->arena, &$$) = $3; }
;

optional_for:
  %empty     { $$ = (struct mcpp_words){0}; }
| FOR names  { $$ = $2; }
;

optional_implies:
  %empty           { $$ = (struct mcpp_words){0}; }
| IMPLIES strings  { $$ = $2; }
;

optional_string:
  %empty  { $$ = (struct word){0}; }
| STRING
;

method: name | STRING;
path: PATH | STRING;

/* A tool may be called `send`: where a name stands, a keyword is one. */
name: WORD | keyword;

keyword:
  MCPP | API | OVERLAY | SERVER | BACKEND | VERIFIER | ACCEPT | VALIDATE | SCOPE | TOOL | OMIT | SEND
| TOKENS | IMPLIES | NEEDS | NOTHING | TOKEN | AND | OR | BEARER | BASIC | HEADER | QUERY | COOKIE
| ENV | FILE | FOR
;

%%

/* Only called when Bison's own stack is full. */
static void mcpp_error(const struct span *span, struct mcpp_reader *reader, const char *message)
{
    (void)message;
    diag_error(reader->diags, "too-long", *span, "parentheses nested too deep");
}

enum { EXPECTED_MAX = YYNTOKENS, SHOWN_MAX = 48 };

static bool is_keyword(yysymbol_kind_t symbol)
{
    return symbol >= YYSYMBOL_MCPP && symbol <= YYSYMBOL_FOR;
}

static void add_found(struct str_builder *out, yysymbol_kind_t symbol, struct span span)
{
    struct str text = span_text(span);
    if (symbol == YYSYMBOL_NL || symbol == YYSYMBOL_YYEOF || symbol == YYSYMBOL_STRING) {
        str_add_text(out, yysymbol_name(symbol));
        return;
    }
    size_t end = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    while (end < text.len && ((unsigned char)text.at[end] & 0xc0) == 0x80)
        end++;
    str_add_format(out, "'%.*s'", (int)end, text.at);
}

/* "a, b or c" of what was expected: any keyword may stand for a name, and any of the first words
   of statements for a statement. */
static void add_expected(struct str_builder *out, const yysymbol_kind_t *symbols, int count)
{
    bool any_name = false, any_statement = false;
    for (int i = 0; i < count; i++) {
        any_name |= symbols[i] == YYSYMBOL_WORD;
        any_statement |= symbols[i] == YYSYMBOL_OMIT;
    }
    const char *names[EXPECTED_MAX];
    int shown = 0;
    any_statement = any_statement && !any_name;
    if (any_statement)
        names[shown++] = "a statement";
    for (int i = 0; i < count; i++)
        if (!any_statement && (!is_keyword(symbols[i]) || !any_name))
            names[shown++] = yysymbol_name(symbols[i]);
    for (int i = 0; i < shown; i++) {
        str_add_text(out, i == 0 ? "; expected " : i + 1 < shown ? ", " : " or ");
        str_add_text(out, names[i]);
    }
}

static void suggest_keyword(struct mcpp_reader *reader, struct diag *diag, struct str text,
                            const yysymbol_kind_t *symbols, int count)
{
    struct str names[EXPECTED_MAX];
    size_t found = 0;
    for (int i = 0; i < count; i++) {
        if (!is_keyword(symbols[i]))
            continue;
        struct str name = str_of(yysymbol_name(symbols[i]));
        names[found++] = str_part(name, 1, name.len - 1);
    }
    diag_suggest(reader->diags, diag, "keyword", text, names, found);
}

static int yyreport_syntax_error(const yypcontext_t *context, struct mcpp_reader *reader)
{
    yysymbol_kind_t symbols[EXPECTED_MAX];
    int count = yypcontext_expected_tokens(context, symbols, EXPECTED_MAX);
    if (count < 0)
        return count;
    struct span span = *yypcontext_location(context);
    yysymbol_kind_t found = yypcontext_token(context);
    struct str_builder text = {.arena = reader->arena};
    add_found(&text, found, span);
    add_expected(&text, symbols, count);
    struct diag *diag = diag_error(reader->diags, "syntax", span, "unexpected %.*s",
                                   STR_ARG(str_built(&text)));
    if (found == YYSYMBOL_WORD)
        suggest_keyword(reader, diag, span_text(span), symbols, count);
    return 0;
}
