/*
 * The strict JSON scanner, see json.h. Tokens and strings are re2c's; the nesting is a loop with a
 * stack of fixed size, so that no input can exhaust the C stack. Knows nothing of what it reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "grammar/json.h"

#include <string.h>

struct scan {
    const char *text, *at, *end;
    struct json_tape *tape;
    enum json_error error;
    const char *error_at;
    bool has_escapes; /* of the string just read */
};

enum token {
    TOKEN_ERROR, /* the end of the text too */
    TOKEN_NULL,
    TOKEN_FALSE,
    TOKEN_TRUE,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_OPEN_ARRAY,
    TOKEN_OPEN_OBJECT,
    TOKEN_CLOSE_ARRAY,
    TOKEN_CLOSE_OBJECT,
    TOKEN_COMMA,
    TOKEN_COLON,
};

static bool refuse(struct scan *scan, enum json_error error, const char *at)
{
    scan->error = error;
    scan->error_at = at;
    return false;
}

static enum token fail(struct scan *scan, enum json_error error, const char *at)
{
    refuse(scan, error, at);
    return TOKEN_ERROR;
}

/* ---- tokens ---- */

/* A NUL byte is an error wherever it stands, so it can play the end of the text as well. */
/*!re2c
    re2c:api = custom;
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYPEEK = "at < end ? (unsigned char)*at : 0";
    re2c:define:YYSKIP = "at++;";
    re2c:define:YYBACKUP = "mark = at;";
    re2c:define:YYRESTORE = "at = mark;";
    re2c:yyfill:enable = 0;

    digit  = [0-9];
    hex    = [0-9a-fA-F];
    number = "-"? ("0" | [1-9] digit*) ("." digit+)? ([eE] [-+]? digit+)?;

    plain  = [\x20-\x21\x23-\x5b\x5d-\x7f];
    tail   = [\x80-\xbf];
    // RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF
    utf8   = [\xc2-\xdf] tail
           | "\xe0" [\xa0-\xbf] tail
           | [\xe1-\xec\xee\xef] tail tail
           | "\xed" [\x80-\x9f] tail
           | "\xf0" [\x90-\xbf] tail tail
           | [\xf1-\xf3] tail tail tail
           | "\xf4" [\x80-\x8f] tail tail;
    lead   = "\\u" [dD] [89abAB] hex hex;
    trail  = "\\u" [dD] [c-fC-F] hex hex;
    unit   = "\\u" ([0-9a-cA-CeEfF] hex | [dD] [0-7]) hex hex;
*/

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Goes to the first quote, backslash, control or non-ASCII byte, eight bytes at a time; may stop
 * earlier near the end. A borrow can mark a byte wrongly only above one marked rightly. */
static const char *skip_plain(const char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
        uint64_t special = (quote - ones) | (backslash - ones) | (word - ones * 0x20) | word;
        special &= highs;
        if (special)
            return at + __builtin_ctzll(special) / 8;
        at += 8;
    }
    return at;
}
#else
static const char *skip_plain(const char *at, const char *end)
{
    (void)end;
    return at;
}
#endif

/* The rest of a string, behind its opening quote. */
static enum token scan_string(struct scan *scan)
{
    const char *at = scan->at, *const end = scan->end, *mark = at;
    scan->has_escapes = false;
    for (;;) {
        at = skip_plain(at, end);
        const char *start = at;
        /*!re2c
            "\""                      { scan->at = at; return TOKEN_STRING; }
            plain+ | utf8+            { continue; }
            "\\" ["\\/bfnrt]          { scan->has_escapes = true; continue; }
            unit | lead trail         { scan->has_escapes = true; continue; }
            lead | trail | [\x80-\xff] { return fail(scan, JSON_ERROR_UTF8, start); }
            *                         { return fail(scan, JSON_ERROR_SYNTAX, start); }
        */
    }
}

