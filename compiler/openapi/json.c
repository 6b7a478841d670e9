/*
 * JSON documents.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/json.h"

#include <string.h>

#include "compiler/openapi/node.h"
#include "grammar/json.h"

struct reader {
    struct source *source;
    struct arena *arena;
    struct diag_list *diags;
    const char *text; /* behind a byte order mark */
    uint32_t base;    /* offset of `text` in the source */
    struct json_tape tape;
};

static void *grow_tape(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *bigger = arena_alloc(context, new_size);
    if (old_size)
        memcpy(bigger, nodes, old_size);
    return bigger;
}

static struct span span_of(const struct reader *reader, const struct json_node *node)
{
    return (struct span){reader->source, reader->base + node->start, reader->base + node->end};
}

static struct str characters(const struct reader *reader, const struct json_node *string)
{
    size_t size = string->end - string->start - 2;
    if (!string->has_escapes)
        return (struct str){reader->text + string->start + 1, size};
    char *at = arena_alloc(reader->arena, size);
    return (struct str){at, json_unescape(reader->text, string, at)};
}

static const struct node *build(const struct reader *reader, uint32_t index);

static void build_items(const struct reader *reader, uint32_t index, struct node *out)
{
    const struct json_node *nodes = reader->tape.nodes;
    const struct node **items = arena_array(reader->arena, nodes[index].count, sizeof *items);
    out->items = items;
    out->count = nodes[index].count;
    for (uint32_t i = 0, at = index + 1; i < out->count; i++, at = nodes[at].next)
        items[i] = build(reader, at);
}

static void build_members(const struct reader *reader, uint32_t index, struct node *out)
{
    const struct json_node *nodes = reader->tape.nodes;
    struct member *members = arena_array(reader->arena, nodes[index].count, sizeof *members);
    for (uint32_t i = 0, at = index + 1; i < nodes[index].count; i++, at = nodes[at + 1].next)
        members[i] = (struct member){.name = characters(reader, &nodes[at]),
                                     .name_span = span_of(reader, &nodes[at]),
                                     .value = build(reader, at + 1)};
    node_set_members(reader->arena, reader->diags, out, members, nodes[index].count);
}

/* Recursive: the scanner has limited the depth. */
static const struct node *build(const struct reader *reader, uint32_t index)
{
    static const enum node_kind kinds[] = {
        [JSON_NULL] = NODE_NULL,      [JSON_FALSE] = NODE_BOOLEAN, [JSON_TRUE] = NODE_BOOLEAN,
        [JSON_NUMBER] = NODE_NUMBER,  [JSON_STRING] = NODE_STRING, [JSON_ARRAY] = NODE_SEQUENCE,
        [JSON_OBJECT] = NODE_MAPPING,
    };
    const struct json_node *value = &reader->tape.nodes[index];
    struct node *out = node_new(reader->arena, kinds[value->kind], span_of(reader, value));
    switch ((enum json_kind)value->kind) {
    case JSON_NULL:
    case JSON_FALSE:
        break;
    case JSON_TRUE:
        out->is_true = true;
        break;
    case JSON_NUMBER:
        out->text = span_text(out->span);
        break;
    case JSON_STRING:
        out->text = characters(reader, value);
        break;
    case JSON_ARRAY:
        build_items(reader, index, out);
        break;
    case JSON_OBJECT:
        build_members(reader, index, out);
        break;
    }
    return out;
}

/* The scanner has just closed the object with the two names, so that its nodes can be read. */
static void report_duplicate(const struct reader *reader, size_t where)
{
    const struct json_node *nodes = reader->tape.nodes;
    uint32_t second = 0, object = 0;
    while (nodes[second].start != where || nodes[second].kind != JSON_STRING)
        second++;
    for (uint32_t i = 0; i < second; i++)
        if (nodes[i].kind == JSON_OBJECT && nodes[i].next > second)
            object = i;
    struct member member = {.name = characters(reader, &nodes[second]),
                            .name_span = span_of(reader, &nodes[second])};
    uint32_t first = object + 1;
    while (!json_string_is(reader->text, &nodes[first], member.name.at, member.name.len))
        first = nodes[first + 1].next;
    node_report_duplicate(reader->diags, &member, span_of(reader, &nodes[first]));
}

static void report_syntax(const struct reader *reader, struct span span)
{
    struct str text = span_text(span);
    if (text.len == 0)
        diag_error(reader->diags, "json-syntax", span, "unexpected end of file");
    else if (text.at[0] > ' ' && text.at[0] < 0x7f)
        diag_error(reader->diags, "json-syntax", span, "unexpected '%c'", text.at[0]);
    else
        diag_error(reader->diags, "json-syntax", span, "unexpected byte 0x%02x",
                   (unsigned char)text.at[0]);
}

static void report(const struct reader *reader, enum json_error error, size_t where)
{
    static const char *const slugs[] = {
        [JSON_ERROR_UTF8] = "not-utf8",
        [JSON_ERROR_DEPTH] = "too-deep",
        [JSON_ERROR_SIZE] = "too-large",
    };
    uint32_t start = reader->base + (uint32_t)where;
    struct span span = {reader->source, start,
                        start < reader->source->text.len ? start + 1 : start};
    if (error == JSON_ERROR_DUPLICATE)
        report_duplicate(reader, where);
    else if (error == JSON_ERROR_SYNTAX)
        report_syntax(reader, span);
    else
        diag_error(reader->diags, slugs[error], span, "%s", json_error_text(error));
}

const struct node *json_read(struct source *source, struct arena *arena, struct diag_list *diags)
{
    struct arena scratch = {0};
    struct reader reader = {
        .source = source,
        .arena = arena,
        .diags = diags,
        .base = str_starts(source->text, "\xef\xbb\xbf") ? 3 : 0,
        .tape = {.depth_max = DOCUMENT_DEPTH_MAX,
                 .node_max = DOCUMENT_NODE_MAX,
                 .grow = grow_tape,
                 .context = &scratch},
    };
    reader.text = source->text.at + reader.base;
    size_t where = 0;
    const struct node *root = NULL;
    enum json_error error =
        json_scan(reader.text, source->text.len - reader.base, &reader.tape, &where);
    if (error == JSON_OK)
        root = build(&reader, 0);
    else
        report(&reader, error, where);
    arena_free(&scratch);
    return root;
}
