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
#include "grammar/mcpp_build.h"
#include "grammar/mcpp_report.h"
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

static void mcpp_error(const struct span *span, struct mcpp_reader *reader, const char *message);
}

/* The aliases are what people read in messages; mcpp_report.c knows keywords by their quotes. */
%token YYEOF 0 "end of file"
%token <struct mcpp_newline> NL "end of line"
%token <struct word> WORD "a name" STRING "a string" PATH "a path"
%token <struct word> MCPP "'mcpp'" API "'api'" OVERLAY "'overlay'" SERVER "'server'"
  BACKEND "'backend'" INCLUDE "'include'" PARAMETER "'parameter'" PRESET "'preset'"
  VERIFIER "'verifier'" ACCEPT "'accept'" VALIDATE "'validate'" SCOPE "'scope'" ROLE "'role'"
  OPERATOR "'operator'" TOOL "'tool'" OMIT "'omit'" GROUP "'group'" HIDE "'hide'" DENY "'deny'"
  ALLOW "'allow'" FILL "'fill'" LIMIT "'limit'" SEND "'send'" CREDENTIAL "'credential'" TEST "'test'"
  FROM "'from'" TOKENS "'tokens'" IMPLIES "'implies'" GRANTED "'granted'" WHEN "'when'"
  UNLESS "'unless'" NEEDS "'needs'" NOTHING "'nothing'" TOKEN "'token'" AND "'and'" OR "'or'"
  NOT "'not'" TRANSPORT "'transport'" CLAIM "'claim'" ARG "'arg'" CONTAINS "'contains'"
  EXISTS "'exists'" IN "'in'" MATCHES "'matches'" ONLY "'only'" PER "'per'" BURST "'burst'"
  SCOPES "'scopes'" ROLES "'roles'" CALL "'call'" LIST "'list'" EXPECT "'expect'"
  SHOWN "'shown'" HIDDEN "'hidden'" REFUSED "'refused'" BEARER "'bearer'" BASIC "'basic'"
  DIGEST "'digest'" HEADER "'header'" QUERY "'query'" COOKIE "'cookie'"
  CERTIFICATE "'certificate'" KEY "'key'" OAUTH2 "'oauth2'" EXCHANGE "'exchange'"
  CALLER "'caller'" ENV "'env'" FILE "'file'" TAGGED "'tagged'" METHOD "'method'"
  PATH_OF "'path'" FOR "'for'"
%token EQUAL "'=='" NOT_EQUAL "'!='" LESS_OR_EQUAL "'<='" GREATER_OR_EQUAL "'>='"

%nterm <struct statement *> statement declaration rule limit send sent place
%nterm <struct mcpp_sents> alternatives together
%nterm <struct word> name keyword selecting method path optional_string value preset argument
  optional_per optional_burst
%nterm <struct mcpp_words> names strings scope_list role_list values optional_implies
%nterm <struct mcpp_block> block optional_block
%nterm <struct mcpp_settings> settings
%nterm <struct setting> setting
%nterm <struct mcpp_selectors> selectors optional_for
%nterm <struct selector> selector
%nterm <struct guard> guard optional_guard granted
%nterm <const struct condition *> needs condition conjunction negation atom
%nterm <struct mcpp_test> test
%nterm <enum comparison> comparison equality
%nterm <struct literal> literal
%nterm <struct mcpp_literals> literals
%nterm <struct secret> secret
%nterm <struct mcpp_test_block> test_block
%nterm <struct mcpp_lines> test_lines
%nterm <struct test_line> test_line expectation
%nterm <struct mcpp_holdings> holdings holding
%nterm <struct value> json object
%nterm <struct mcpp_members> elements members

%initial-action { @$ = (struct span){reader->source, 0, 0}; }

%%

policy:
  %empty
| policy line
;

line:
  statement NL    { build_keep(reader, $1, @1, $2); }
| error NL        { yyerrok; }
| error block NL  { yyerrok; }
;

statement:
  MCPP name                      { $$ = build_statement(reader, STATEMENT_VERSION, $2);
                                   $$->number = build_number($2); }