static enum token scan_token(struct scan *scan, const char **start)
{
    const char *at = scan->at, *const end = scan->end, *mark = at;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
    *start = at;
    /*!re2c
        "\""    { scan->at = at; return scan_string(scan); }
        number  { scan->at = at; return TOKEN_NUMBER; }
        "{"     { scan->at = at; return TOKEN_OPEN_OBJECT; }
        "}"     { scan->at = at; return TOKEN_CLOSE_OBJECT; }
        "["     { scan->at = at; return TOKEN_OPEN_ARRAY; }
        "]"     { scan->at = at; return TOKEN_CLOSE_ARRAY; }
        ","     { scan->at = at; return TOKEN_COMMA; }
        ":"     { scan->at = at; return TOKEN_COLON; }
        "true"  { scan->at = at; return TOKEN_TRUE; }
        "false" { scan->at = at; return TOKEN_FALSE; }
        "null"  { scan->at = at; return TOKEN_NULL; }
        *       { return fail(scan, JSON_ERROR_SYNTAX, *start); }
    */
}

/* ---- characters of a string ---- */

/* Gives the bytes of a string with its escapes replaced, one after the other. */
struct json_reader json_reader_open(const char *text, const struct json_node *string)
{
    return (struct json_reader){.at = text + string->start + 1, .end = text + string->end - 1};
}

static uint32_t hex_value(const char *digits)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t digit = (unsigned char)digits[i];
        value = value * 16 + (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    return value;
}

static void put_utf8(struct json_reader *reader, uint32_t code)
{
    unsigned char *out = reader->pending;
    uint8_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (uint8_t i = (uint8_t)(count - 1); i > 0; i--, code >>= 6)
        out[i] = (unsigned char)(0x80 | (code & 0x3f));
    out[0] = (unsigned char)(leads[count] | code);
    reader->pending_at = 1;
    reader->pending_end = count;
}

/* The scanner has checked the escape, so that nothing is missing here. */
static int read_escape(struct json_reader *reader)
{
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    char kind = reader->at[1];
    reader->at += 2;
    if (kind != 'u') {
        const char *found = strchr(names, kind);
        return found ? values[found - names] : kind;
    }
    uint32_t code = hex_value(reader->at);
    reader->at += 4;
    if (code >= 0xd800 && code < 0xdc00) { /* RFC 8259, section 7: a pair for one character */
        code = 0x10000 + ((code - 0xd800) << 10) + (hex_value(reader->at + 2) - 0xdc00);
        reader->at += 6;
    }
    put_utf8(reader, code);
    return reader->pending[0];
}

int json_reader_next(struct json_reader *reader)
{
    if (reader->pending_at < reader->pending_end)
        return reader->pending[reader->pending_at++];
    if (reader->at == reader->end)
        return -1;
    if (*reader->at == '\\')
        return read_escape(reader);
    return (unsigned char)*reader->at++;
}

static int compare_strings(const char *text, const struct json_node *a, const struct json_node *b)
{
    if (!a->has_escapes && !b->has_escapes) {
        uint32_t a_size = a->end - a->start, b_size = b->end - b->start;
        if (a_size != b_size)
            return a_size < b_size ? -1 : 1;
        return memcmp(text + a->start, text + b->start, a_size);
    }
    /* shorter ones first, as above: the lengths count without escapes */
    struct json_reader a_reader = json_reader_open(text, a), b_reader = json_reader_open(text, b);
    int order = 0;
    for (;;) {
        int a_byte = json_reader_next(&a_reader), b_byte = json_reader_next(&b_reader);
        if (a_byte < 0 || b_byte < 0)
            return a_byte >= 0 ? 1 : b_byte >= 0 ? -1 : order;
        if (order == 0)
            order = a_byte - b_byte;
    }
}

/* ---- duplicate names ---- */

/* Larger objects are sorted by a hash of their names and then by the names, which is n log n
 * whatever names a caller chooses; a hash table alone could be driven to n². */
enum { PAIRWISE_MAX = 8 };

struct name_key {
    uint32_t hash, node;
};

static uint32_t hash_name(const char *text, const struct json_node *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    struct json_reader reader = json_reader_open(text, name);
    if (name->has_escapes) {
        for (int byte; (byte = json_reader_next(&reader)) >= 0;)
            hash = (hash ^ (uint32_t)byte) * 16777619u;
    } else {
        for (const char *at = reader.at; at < reader.end; at++)
            hash = (hash ^ (unsigned char)*at) * 16777619u;
    }
    return hash;
}

