/*
 * YAML documents. An event loop with a stack of fixed size; a container's children wait in one list
 * (`pending`) until it ends. libyaml needs quadratic time in the depth, hence the limit; aliases
 * can make a small text stand for a huge tree, hence the count of what a walk would visit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/yaml.h"

#include "compiler/base/utf8.h"

#include <string.h>
#include <yaml.h>

#include "compiler/openapi/core_schema.h"
#include "compiler/openapi/node.h"

struct anchor {
    const struct node *node;
    uint64_t visits; /* of a walk through it */
};

struct frame {
    struct node *node;
    struct anchor *anchor; /* NULL: has none */
    size_t first;          /* of its children in `pending` */
    uint64_t visits_before;
    bool has_key; /* a mapping: the last of `pending` still lacks its value */
    bool has_merge;
};

struct reader {
    struct source *source;
    struct arena *arena;
    struct arena scratch;
    struct diag_list *diags;
    yaml_parser_t parser;
    bool is_ascii;
    uint32_t index, offset;      /* a pair that belongs together: libyaml counts characters */
    uint32_t base;               /* size of the byte order mark */
    LIST(struct member) pending; /* items have no name */
    struct frame frames[DOCUMENT_DEPTH_MAX];
    uint32_t depth;
    struct map anchors;
    uint64_t visits;
    const struct node *root;
};

/* ---- places ---- */

static bool text_is_ascii(struct str text)
{
    unsigned char bits = 0;
    for (size_t i = 0; i < text.len; i++)
        bits |= (unsigned char)text.at[i];
    return bits < 0x80;
}

/* Marks come nearly in order, so that walking from the last one costs little. */
static uint32_t offset_of(struct reader *reader, yaml_mark_t mark)
{
    struct str text = reader->source->text;
    if (reader->is_ascii)
        return mark.index < text.len ? (uint32_t)mark.index : (uint32_t)text.len;
    while (reader->index < mark.index && reader->offset < text.len) {
        reader->index++;
        do
            reader->offset++;
        while (reader->offset < text.len && utf8_is_continuation(text.at[reader->offset]));
    }
    while (reader->index > mark.index && reader->offset > reader->base) {
        reader->index--;
        do
            reader->offset--;
        while (reader->offset > reader->base && utf8_is_continuation(text.at[reader->offset]));
    }
    return reader->offset;
}

static struct span span_between(struct reader *reader, yaml_mark_t start, yaml_mark_t end)
{
    uint32_t from = offset_of(reader, start);
    return (struct span){reader->source, from, offset_of(reader, end)};
}

static struct span event_span(struct reader *reader, const yaml_event_t *event)
{
    return span_between(reader, event->start_mark, event->end_mark);
}

/* ---- tags ---- */

static const char core_prefix[] = "tag:yaml.org,2002:";

/* The name of a core tag ("int"), "" for none, "!" for the non-specific one; NULL: a foreign tag,
 * which is reported. */