| API STRING                     { $$ = build_statement(reader, STATEMENT_API, $2); }
| OVERLAY STRING                 { $$ = build_statement(reader, STATEMENT_OVERLAY, $2); }
| SERVER STRING                  { $$ = build_statement(reader, STATEMENT_SERVER, $2); }
| BACKEND STRING                 { $$ = build_statement(reader, STATEMENT_BACKEND, $2); }
| INCLUDE STRING optional_block  { $$ = build_statement(reader, STATEMENT_INCLUDE, $2);
                                   build_set_block($$, $3); }
| INCLUDE '<' name '>' optional_block
                                 { $$ = build_statement(reader, STATEMENT_INCLUDE, $3);
                                   $$->is_stdlib = true;
                                   build_set_block($$, $5); }
| PARAMETER name optional_string { $$ = build_statement(reader, STATEMENT_PARAMETER, $2);
                                   $$->description = $3; }
| ACCEPT names                   { $$ = build_statement(reader, STATEMENT_ACCEPT, (struct word){0});
                                   $$->list = build_words($2); }
| VALIDATE TOKENS                { $$ = build_statement(reader, STATEMENT_VALIDATE, $2); }
| declaration
| rule
| limit
| send
| TEST STRING test_block         { $$ = build_statement(reader, STATEMENT_TEST, $2);
                                   $$->lines = (struct test_lines){$3.lines.at, (uint32_t)$3.lines.count};
                                   $$->comments_at_block_end = $3.comments_at_end; }
;

declaration:
  VERIFIER name name block       { $$ = build_statement(reader, STATEMENT_VERIFIER, $2);
                                   $$->verifier_kind = $3;
                                   build_set_block($$, $4); }
| VERIFIER name FROM preset optional_block
                                 { $$ = build_statement(reader, STATEMENT_VERIFIER, $2);
                                   $$->verifier_kind = $4;
                                   $$->is_from_preset = true;
                                   build_set_block($$, $5); }
| PRESET name block              { $$ = build_statement(reader, STATEMENT_PRESET, (struct word){0});
                                   $$->verifier_kind = $2;
                                   build_set_block($$, $3); }
| SCOPE STRING optional_string optional_implies granted
                                 { $$ = build_statement(reader, STATEMENT_SCOPE, $2);
                                   $$->description = $3;
                                   $$->list = build_words($4);
                                   $$->guard = $5; }
| ROLE name optional_guard       { $$ = build_statement(reader, STATEMENT_ROLE, $2);
                                   $$->guard = $3; }
| OPERATOR holdings              { $$ = build_statement(reader, STATEMENT_OPERATOR, (struct word){0});
                                   $$->holdings = build_held($2); }
| TOOL name method path NEEDS needs optional_block
                                 { $$ = build_statement(reader, STATEMENT_TOOL, $2);
                                   $$->method = $3;
                                   $$->path = $4;
                                   $$->needs = $6;
                                   build_set_block($$, $7); }
| OMIT method path optional_string
                                 { $$ = build_statement(reader, STATEMENT_OMIT, (struct word){0});
                                   $$->method = $2;
                                   $$->path = $3;
                                   $$->description = $4; }
| GROUP name '=' selectors       { $$ = build_statement(reader, STATEMENT_GROUP, $2);
                                   $$->selectors = build_selectors($4); }
;

/* ---- rules ---- */

rule:
  HIDE selectors optional_guard  { $$ = build_statement(reader, STATEMENT_HIDE, (struct word){0});
                                   $$->selectors = build_selectors($2);
                                   $$->guard = $3; }
| DENY selectors optional_guard optional_string
                                 { $$ = build_statement(reader, STATEMENT_DENY, (struct word){0});
                                   $$->selectors = build_selectors($2);
                                   $$->guard = $3;
                                   $$->description = $4; }
| ALLOW ONLY selectors guard optional_string
                                 { $$ = build_statement(reader, STATEMENT_ALLOW, (struct word){0});
                                   $$->selectors = build_selectors($3);
                                   $$->guard = $4;
                                   $$->description = $5; }
| FILL name FROM CLAIM STRING    { $$ = build_statement(reader, STATEMENT_FILL, $2);
                                   $$->claim = $5; }
| FILL name STRING FROM CLAIM STRING
                                 { $$ = build_statement(reader, STATEMENT_FILL, $2);
                                   $$->argument = $3;
                                   $$->claim = $6; }
;

