/*
 * The scanner of the policy language: slices with spans. Comments and blank lines are kept for the
 * formatter. The end of a line is a token, but only after a line that holds tokens, not after a
 * comma, and not before a line that begins with `when`, `unless`, `and`, `or` or a string. The text was found to be UTF-8 without control characters by policy/parse.c; its
 * terminating NUL is the sentinel.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/mcpp_build.h"
#include "grammar/mcpp_parse.h"

#include <string.h>

int mcpp_lex(MCPP_STYPE *value, MCPP_LTYPE *span, struct mcpp_reader *reader);

static uint32_t offset_of(const struct mcpp_reader *reader, const char *at)
{
    return (uint32_t)(at - reader->source->text.at);
}

static struct span span_of(const struct mcpp_reader *reader, const char *start, const char *end)
{
    return (struct span){reader->source, offset_of(reader, start), offset_of(reader, end)};
}

struct str mcpp_comments_before(const struct mcpp_reader *reader, uint32_t start)
{
    for (size_t i = reader->comments.count; i > 0; i--)
        if (reader->comments.at[i - 1].start <= start)
            return reader->comments.at[i - 1].start == start ? reader->comments.at[i - 1].text
                                                             : (struct str){0};
    return (struct str){0};
}

static struct str without_end_space(struct str text)
{
    while (text.len && strchr(" \t\r", text.at[text.len - 1]))
        text.len--;
    return text;
}

/* A token was found: note the comments when it is the first of its line. */
static void open_line(struct mcpp_reader *reader, const char *start)
{
    if (!reader->is_line_open) {
        struct str text = str_part(reader->source->text, reader->comments_start,
                                   offset_of(reader, start));
        if (text.len)
            *list_add(reader->arena, &reader->comments) =
                (struct mcpp_comments){offset_of(reader, start), text};
    }
    reader->is_line_open = true;
    reader->is_continued = false;
    reader->is_block_start = false;
}

static void keep_comment(struct mcpp_reader *reader, const char *start)
{
    if (!reader->is_line_open)
        return; /* it is part of the comments before the next token */
    struct str text = {start, (size_t)(reader->cursor - start)};
    text = without_end_space(text);
    if (reader->is_continued) {
        str_add(&reader->carried, text);
        str_add_byte(&reader->carried, '\n');
    } else {
        reader->comment = text;
    }
}

/* Whether the next line begins with what no statement begins with: a string (a setting of a block
 * may have one there), or one of these words. The comment at the end of
 * this line then goes before the statement, as those inside lists do. */
static bool goes_on_below(struct mcpp_reader *reader)
{
    static const char *const words[] = {"when", "unless", "and", "or"};
    const char *at = reader->cursor;
    while (*at == ' ' || *at == '\t')
        at++;
    struct str word = {at, strspn(at, "abcdefghijklmnopqrstuvwxyz")};
    bool is_found = *at == '"' && reader->depth == 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        is_found = is_found || str_is(word, words[i]);
    if (!is_found || (word.len && (!at[word.len] || !strchr(" \t(", at[word.len]))))
        return false;
    if (reader->comment.len) {
        str_add(&reader->carried, reader->comment);
        str_add_byte(&reader->carried, '\n');
        reader->comment = (struct str){0};
    }
    return true;
}

/* What the end of an open line stands for. A comment after a '{' belongs to the block. */
static struct mcpp_newline close_line(struct mcpp_reader *reader)
{
    struct mcpp_newline newline = {reader->comment, str_built(&reader->carried)};
    reader->comments_start = offset_of(reader, reader->cursor);
    if (reader->is_block_start && newline.comment.len) {
        reader->comments_start = offset_of(reader, newline.comment.at);
        newline.comment = (struct str){0};
    }
    reader->is_line_open = false;
    reader->is_block_start = false;
    reader->comment = (struct str){0};
    reader->carried = (struct str_builder){.arena = reader->arena};
    return newline;
}

static void add_character(struct str_builder *out, uint32_t point)
{
    if (point < 0x80) {
        str_add_byte(out, (char)point);
        return;
    }
    int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    str_add_byte(out, (char)(lead[more] | point >> (6 * more)));
    while (more-- > 0)
        str_add_byte(out, (char)(0x80 | (point >> (6 * more) & 0x3f)));
}

static void bad_escape(struct mcpp_reader *reader, const char *start, const char *end,
                       const char *problem)
{
    struct diag *diag = diag_error(reader->diags, "bad-string", span_of(reader, start, end), "%s",
                                   problem);
    diag_help(reader->diags, diag, "the escapes are \\\" \\\\ \\n \\t and \\u{41}");
}