static const char *core_tag(struct reader *reader, const yaml_char_t *tag, struct span span)
{
    static const char *const names[] = {"str", "null", "bool", "int", "float", "seq", "map"};
    const char *text = tag ? (const char *)tag : "";
    if (!*text || strcmp(text, "!") == 0)
        return text;
    bool is_core = str_starts(str_of(text), core_prefix);
    const char *name = is_core ? text + sizeof core_prefix - 1 : text;
    for (size_t i = 0; is_core && i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return names[i];
    diag_error(reader->diags, "yaml-tag", span, "the tag '%s%s' does not belong to the core schema",
               is_core ? "!!" : "", name);
    return NULL;
}

static bool tag_fits(const char *tag, const struct core_scalar *scalar)
{
    switch (scalar->kind) {
    case NODE_NULL:
        return strcmp(tag, "null") == 0;
    case NODE_BOOLEAN:
        return strcmp(tag, "bool") == 0;
    case NODE_NUMBER:
        return strcmp(tag, "float") == 0 || (scalar->is_integer && strcmp(tag, "int") == 0);
    default:
        return false;
    }
}

/* ---- putting values where they belong ---- */

static struct frame *innermost(struct reader *reader)
{
    return reader->depth ? &reader->frames[reader->depth - 1] : NULL;
}

static bool wants_key(struct reader *reader)
{
    const struct frame *frame = innermost(reader);
    return frame && frame->node->kind == NODE_MAPPING && !frame->has_key;
}

static bool count_visits(struct reader *reader, uint64_t visits, struct span span)
{
    reader->visits += visits;
    if (reader->visits <= DOCUMENT_NODE_MAX)
        return true;
    diag_error(reader->diags, "too-large", span, "the document has over %d values%s",
               DOCUMENT_NODE_MAX, visits > 1 ? " when its aliases are followed" : "");
    return false;
}

static void put_value(struct reader *reader, const struct node *node)
{
    struct frame *frame = innermost(reader);
    if (!frame) {
        reader->root = node;
    } else if (frame->node->kind == NODE_MAPPING) {
        reader->pending.at[reader->pending.count - 1].value = node;
        frame->has_key = false;
    } else {
        list_add(&reader->scratch, &reader->pending)->value = node;
    }
}

static struct anchor *set_anchor(struct reader *reader, const yaml_char_t *name,
                                 const struct node *node)
{
    if (!name)
        return NULL;
    struct str key = str_of((const char *)name);
    struct anchor *anchor = map_get(&reader->anchors, key);
    if (!anchor) {
        anchor = arena_new(&reader->scratch, struct anchor);
        map_add(&reader->anchors, str_copy(&reader->scratch, key), anchor);
    }
    *anchor = (struct anchor){.node = node, .visits = 1};
    return anchor;
}

/* ---- events ---- */

static bool read_key(struct reader *reader, const yaml_event_t *event, struct span span)
{
    struct frame *frame = innermost(reader);
    struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    if (event->data.scalar.anchor)
        diag_error(reader->diags, "yaml-key", span, "a key with an anchor");
    core_tag(reader, event->data.scalar.tag, span);
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag &&
        str_is(text, "<<"))
        frame->has_merge = true;
    *list_add(&reader->scratch, &reader->pending) =
        (struct member){.name = str_copy(reader->arena, text), .name_span = span};
    frame->has_key = true;
    return true;
}

static void resolve_scalar(struct reader *reader, const yaml_event_t *event, struct node *node)
{
    struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    const char *tag = core_tag(reader, event->data.scalar.tag, node->span);
    text = str_copy(reader->arena, text);
    node->text = text;
    bool is_plain = event->data.scalar.plain_implicit;
    if (!tag || strcmp(tag, "!") == 0 || strcmp(tag, "str") == 0 || (!*tag && !is_plain))
        return;
    struct core_scalar scalar = core_schema_resolve(reader->arena, text);
    if (*tag && !tag_fits(tag, &scalar))
        diag_error(reader->diags, "yaml-tag", node->span, "'%.*s' does not fit the tag '!!%s'",
                   STR_ARG(text), tag);
    else if (scalar.problem)
        diag_error(reader->diags, "bad-number", node->span, "'%.*s' %s", STR_ARG(text),
                   scalar.problem);
    node->kind = scalar.kind;
    node->is_true = scalar.is_true;
    node->text = scalar.text;
}

static bool read_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct span span = event_span(reader, event);
    if (wants_key(reader))
        return read_key(reader, event, span);
    struct node *node = node_new(reader->arena, NODE_STRING, span);
    resolve_scalar(reader, event, node);
    set_anchor(reader, event->data.scalar.anchor, node);
    put_value(reader, node);
    return count_visits(reader, 1, span);
}

static bool is_open(const struct reader *reader, const struct node *node)
{
    for (uint32_t i = 0; i < reader->depth; i++)
        if (reader->frames[i].node == node)
            return true;
    return false;
}