limit:
  LIMIT selectors WORD PER name optional_per optional_burst
                                 { $$ = build_statement(reader, STATEMENT_LIMIT, (struct word){0});
                                   $$->selectors = build_selectors($2);
                                   $$->amount = $3;
                                   $$->unit = $5;
                                   $$->per = $6;
                                   $$->burst = $7; }
;

optional_per:
  %empty    { $$ = (struct word){0}; }
| PER name  { $$ = $2; }
;

optional_burst:
  %empty      { $$ = (struct word){0}; }
| BURST WORD  { $$ = $2; }
;

selectors:
  selector                { $$ = build_add_selector(reader, (struct mcpp_selectors){0}, $1); }
| selectors ',' selector  { $$ = build_add_selector(reader, $1, $3); }
;

selector:
  WORD           { $$ = (struct selector){SELECTOR_NAME, $1, @$}; }
| keyword        { $$ = (struct selector){SELECTOR_NAME, $1, @$}; }
| STRING         { $$ = (struct selector){SELECTOR_NAME, $1, @$}; }
| TAGGED STRING  { $$ = (struct selector){SELECTOR_TAGGED, $2, @$}; }
| METHOD name    { $$ = (struct selector){SELECTOR_METHOD, $2, @$}; }
| PATH_OF STRING { $$ = (struct selector){SELECTOR_PATH, $2, @$}; }
| '*'            { $$ = (struct selector){SELECTOR_ALL, .span = @$}; }
;

optional_for:
  %empty         { $$ = (struct mcpp_selectors){0}; }
| FOR selectors  { $$ = $2; }
;

/* ---- conditions ---- */

guard:
  WHEN condition    { $$ = (struct guard){build_whole_condition(reader, $2, false), NULL}; }
| UNLESS condition  { $$ = (struct guard){NULL, build_whole_condition(reader, $2, false)}; }
| WHEN condition UNLESS { build_whole_condition(reader, $2, false); } condition
                    { $$ = (struct guard){$2, build_whole_condition(reader, $5, false)}; }
;

optional_guard:
  %empty  { $$ = (struct guard){0}; }
| guard
;

granted:
  %empty         { $$ = (struct guard){0}; }
| GRANTED guard  { $$ = $2; }
;

needs:
  NOTHING    { $$ = build_condition(reader, (struct condition){CONDITION_NOTHING, .span = @$});
               build_whole_condition(reader, $$, true); }
| condition  { $$ = build_whole_condition(reader, $1, true); }
;

condition:
  conjunction
| condition OR conjunction
             { $$ = build_condition(reader, (struct condition){CONDITION_OR, .span = @$,
                                                               .left = $1, .right = $3}); }
;

conjunction:
  negation
| conjunction AND negation
             { $$ = build_condition(reader, (struct condition){CONDITION_AND, .span = @$,
                                                               .left = $1, .right = $3}); }
;

negation:
  atom
| NOT negation  { $$ = build_condition(reader, (struct condition){CONDITION_NOT, .span = @$,
                                                                  .left = $2}); }
;

atom:
  STRING          { $$ = build_bare_scope(reader, $1); }
| SCOPE STRING    { $$ = build_condition(reader, (struct condition){CONDITION_SCOPE, .span = @$,
                                                                    .word = $2}); }
| TOKEN           { $$ = build_condition(reader, (struct condition){CONDITION_TOKEN, .span = @$}); }
| ROLE name       { $$ = build_condition(reader, (struct condition){CONDITION_ROLE, .span = @$,
                                                                    .word = $2}); }
| VERIFIER name   { $$ = build_condition(reader, (struct condition){CONDITION_VERIFIER, .span = @$,
                                                                    .word = $2}); }
| TRANSPORT name  { $$ = build_condition(reader, (struct condition){CONDITION_TRANSPORT, .span = @$,
                                                                    .word = $2}); }
| CLAIM STRING test
                  { $$ = build_condition(reader, (struct condition){
                        CONDITION_CLAIM, @$, .word = $2, .comparison = $3.comparison,
                        .literals = {$3.literals.at, (uint32_t)$3.literals.count}}); }
| ARG argument test
                  { $$ = build_condition(reader, (struct condition){
                        CONDITION_ARGUMENT, @$, .argument = $2, .comparison = $3.comparison,
                        .literals = {$3.literals.at, (uint32_t)$3.literals.count}}); }