static bool is_before(const struct scan *scan, struct name_key a, struct name_key b)
{
    if (a.hash != b.hash)
        return a.hash < b.hash;
    const struct json_node *nodes = scan->tape->nodes;
    int order = compare_strings(scan->text, &nodes[a.node], &nodes[b.node]);
    return order ? order < 0 : a.node < b.node;
}

static void sift_down(const struct scan *scan, struct name_key *keys, size_t at, size_t count)
{
    struct name_key key = keys[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && is_before(scan, keys[child], keys[child + 1]))
            child++;
        if (!is_before(scan, key, keys[child]))
            break;
        keys[at] = keys[child];
    }
    keys[at] = key;
}

/* Heap sort: in place, not recursive, no bad case. */
static void sort_names(const struct scan *scan, struct name_key *keys, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_down(scan, keys, i, count);
    for (size_t end = count; end-- > 1;) {
        struct name_key first = keys[0];
        keys[0] = keys[end];
        keys[end] = first;
        sift_down(scan, keys, 0, end);
    }
}

static bool reserve(struct json_tape *tape, size_t count)
{
    if (count <= tape->capacity)
        return true;
    size_t capacity = tape->capacity < 32 ? 64 : (size_t)tape->capacity * 2;
    if (capacity < count)
        capacity = count;
    if (capacity > UINT32_MAX || capacity > SIZE_MAX / sizeof *tape->nodes)
        return false;
    void *nodes = tape->grow(tape->context, tape->nodes, tape->capacity * sizeof *tape->nodes,
                             capacity * sizeof *tape->nodes);
    if (!nodes)
        return false;
    tape->nodes = nodes;
    tape->capacity = (uint32_t)capacity;
    return true;
}

static uint32_t second_of_pair(const struct scan *scan, uint32_t object)
{
    const struct json_node *nodes = scan->tape->nodes;
    uint32_t end = nodes[object].next;
    for (uint32_t name = object + 1; name < end; name = nodes[name + 1].next)
        for (uint32_t other = object + 1; other < name; other = nodes[other + 1].next)
            if (compare_strings(scan->text, &nodes[other], &nodes[name]) == 0)
                return name;
    return 0;
}

/* The keys live behind the nodes in use: they take 8 bytes a member where the two nodes of a
 * member take 40. */
static uint32_t second_of_sorted(struct scan *scan, uint32_t object)
{
    struct json_tape *tape = scan->tape;
    size_t count = tape->nodes[object].count;
    size_t room = (count * sizeof(struct name_key) + sizeof *tape->nodes - 1) / sizeof *tape->nodes;
    if (!reserve(tape, tape->count + room)) {
        refuse(scan, JSON_ERROR_MEMORY, scan->at);
        return 0;
    }
    struct name_key *keys = (struct name_key *)(void *)(tape->nodes + tape->count);
    uint32_t name = object + 1, second = 0;
    for (size_t i = 0; i < count; i++, name = tape->nodes[name + 1].next)
        keys[i] = (struct name_key){hash_name(scan->text, &tape->nodes[name]), name};
    sort_names(scan, keys, count);
    for (size_t i = 1; i < count; i++)
        if (keys[i].hash == keys[i - 1].hash && (second == 0 || keys[i].node < second) &&
            compare_strings(scan->text, &tape->nodes[keys[i - 1].node],
                            &tape->nodes[keys[i].node]) == 0)
            second = keys[i].node;
    return second;
}

static bool names_are_unique(struct scan *scan, uint32_t object)
{
    uint32_t count = scan->tape->nodes[object].count;
    uint32_t second = count <= PAIRWISE_MAX ? second_of_pair(scan, object)
                                            : second_of_sorted(scan, object);
    if (second)
        refuse(scan, JSON_ERROR_DUPLICATE, scan->text + scan->tape->nodes[second].start);
    return scan->error == JSON_OK;
}