/* The `{41}` of `\u{41}`; gives where it ends. */
static const char *unescape_point(struct mcpp_reader *reader, const char *start,
                                  struct str_builder *out)
{
    const char *at = start;
    uint32_t point = 0;
    int digits = 0;
    if (*at++ != '{') {
        bad_escape(reader, start - 2, start, "an escape '\\u' without '{'");
        return start;
    }
    for (; digits < 7 && strchr("0123456789abcdefABCDEF", *at) && *at; at++, digits++)
        point = point * 16 + (uint32_t)(*at <= '9' ? *at - '0' : (*at | 0x20) - 'a' + 10);
    if (*at != '}' || digits == 0 || digits > 6) {
        bad_escape(reader, start - 2, at, "an escape '\\u{' without one to six digits and '}'");
        return at;
    }
    at++;
    if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        bad_escape(reader, start - 2, at, "an escape for something that is no character");
    else
        add_character(out, point);
    return at;
}

static struct str unescape(struct mcpp_reader *reader, const char *at, const char *end)
{
    struct str raw = {at, (size_t)(end - at)};
    if (str_find(raw, '\\') == raw.len)
        return raw;
    struct str_builder out = {.arena = reader->arena};
    while (at < end) {
        if (*at != '\\') {
            str_add_byte(&out, *at++);
            continue;
        }
        char escape = at[1];
        at += 2;
        if (escape == 'n')
            str_add_byte(&out, '\n');
        else if (escape == 't')
            str_add_byte(&out, '\t');
        else if (escape == '"' || escape == '\\')
            str_add_byte(&out, escape);
        else if (escape == 'u')
            at = unescape_point(reader, at, &out);
        else
            bad_escape(reader, at - 2, at, "an unknown escape in a string");
    }
    return str_built(&out);
}

static void skip_to_line_end(struct mcpp_reader *reader)
{
    while (*reader->cursor && *reader->cursor != '\n' && *reader->cursor != '\r')
        reader->cursor++;
}

static void report_character(struct mcpp_reader *reader, const char *start)
{
    while (((unsigned char)*reader->cursor & 0xc0) == 0x80)
        reader->cursor++; /* the rest of a UTF-8 character */
    struct span span = span_of(reader, start, reader->cursor);
    struct diag *diag = diag_error(reader->diags, "bad-character", span,
                                   "'%.*s' has no meaning here", STR_ARG(span_text(span)));
    diag_help(reader->diags, diag, "text that is no name stands in double quotes");
}