| CLAIM STRING equality ARG argument
                  { $$ = build_condition(reader, (struct condition){
                        CONDITION_CLAIM_IS_ARGUMENT, @$, .word = $2, .argument = $5,
                        .comparison = $3}); }
| ARG argument equality CLAIM STRING
                  { $$ = build_condition(reader, (struct condition){
                        CONDITION_CLAIM_IS_ARGUMENT, @$, .word = $5, .argument = $2,
                        .comparison = $3}); }
| '(' condition ')'  { $$ = $2; }
;

argument: name | STRING;

test:
  comparison literal   { $$ = build_test(reader, $1, $2); }
| equality literal     { $$ = build_test(reader, $1, $2); }
| CONTAINS literal     { $$ = build_test(reader, COMPARE_CONTAINS, $2); }
| MATCHES STRING       { $$ = build_test(reader, COMPARE_MATCHES, (struct literal){LITERAL_STRING, $2}); }
| EXISTS               { $$ = (struct mcpp_test){.comparison = COMPARE_EXISTS}; }
| IN '{' literals '}'  { $$ = (struct mcpp_test){COMPARE_IN, $3}; }
;

equality:
  EQUAL      { $$ = COMPARE_EQUAL; }
| NOT_EQUAL  { $$ = COMPARE_NOT_EQUAL; }
;

comparison:
  '<'               { $$ = COMPARE_LESS; }
| LESS_OR_EQUAL     { $$ = COMPARE_LESS_OR_EQUAL; }
| '>'               { $$ = COMPARE_GREATER; }
| GREATER_OR_EQUAL  { $$ = COMPARE_GREATER_OR_EQUAL; }
;

literal:
  WORD    { $$ = build_literal(reader, $1); }
| STRING  { $$ = build_literal(reader, $1); }
;

literals:
  literal               { $$ = build_add_literal(reader, (struct mcpp_literals){0}, $1); }
| literals ',' literal  { $$ = build_add_literal(reader, $1, $3); }
;

/* ---- toward the backend ---- */

send:
  SEND alternatives optional_for  { $$ = build_choice(reader, $2);
                                    $$->selectors = build_selectors($3); }
| CREDENTIAL STRING sent          { $$ = $3;
                                    $$->kind = STATEMENT_CREDENTIAL;
                                    $$->label = $2; }
;

alternatives:
  together                  { $$ = $1; }
| alternatives OR together  { $$ = build_add_alternative(reader, $1, $3); }
;

together:
  sent               { $$ = build_add_sent(reader, (struct mcpp_sents){0}, $1, @1); }
| together AND sent  { $$ = build_add_sent(reader, $1, $3, @3); }
;

sent:
  STRING                    { $$ = build_send(reader, SEND_NAMED, (struct word){0}, (struct secret){0});
                              $$->label = $1; }
| place                     { $$ = $1; }
| BEARER secret             { $$ = build_send(reader, SEND_BEARER, (struct word){0}, $2); }
| BASIC secret              { $$ = build_send(reader, SEND_BASIC, (struct word){0}, $2); }
| DIGEST secret             { $$ = build_send(reader, SEND_DIGEST, (struct word){0}, $2); }
| CERTIFICATE secret KEY secret
                            { $$ = build_send(reader, SEND_CERTIFICATE, (struct word){0}, $2);
                              $$->key = $4; }
| OAUTH2 name block         { $$ = build_send(reader, SEND_OAUTH2, (struct word){0},
                                              (struct secret){0});
                              $$->flow = $2;
                              build_set_block($$, $3); }
| EXCHANGE block            { $$ = build_send(reader, SEND_EXCHANGE, (struct word){0},
                                              (struct secret){0});
                              build_set_block($$, $2); }
| CALLER TOKEN              { $$ = build_send(reader, SEND_CALLER, (struct word){0},
                                              (struct secret){0}); }
;

place:
  HEADER STRING secret        { $$ = build_send(reader, SEND_HEADER, $2, $3); }
| HEADER STRING CLAIM STRING  { $$ = build_send(reader, SEND_CLAIM, $2, (struct secret){0});
                                $$->claim = $4; }
| QUERY STRING secret         { $$ = build_send(reader, SEND_QUERY, $2, $3); }
| COOKIE STRING secret        { $$ = build_send(reader, SEND_COOKIE, $2, $3); }
;