/* ---- nesting ---- */

enum state {
    WANT_VALUE,
    WANT_ITEM_OR_CLOSE, /* after [ */
    WANT_NAME,
    WANT_NAME_OR_CLOSE, /* after { */
    WANT_COMMA_OR_CLOSE,
};

struct nesting {
    uint32_t depth;
    uint32_t open[JSON_DEPTH_CEILING]; /* nodes of the arrays and objects that are open */
};

static bool add_node(struct scan *scan, enum token token, const char *start)
{
    static const uint8_t kinds[] = {
        [TOKEN_NULL] = JSON_NULL,          [TOKEN_FALSE] = JSON_FALSE,
        [TOKEN_TRUE] = JSON_TRUE,          [TOKEN_NUMBER] = JSON_NUMBER,
        [TOKEN_STRING] = JSON_STRING,      [TOKEN_OPEN_ARRAY] = JSON_ARRAY,
        [TOKEN_OPEN_OBJECT] = JSON_OBJECT,
    };
    struct json_tape *tape = scan->tape;
    if (tape->count >= tape->node_max)
        return refuse(scan, JSON_ERROR_SIZE, start);
    if (!reserve(tape, (size_t)tape->count + 1))
        return refuse(scan, JSON_ERROR_MEMORY, start);
    tape->nodes[tape->count] = (struct json_node){
        .start = (uint32_t)(start - scan->text),
        .end = (uint32_t)(scan->at - scan->text),
        .next = tape->count + 1,
        .kind = kinds[token],
        .has_escapes = token == TOKEN_STRING && scan->has_escapes,
    };
    tape->count++;
    return true;
}

static bool open_node(struct scan *scan, struct nesting *nesting, const char *start)
{
    uint32_t depth_max = scan->tape->depth_max;
    if (nesting->depth >= depth_max || nesting->depth >= JSON_DEPTH_CEILING)
        return refuse(scan, JSON_ERROR_DEPTH, start);
    nesting->open[nesting->depth++] = scan->tape->count - 1;
    return true;
}

static bool close_node(struct scan *scan, struct nesting *nesting)
{
    uint32_t index = nesting->open[--nesting->depth];
    struct json_node *node = &scan->tape->nodes[index];
    node->end = (uint32_t)(scan->at - scan->text);
    node->next = scan->tape->count;
    return node->kind == JSON_ARRAY || names_are_unique(scan, index);
}

static struct json_node *innermost(const struct scan *scan, const struct nesting *nesting)
{
    return &scan->tape->nodes[nesting->open[nesting->depth - 1]];
}

static bool scan_value(struct scan *scan, struct nesting *nesting, enum token token,
                       const char *start, enum state *state)
{
    if (token < TOKEN_NULL || token > TOKEN_OPEN_OBJECT)
        return refuse(scan, JSON_ERROR_SYNTAX, start);
    if (nesting->depth && innermost(scan, nesting)->kind == JSON_ARRAY)
        innermost(scan, nesting)->count++;
    *state = token == TOKEN_OPEN_ARRAY    ? WANT_ITEM_OR_CLOSE
             : token == TOKEN_OPEN_OBJECT ? WANT_NAME_OR_CLOSE
                                          : WANT_COMMA_OR_CLOSE;
    return add_node(scan, token, start) &&
           (*state == WANT_COMMA_OR_CLOSE || open_node(scan, nesting, start));
}

static bool scan_name(struct scan *scan, struct nesting *nesting, enum token token,
                      const char *start, enum state *state)
{
    if (token != TOKEN_STRING)
        return refuse(scan, JSON_ERROR_SYNTAX, start);
    innermost(scan, nesting)->count++;
    if (!add_node(scan, token, start))
        return false;
    if (scan_token(scan, &start) != TOKEN_COLON)
        return scan->error == JSON_OK && refuse(scan, JSON_ERROR_SYNTAX, start);
    *state = WANT_VALUE;
    return true;
}