int mcpp_lex(MCPP_STYPE *value, MCPP_LTYPE *span, struct mcpp_reader *reader)
{
    const char *start, *marker;

#define TOKEN(kind)                                                                                \
    do {                                                                                           \
        open_line(reader, start);                                                                  \
        *span = span_of(reader, start, reader->cursor);                                            \
        value->TOKEN_##kind = (struct word){span_text(*span), *span, false};                       \
        return TOKEN_##kind;                                                                       \
    } while (0)
#define MARK(kind)                                                                                 \
    do {                                                                                           \
        open_line(reader, start);                                                                  \
        *span = span_of(reader, start, reader->cursor);                                            \
        return kind;                                                                               \
    } while (0)
again:
    start = reader->cursor;
    /*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = reader->cursor;
    re2c:define:YYMARKER = marker;
    re2c:yych:conversion = 1;
    re2c:yyfill:enable = 0;

    plain  = [^\x00-\x20\x7f"#{}];
    path   = "/" (plain | "#" | "{" plain* "}")*; // a '#' begins a comment only after a space
    inside = [^"\\\n\r\x00] | "\\" [^\n\r\x00];

    [ \t]+            { goto again; }
    "#" [^\n\x00]*    { keep_comment(reader, start); goto again; }
    "\r"? "\n" {
        if (!reader->is_line_open || reader->is_continued || goes_on_below(reader))
            goto again;
        value->TOKEN_NL = close_line(reader);
        *span = span_of(reader, start, start);
        return TOKEN_NL;
    }
    "\x00" {
        reader->cursor = start;
        *span = span_of(reader, start, start);
        if (!reader->is_line_open || reader->is_continued)
            return TOKEN_YYEOF;
        value->TOKEN_NL = close_line(reader);
        return TOKEN_NL;
    }

    "mcpp"        { TOKEN(MCPP); }
    "api"         { TOKEN(API); }
    "overlay"     { TOKEN(OVERLAY); }
    "server"      { TOKEN(SERVER); }
    "backend"     { TOKEN(BACKEND); }
    "include"     { TOKEN(INCLUDE); }
    "parameter"   { TOKEN(PARAMETER); }
    "preset"      { TOKEN(PRESET); }
    "verifier"    { TOKEN(VERIFIER); }
    "accept"      { TOKEN(ACCEPT); }
    "validate"    { TOKEN(VALIDATE); }
    "scope"       { TOKEN(SCOPE); }
    "role"        { TOKEN(ROLE); }
    "operator"    { TOKEN(OPERATOR); }
    "tool"        { TOKEN(TOOL); }
    "omit"        { TOKEN(OMIT); }
    "group"       { TOKEN(GROUP); }
    "hide"        { TOKEN(HIDE); }
    "deny"        { TOKEN(DENY); }
    "allow"       { TOKEN(ALLOW); }
    "fill"        { TOKEN(FILL); }
    "limit"       { TOKEN(LIMIT); }
    "send"        { TOKEN(SEND); }
    "credential"  { TOKEN(CREDENTIAL); }
    "test"        { TOKEN(TEST); }
    "from"        { TOKEN(FROM); }
    "tokens"      { TOKEN(TOKENS); }
    "implies"     { TOKEN(IMPLIES); }
    "granted"     { TOKEN(GRANTED); }
    "when"        { TOKEN(WHEN); }
    "unless"      { TOKEN(UNLESS); }
    "needs"       { TOKEN(NEEDS); }
    "nothing"     { TOKEN(NOTHING); }
    "token"       { TOKEN(TOKEN); }
    "and"         { TOKEN(AND); }
    "or"          { TOKEN(OR); }
    "not"         { TOKEN(NOT); }
    "transport"   { TOKEN(TRANSPORT); }
    "claim"       { TOKEN(CLAIM); }
    "arg"         { TOKEN(ARG); }
    "contains"    { TOKEN(CONTAINS); }
    "exists"      { TOKEN(EXISTS); }
    "in"          { TOKEN(IN); }
    "matches"     { TOKEN(MATCHES); }
    "only"        { TOKEN(ONLY); }
    "per"         { TOKEN(PER); }
    "burst"       { TOKEN(BURST); }
    "scopes"      { TOKEN(SCOPES); }
    "roles"       { TOKEN(ROLES); }
    "call"        { TOKEN(CALL); }
    "list"        { TOKEN(LIST); }
    "expect"      { TOKEN(EXPECT); }
    "shown"       { TOKEN(SHOWN); }
    "hidden"      { TOKEN(HIDDEN); }
    "refused"     { TOKEN(REFUSED); }
    "bearer"      { TOKEN(BEARER); }
    "basic"       { TOKEN(BASIC); }
    "digest"      { TOKEN(DIGEST); }
    "header"      { TOKEN(HEADER); }
    "query"       { TOKEN(QUERY); }
    "cookie"      { TOKEN(COOKIE); }
    "certificate" { TOKEN(CERTIFICATE); }
    "key"         { TOKEN(KEY); }
    "oauth2"      { TOKEN(OAUTH2); }
    "exchange"    { TOKEN(EXCHANGE); }
    "caller"      { TOKEN(CALLER); }
    "env"         { TOKEN(ENV); }
    "file"        { TOKEN(FILE); }
    "tagged"      { TOKEN(TAGGED); }
    "method"      { TOKEN(METHOD); }
    "path"        { TOKEN(PATH_OF); }
    "for"         { TOKEN(FOR); }

    ([A-Za-z0-9_.-] | "${" [A-Za-z0-9_.-]+ "}")+ {
        open_line(reader, start);
        *span = span_of(reader, start, reader->cursor);
        value->TOKEN_WORD =
            (struct word){mcpp_substitute(reader, span_text(*span), *span, false), *span, false};
        return TOKEN_WORD;
    }
    path              { TOKEN(PATH); }

    ["] inside* ["] {
        open_line(reader, start);
        *span = span_of(reader, start, reader->cursor);
        struct str text = unescape(reader, start + 1, reader->cursor - 1);
        value->TOKEN_STRING =
            (struct word){mcpp_substitute(reader, text, *span, true), *span, true};
        return TOKEN_STRING;
    }
    ["] inside* {
        skip_to_line_end(reader);
        open_line(reader, start);
        *span = span_of(reader, start, reader->cursor);
        diag_error(reader->diags, "bad-string", *span, "a string without its closing quote");
        value->TOKEN_STRING = (struct word){{0}, *span, true};
        return TOKEN_STRING;
    }

    "{" {
        open_line(reader, start);
        reader->is_block_start = true;
        reader->depth++;
        *span = span_of(reader, start, reader->cursor);
        return '{';
    }
    "," {
        open_line(reader, start);
        reader->is_continued = true;
        *span = span_of(reader, start, reader->cursor);
        return ',';
    }
    "}"  { reader->depth -= reader->depth > 0; MARK('}'); }
    "("  { MARK('('); }
    ")"  { MARK(')'); }
    "["  { MARK('['); }
    "]"  { MARK(']'); }
    "*"  { MARK('*'); }
    ":"  { MARK(':'); }
    "="  { MARK('='); }
    "<"  { MARK('<'); }
    ">"  { MARK('>'); }
    "==" { MARK(TOKEN_EQUAL); }
    "!=" { MARK(TOKEN_NOT_EQUAL); }
    "<=" { MARK(TOKEN_LESS_OR_EQUAL); }
    ">=" { MARK(TOKEN_GREATER_OR_EQUAL); }
    *    { report_character(reader, start); goto again; }
    */
}