secret:
  ENV name     { $$ = (struct secret){SECRET_ENV, $2}; }
| FILE STRING  { $$ = (struct secret){SECRET_FILE, $2}; }
| STRING       { $$ = build_literal_secret(reader, $1); }
;

/* ---- tests ---- */

test_block:
  '{' optional_newline test_lines '}'
          { $$ = (struct mcpp_test_block){$3, mcpp_comments_before(reader, @4.start)}; }
| '{' optional_newline test_lines test_line '}'
          { $$ = (struct mcpp_test_block){
                .lines = build_add_line(reader, $3, $4, (struct mcpp_newline){{0}, {0}})}; }
| '{' optional_newline test_lines error '}'
          { $$ = (struct mcpp_test_block){$3, {0}};
            yyerrok; }
;

test_lines:
  %empty                   { $$ = (struct mcpp_lines){0}; }
| test_lines test_line NL  { $$ = build_add_line(reader, $1, $2, $3); }
| test_lines error NL      { $$ = $1;
                             yyerrok; }
;

test_line:
  TOKEN            { $$ = build_test_line(reader, (struct test_line){.kind = TEST_TOKEN}, @$); }
| TOKEN holdings   { $$ = build_test_line(reader, (struct test_line){
                         .kind = TEST_TOKEN, .holdings = build_held($2)}, @$); }
| TRANSPORT name   { $$ = build_test_line(reader, (struct test_line){.kind = TEST_TRANSPORT, .name = $2},
                                          @$); }
| CALL name        { $$ = build_test_line(reader, (struct test_line){
                         .kind = TEST_CALL, .name = $2, .arguments = {.kind = VALUE_OBJECT}}, @$); }
| CALL name object { $$ = build_test_line(reader, (struct test_line){.kind = TEST_CALL, .name = $2,
                                                                     .arguments = $3}, @$); }
| LIST             { $$ = build_test_line(reader, (struct test_line){.kind = TEST_LIST}, @$); }
| EXPECT expectation
                   { $2.kind = TEST_EXPECT;
                     $$ = build_test_line(reader, $2, @$); }
;

expectation:
  ALLOW         { $$ = (struct test_line){.outcome = EXPECT_ALLOW}; }
| TOKEN         { $$ = (struct test_line){.outcome = EXPECT_TOKEN}; }
| DENY optional_string
                { $$ = (struct test_line){.outcome = EXPECT_DENY, .message = $2}; }
| DENY NEEDS scope_list
                { $$ = (struct test_line){.outcome = EXPECT_DENY, .list = build_words($3)}; }
| REFUSED optional_string
                { $$ = (struct test_line){.outcome = EXPECT_REFUSED, .message = $2}; }
| HIDDEN        { $$ = (struct test_line){.outcome = EXPECT_HIDDEN}; }
| HIDDEN names  { $$ = (struct test_line){.outcome = EXPECT_HIDDEN, .list = build_words($2)}; }
| SHOWN names   { $$ = (struct test_line){.outcome = EXPECT_SHOWN, .list = build_words($2)}; }
;

holdings:
  holding           { $$ = build_holdings(reader, (struct mcpp_holdings){0}, $1); }
| holdings holding  { $$ = build_holdings(reader, $1, $2); }
;

holding:
  SCOPES scope_list  { $$ = (struct mcpp_holdings){.scopes = $2}; }
| ROLES role_list    { $$ = (struct mcpp_holdings){.roles = $2}; }
| VERIFIER name      { $$ = (struct mcpp_holdings){.verifier = $2}; }
| CLAIM STRING optional_equal json
                     { $$ = (struct mcpp_holdings){0};
                       *list_add(reader->arena, &$$.claims) = (struct claim_value){$2, $4}; }
;

optional_equal: %empty | EQUAL;

json:
  STRING            { $$ = build_value(reader, $1); }
| WORD              { $$ = build_value(reader, $1); }
| '[' ']'           { $$ = build_members(VALUE_ARRAY, (struct mcpp_members){0}, @$); }
| '[' elements ']'  { $$ = build_members(VALUE_ARRAY, $2, @$); }
| object
;

elements:
  json               { $$ = build_add_member(reader, (struct mcpp_members){0},
                                             (struct value_member){.value = $1}); }