static bool read_alias(struct reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct span span = event_span(reader, event);
    const struct anchor *anchor = map_get(&reader->anchors, str_of(name));
    if (wants_key(reader)) {
        diag_error(reader->diags, "yaml-key", span, "the alias '*%s' as a key", name);
        return false;
    }
    if (!anchor || is_open(reader, anchor->node)) {
        diag_error(reader->diags, "yaml-alias", span,
                   anchor ? "the alias '*%s' stands inside its own anchor"
                          : "there is no anchor '&%s' before this alias",
                   name);
        put_value(reader, node_new(reader->arena, NODE_NULL, span));
        return true;
    }
    put_value(reader, anchor->node);
    return count_visits(reader, anchor->visits, span);
}

static bool open_container(struct reader *reader, enum node_kind kind, const yaml_event_t *event)
{
    bool is_mapping = kind == NODE_MAPPING;
    const yaml_char_t *tag =
        is_mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    const yaml_char_t *anchor =
        is_mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    struct span span = event_span(reader, event);
    const char *core = core_tag(reader, tag, span);
    if (core && *core && strcmp(core, "!") != 0 && strcmp(core, is_mapping ? "map" : "seq") != 0)
        diag_error(reader->diags, "yaml-tag", span, "%s does not fit the tag '!!%s'",
                   node_kind_name(kind), core);
    if (wants_key(reader)) {
        diag_error(reader->diags, "yaml-key", span, "%s as a key", node_kind_name(kind));
        return false;
    }
    if (reader->depth == DOCUMENT_DEPTH_MAX) {
        diag_error(reader->diags, "too-deep", span, "nested over %d deep", DOCUMENT_DEPTH_MAX);
        return false;
    }
    struct node *node = node_new(reader->arena, kind, span);
    put_value(reader, node);
    reader->frames[reader->depth++] = (struct frame){
        .node = node,
        .anchor = set_anchor(reader, anchor, node),
        .first = reader->pending.count,
        .visits_before = reader->visits,
    };
    return count_visits(reader, 1, span);
}

/* ---- merge keys ---- */

/* The key was plain: a quoted one begins with its quote, a tagged one with its tag. */
static bool is_merge(const struct member *member)
{
    return str_is(member->name, "<<") && str_starts(span_text(member->name_span), "<<");
}

struct merge {
    LIST(struct member) members;
    struct map names;
};

static bool merge_mapping(struct reader *reader, struct merge *merge, const struct node *mapping)
{
    if (mapping->kind != NODE_MAPPING)
        return false;
    for (uint32_t i = 0; i < mapping->count; i++)
        if (!map_add(&merge->names, mapping->members[i].name, reader))
            *list_add(&reader->scratch, &merge->members) = mapping->members[i];
    return true;
}

static void merge_value(struct reader *reader, struct merge *merge, const struct member *key)
{
    const struct node *value = key->value;
    bool is_right = true;
    if (value->kind == NODE_SEQUENCE)
        for (uint32_t i = 0; i < value->count; i++)
            is_right &= merge_mapping(reader, merge, value->items[i]);
    else
        is_right = merge_mapping(reader, merge, value);
    if (!is_right)
        diag_error(reader->diags, "yaml-merge", key->name_span,
                   "the merge key '<<' with something else than mappings");
}

/* Explicit keys win over merged ones, and earlier mappings over later ones. */
static void set_merged(struct reader *reader, struct node *mapping, const struct member *members,
                       size_t count)
{
    struct merge merge = {.names = {.arena = &reader->scratch}};
    for (size_t i = 0; i < count; i++)
        if (!is_merge(&members[i])) {
            map_add(&merge.names, members[i].name, reader);
            *list_add(&reader->scratch, &merge.members) = members[i];
        }
    const struct member *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!is_merge(&members[i]))
            continue;
        if (first)
            node_report_duplicate(reader->diags, &members[i], first->name_span);
        else
            merge_value(reader, &merge, first = &members[i]);
    }
    node_set_members(reader->arena, reader->diags, mapping, merge.members.at, merge.members.count);
}