/* One token and what it means here. */
static bool scan_step(struct scan *scan, struct nesting *nesting, enum state *state)
{
    const char *start;
    enum token token = scan_token(scan, &start);
    if (token == TOKEN_ERROR)
        return false;
    bool may_close = *state != WANT_VALUE && *state != WANT_NAME;
    if (may_close && token == (innermost(scan, nesting)->kind == JSON_ARRAY ? TOKEN_CLOSE_ARRAY
                                                                            : TOKEN_CLOSE_OBJECT)) {
        *state = WANT_COMMA_OR_CLOSE;
        return close_node(scan, nesting);
    }
    if (*state == WANT_VALUE || *state == WANT_ITEM_OR_CLOSE)
        return scan_value(scan, nesting, token, start, state);
    if (*state == WANT_NAME || *state == WANT_NAME_OR_CLOSE)
        return scan_name(scan, nesting, token, start, state);
    if (token != TOKEN_COMMA)
        return refuse(scan, JSON_ERROR_SYNTAX, start);
    *state = innermost(scan, nesting)->kind == JSON_ARRAY ? WANT_VALUE : WANT_NAME;
    return true;
}

static void scan_text(struct scan *scan)
{
    struct nesting nesting;
    nesting.depth = 0;
    enum state state = WANT_VALUE;
    do {
        if (!scan_step(scan, &nesting, &state))
            return;
    } while (nesting.depth);
    while (scan->at < scan->end && strchr(" \n\t\r", *scan->at) && *scan->at)
        scan->at++;
    if (scan->at < scan->end)
        refuse(scan, JSON_ERROR_SYNTAX, scan->at);
}

enum json_error json_scan(const char *text, size_t size, struct json_tape *tape, size_t *where)
{
    struct scan scan = {.text = text, .at = text, .end = text + size, .tape = tape};
    tape->count = 0;
    if (size > UINT32_MAX - 1)
        refuse(&scan, JSON_ERROR_SIZE, text);
    else
        scan_text(&scan);
    if (scan.error != JSON_OK && where)
        *where = (size_t)(scan.error_at - text);
    return scan.error;
}

const char *json_error_text(enum json_error error)
{
    static const char *const texts[] = {
        [JSON_OK] = "no error",
        [JSON_ERROR_SYNTAX] = "no valid JSON",
        [JSON_ERROR_UTF8] = "ill-formed UTF-8 or a lone surrogate",
        [JSON_ERROR_DUPLICATE] = "duplicate name in an object",
        [JSON_ERROR_DEPTH] = "nested too deeply",
        [JSON_ERROR_SIZE] = "too many values",
        [JSON_ERROR_MEMORY] = "out of memory",
    };
    return texts[error];
}

/* ---- reading the result ---- */

size_t json_unescape(const char *text, const struct json_node *string, char *out)
{
    struct json_reader reader = json_reader_open(text, string);
    size_t size = (size_t)(reader.end - reader.at);
    if (!string->has_escapes) {
        memcpy(out, reader.at, size);
        return size;
    }
    size = 0;
    for (int byte; (byte = json_reader_next(&reader)) >= 0;)
        out[size++] = (char)byte;
    return size;
}

bool json_string_is(const char *text, const struct json_node *string, const char *wanted,
                    size_t wanted_size)
{
    struct json_reader reader = json_reader_open(text, string);
    if (!string->has_escapes)
        return (size_t)(reader.end - reader.at) == wanted_size &&
               (wanted_size == 0 || memcmp(reader.at, wanted, wanted_size) == 0);
    for (size_t i = 0; i < wanted_size; i++)
        if (json_reader_next(&reader) != (unsigned char)wanted[i])
            return false;
    return json_reader_next(&reader) < 0;
}

uint32_t json_member(const char *text, const struct json_tape *tape, uint32_t object,
                     const char *name)
{
    const struct json_node *nodes = tape->nodes;
    if (nodes[object].kind != JSON_OBJECT)
        return 0;
    size_t size = strlen(name);
    for (uint32_t at = object + 1; at < nodes[object].next; at = nodes[at + 1].next)
        if (json_string_is(text, &nodes[at], name, size))
            return at + 1;
    return 0;
}