| elements ',' json  { $$ = build_add_member(reader, $1, (struct value_member){.value = $3}); }
;

object:
  '{' '}'          { $$ = build_members(VALUE_OBJECT, (struct mcpp_members){0}, @$); }
| '{' members '}'  { $$ = build_members(VALUE_OBJECT, $2, @$); }
;

members:
  argument ':' json  { $$ = build_add_member(reader, (struct mcpp_members){0},
                                             (struct value_member){$1, $3}); }
| members ',' argument ':' json
                     { $$ = build_add_member(reader, $1, (struct value_member){$3, $5}); }
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
          { $$ = (struct mcpp_block){
                .settings = build_add_setting(reader, $3, $4, (struct mcpp_newline){{0}, {0}})}; }
| '{' optional_newline settings error '}'
          { $$ = (struct mcpp_block){$3, {0}};
            yyerrok; }
;

optional_newline: %empty | NL;

settings:
  %empty               { $$ = (struct mcpp_settings){0}; }
| settings setting NL  { $$ = build_add_setting(reader, $1, $2, $3); }
| settings error NL    { $$ = $1;
                         yyerrok; }
;

setting: name values  { $$ = build_setting(reader, $1, $2, @$); };

values:
  value         { $$ = build_add_word(reader, (struct mcpp_words){0}, $1); }
| values value  { $$ = build_add_word(reader, $1, $2); }
;

value: name | STRING;

/* ---- words ---- */

names:
  name            { $$ = build_add_word(reader, (struct mcpp_words){0}, $1); }
| names ',' name  { $$ = build_add_word(reader, $1, $3); }
;

strings:
  STRING              { $$ = build_add_word(reader, (struct mcpp_words){0}, $1); }
| strings ',' STRING  { $$ = build_add_word(reader, $1, $3); }
;

scope_list:
  STRING                 { $$ = build_add_word(reader, (struct mcpp_words){0}, $1); }
| scope_list STRING      { $$ = build_add_word(reader, $1, $2); }
| scope_list ',' STRING  { $$ = build_add_word(reader, $1, $3); }
;

role_list:
  name                { $$ = build_add_word(reader, (struct mcpp_words){0}, $1); }
| role_list WORD      { $$ = build_add_word(reader, $1, $2); }
| role_list ',' name  { $$ = build_add_word(reader, $1, $3); }
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
preset: name | STRING;

/* A tool may be called `send`: where a name stands, a keyword is one. */
name: WORD | keyword | selecting;

keyword:
  MCPP | API | OVERLAY | SERVER | BACKEND | INCLUDE | PARAMETER | PRESET | VERIFIER | ACCEPT
| VALIDATE | SCOPE | ROLE | OPERATOR | TOOL | OMIT | GROUP | HIDE | DENY | ALLOW | FILL | LIMIT
| SEND | CREDENTIAL | TEST | FROM | TOKENS | IMPLIES | GRANTED | WHEN | UNLESS | NEEDS | NOTHING | TOKEN | AND
| OR | NOT | TRANSPORT | CLAIM | ARG | CONTAINS | EXISTS | IN | MATCHES | ONLY | PER | BURST
| SCOPES | ROLES | CALL | LIST | EXPECT | SHOWN | HIDDEN | REFUSED | BEARER | BASIC | DIGEST
| HEADER | QUERY | COOKIE | CERTIFICATE | KEY | OAUTH2 | EXCHANGE | CALLER | ENV | FILE | FOR
;

/* The first words of selectors: among selectors, a tool that is called so stands in quotes. */
selecting: TAGGED | METHOD | PATH_OF;

%%

/* Only called when Bison's own stack is full. */
static void mcpp_error(const struct span *span, struct mcpp_reader *reader, const char *message)
{
    (void)message;
    diag_error(reader->diags, "too-long", *span, "parentheses nested too deep");
}

static int yyreport_syntax_error(const yypcontext_t *context, struct mcpp_reader *reader)
{
    yysymbol_kind_t symbols[YYNTOKENS];
    const char *expected[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    if (count < 0)
        return count;
    for (int i = 0; i < count; i++)
        expected[i] = yysymbol_name(symbols[i]);
    report_syntax(reader, *yypcontext_location(context), yysymbol_name(yypcontext_token(context)),
                  expected, (size_t)count);
    return 0;
}