static bool close_container(struct reader *reader, const yaml_event_t *event)
{
    struct frame *frame = innermost(reader);
    struct node *node = frame->node;
    const struct member *children = reader->pending.at + frame->first;
    size_t count = reader->pending.count - frame->first;
    if (node->kind == NODE_SEQUENCE)
        node_set_items(reader->arena, node, children, count);
    else if (frame->has_merge)
        set_merged(reader, node, children, count);
    else
        node_set_members(reader->arena, reader->diags, node, children, count);
    /* a block's end is noticed at the next token only: it ends where its last child does */
    bool is_flow = event->start_mark.index != event->end_mark.index;
    uint32_t end = is_flow ? offset_of(reader, event->end_mark) : node->span.end;
    if (!is_flow && count && children[count - 1].value->span.end > end)
        end = children[count - 1].value->span.end;
    node->span.end = end;
    if (frame->anchor && frame->anchor->node == node)
        frame->anchor->visits = reader->visits - frame->visits_before;
    reader->pending.count = frame->first;
    reader->depth--;
    return true;
}

static bool start_document(struct reader *reader, const yaml_event_t *event)
{
    if (!reader->root)
        return true;
    diag_error(reader->diags, "yaml-documents", event_span(reader, event),
               "a second document in the same file");
    return false;
}

static bool read_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return start_document(reader, event);
    case YAML_ALIAS_EVENT:
        return read_alias(reader, event);
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_container(reader, NODE_SEQUENCE, event);
    case YAML_MAPPING_START_EVENT:
        return open_container(reader, NODE_MAPPING, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_container(reader, event);
    default:
        return true;
    }
}

/* ---- the loop ---- */

static void report_parser(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        arena_exhausted();
    struct span span = span_between(reader, parser->problem_mark, parser->problem_mark);
    if (parser->error == YAML_READER_ERROR) {
        size_t offset = reader->base + parser->problem_offset;
        size_t size = reader->source->text.len;
        span.start = span.end = (uint32_t)(offset < size ? offset : size);
        bool is_control = strstr(parser->problem, "control characters") != NULL;
        diag_error(reader->diags, is_control ? "yaml-syntax" : "not-utf8", span, "%s",
                   parser->problem);
        return;
    }
    struct diag *diag = diag_error(reader->diags, "yaml-syntax", span, "%s", parser->problem);
    if (parser->context)
        diag_note(reader->diags, diag,
                  span_between(reader, parser->context_mark, parser->context_mark), "%s",
                  parser->context);
}

static void read_events(struct reader *reader)
{
    bool goes_on = true;
    while (goes_on) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            report_parser(reader);
            return;
        }
        goes_on = event.type != YAML_STREAM_END_EVENT && read_event(reader, &event);
        yaml_event_delete(&event);
    }
}

const struct node *yaml_read(struct source *source, struct arena *arena, struct diag_list *diags)
{
    struct str text = source->text;
    uint32_t errors_before = diags->error_count;
    uint32_t base = str_starts(text, "\xef\xbb\xbf") ? 3 : 0;
    if (str_starts(text, "\xff\xfe") || str_starts(text, "\xfe\xff")) {
        diag_error(diags, "not-utf8", ((struct span){source, 0, 1}), "the text is UTF-16");
        return NULL;
    }
    struct arena scratch = {0};
    struct reader *reader = arena_new(&scratch, struct reader);
    *reader = (struct reader){.source = source, .arena = arena, .diags = diags};
    reader->is_ascii = text_is_ascii(text);
    reader->base = reader->offset = base;
    reader->anchors.arena = &reader->scratch;
    if (!yaml_parser_initialize(&reader->parser))
        arena_exhausted();
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text.at + base,
                                 text.len - base);
    read_events(reader);
    const struct node *root = reader->root;
    if (!root && diags->error_count == errors_before)
        diag_error(diags, "empty-document", ((struct span){source, 0, 0}), "the file is empty");
    yaml_parser_delete(&reader->parser);
    arena_free(&reader->scratch);
    arena_free(&scratch);
    return root;
}
