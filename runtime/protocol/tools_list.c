/*
 * Rendering tools and answering tools/list.
 *
 * All revisions get the same text, except that the legacy ones know objects only as results: there
 * a result that is something else, or may be, is the member `result` of an object. Members that a
 * revision does not know yet (title and outputSchema in 2025-03-26) are allowed by its schema.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/tools_list.h"

#include <stdlib.h>

#include "runtime/decide/decision.h"
#include "runtime/observe/log.h"
#include "runtime/protocol/cursor.h"
#include "runtime/protocol/lifecycle.h"
#include "runtime/protocol/template.h"

enum {
    PAGE_TOOLS = 1000, /* many clients read the first page only */
    PAGE_BYTES = 4 * 1024 * 1024,
    LIST_TTL_MS = 300 * 1000,
};

/* Tools one after the other, each followed by a comma; a resource list has nothing for some. */
struct shape {
    struct slice text;
    const size_t *starts; /* of each tool in text; one more for the end */
};

/* What a tool's output schema is to revisions that know objects only. */
enum output {
    OUTPUT_OBJECT,  /* as they want it; or there is none */
    OUTPUT_WRAPPED, /* must be put into an object */
    OUTPUT_HIDDEN,  /* is no schema that can be: never from mcpc */
};

struct listing {
    struct pool *pool;
    struct shape modern, legacy, resources, templates;
    bool has_resources;
    const enum output *outputs; /* of each tool */
    struct slice server_info;
    bool is_public;
    const uint64_t *first_needs;
};

/* ---- rendering ---- */

static void add_text_member(struct text *out, const char *name, const char *value)
{
    if (!value[0])
        return;
    turn_add_member(out, name);
    text_add_json(out, slice_of(value));
}

static void add_hint(struct text *out, const char *name, uint32_t hints, uint32_t hint)
{
    turn_add_member(out, name);
    text_add_literal(out, hints & hint ? "true" : "false");
}

/* All four, because the defaults of the missing ones are the worst (ToolAnnotations). */
static void add_annotations(struct text *out, uint32_t hints)
{
    turn_add_member(out, "annotations");
    text_add_byte(out, '{');
    add_hint(out, "readOnlyHint", hints, MCPP_HINT_READ_ONLY);
    add_hint(out, "destructiveHint", hints, MCPP_HINT_DESTRUCTIVE);
    add_hint(out, "idempotentHint", hints, MCPP_HINT_IDEMPOTENT);
    add_hint(out, "openWorldHint", hints, MCPP_HINT_OPEN_WORLD);
    text_add_byte(out, '}');
}

/* A schema of our own tables. */
struct schema {
    const char *text;
    struct json_tape tape;
};

static bool scan_schema(struct schema *schema, const char *text, struct pool *pool)
{
    const struct limits limits = {.json_depth = JSON_DEPTH_CEILING, .json_nodes = UINT32_MAX};
    schema->text = text;
    return !jsonrpc_scan(slice_of(text), &limits, pool, &schema->tape);
}

/* The root's member that comes next from node `at`, with its name, and a comma before it if due. */
static void add_raw_member(struct text *out, const struct schema *schema, uint32_t at)
{
    const struct json_node *name = &schema->tape.nodes[at], *value = name + 1;
    if (out->len && out->at[out->len - 1] != '{')
        text_add_byte(out, ',');
    text_add(out, (struct slice){schema->text + name->start, value->end - name->start});
}

/* References lead to `#/$defs/…`, so that those stay at the root. */
static void add_wrapped(struct text *out, const struct schema *schema)
{
    const struct json_node *nodes = schema->tape.nodes;
    uint32_t definitions = 0;
    text_add_literal(out, "{\"type\":\"object\",\"properties\":{\"result\":{");
    for (uint32_t at = 1; at < nodes[0].next; at = nodes[at + 1].next) {
        if (json_string_is(schema->text, &nodes[at], "$defs", 5))
            definitions = at;
        else
            add_raw_member(out, schema, at);
    }
    text_add_literal(out, "}},\"required\":[\"result\"]");
    if (definitions)
        add_raw_member(out, schema, definitions);
    text_add_byte(out, '}');
}

static void add_output(struct text *out, const char *schema, enum output output)
{
    struct pool *scratch = output == OUTPUT_WRAPPED ? pool_open(SIZE_MAX / 2) : NULL;
    struct schema scanned;
    turn_add_member(out, "outputSchema");
    if (output == OUTPUT_OBJECT)
        text_add_literal(out, schema);
    else if (scratch && scan_schema(&scanned, schema, scratch))
        add_wrapped(out, &scanned);
    else
        out->failed = true;
    pool_close(scratch);
}

static void add_tool(struct text *out, const struct mcpp_tool *tool, enum output output)
{
    text_add_byte(out, '{');
    turn_add_member(out, "name");
    text_add_json(out, slice_of(tool->name));
    add_text_member(out, "title", tool->title);
    add_text_member(out, "description", tool->description);
    turn_add_member(out, "inputSchema");
    text_add_literal(out, tool->input_schema);
    if (output != OUTPUT_HIDDEN && tool->output_schema[0])
        add_output(out, tool->output_schema, output);
    add_annotations(out, tool->hints);
    text_add_literal(out, "},");
}

static enum output output_of(const char *text, struct pool *pool)
{
    struct schema schema;
    if (!text[0])
        return OUTPUT_OBJECT;
    if (!scan_schema(&schema, text, pool) || schema.tape.nodes[0].kind != JSON_OBJECT)
        return OUTPUT_HIDDEN;
    uint32_t type = json_member(text, &schema.tape, 0, "type");
    bool is_object = type && schema.tape.nodes[type].kind == JSON_STRING &&
                     json_string_is(text, &schema.tape.nodes[type], "object", 6);
    return is_object ? OUTPUT_OBJECT : OUTPUT_WRAPPED;
}

/* Fills *out; false when out of memory. Without `outputs` all schemas are listed as they are. */
static bool render(const struct mcpp_policy *policy, struct pool *pool, const enum output *outputs,
                   struct shape *out)
{
    size_t *starts = pool_alloc(pool, (policy->tool_count + 1) * sizeof *starts);
    struct text text = {.pool = pool};
    if (!starts)
        return false;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        starts[i] = text.len;
        add_tool(&text, &policy->tools[i], outputs ? outputs[i] : OUTPUT_OBJECT);
    }
    starts[policy->tool_count] = text.len;
    *out = (struct shape){text_slice(&text), starts};
    return !text.failed;
}

static bool render_shapes(struct listing *listing, const struct mcpp_policy *policy)
{
    struct pool *scratch = pool_open(SIZE_MAX / 2);
    enum output *outputs =
        scratch ? pool_alloc(listing->pool, (policy->tool_count + 1) * sizeof *outputs) : NULL;
    bool all_objects = true;
    for (uint32_t i = 0; outputs && i < policy->tool_count; i++) {
        outputs[i] = output_of(policy->tools[i].output_schema, scratch);
        all_objects &= outputs[i] == OUTPUT_OBJECT;
        pool_reset(scratch);
    }
    pool_close(scratch);
    listing->outputs = outputs;
    if (!outputs || !render(policy, listing->pool, NULL, &listing->modern))
        return false;
    listing->legacy = listing->modern;
    return all_objects || render(policy, listing->pool, outputs, &listing->legacy);
}

/* ---- resources ---- */

/* The media type that the operation answers with, when it is one. */
static struct slice media_type(const struct mcpp_tool *tool)
{
    struct slice accept = slice_of(tool->accept);
    for (size_t i = 0; i < accept.len; i++)
        if (strchr(",;*", accept.at[i]))
            return (struct slice){0};
    return accept;
}

static void add_resource(struct text *out, const struct mcpp_tool *tool, const char *member,
                         struct slice uri)
{
    struct slice type = media_type(tool);
    text_add_byte(out, '{');
    turn_add_member(out, member);
    text_add_json(out, uri);
    turn_add_member(out, "name");
    text_add_json(out, slice_of(tool->name));
    add_text_member(out, "title", tool->title);
    add_text_member(out, "description", tool->description);
    if (type.len) {
        turn_add_member(out, "mimeType");
        text_add_json(out, type);
    }
    text_add_literal(out, "},");
}

/* A template whose variables are all in the query is a resource without them, too. */
static bool render_resources(struct listing *listing, const struct mcpp_policy *policy,
                             bool are_templates, struct shape *out)
{
    size_t *starts = pool_alloc(listing->pool, (policy->tool_count + 1) * sizeof *starts);
    struct text text = {.pool = listing->pool};
    for (uint32_t i = 0; starts && i < policy->tool_count; i++) {
        const struct mcpp_tool *tool = &policy->tools[i];
        struct slice uri = slice_of(tool->resource ? tool->resource : "");
        struct slice path = template_path(uri);
        bool is_listed = are_templates ? path.len < uri.len || template_has_variables(uri)
                                       : !template_has_variables(uri);
        starts[i] = text.len;
        if (uri.len && is_listed)
            add_resource(&text, tool, are_templates ? "uriTemplate" : "uri",
                         are_templates ? uri : path);
        listing->has_resources |= uri.len > 0;
    }
    if (!starts || text.failed)
        return false;
    starts[policy->tool_count] = text.len;
    *out = (struct shape){text_slice(&text), starts};
    return true;
}

static bool render_server_info(struct listing *listing, const struct mcpp_policy *policy)
{
    struct text text = {.pool = listing->pool};
    text_add_byte(&text, '{');
    turn_add_member(&text, "name");
    text_add_json(&text, slice_of(policy->name));
    add_text_member(&text, "title", policy->title);
    turn_add_member(&text, "version");
    text_add_json(&text, slice_of(policy->version));
    text_add_byte(&text, '}');
    listing->server_info = text_slice(&text);
    return !text.failed;
}

/* ---- what the policy asks for at least ---- */

static unsigned count_scopes(const struct mcpp_policy *policy, const uint64_t *set)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < policy->fact_count; i++)
        if (policy->facts[i].kind == MCPP_FACT_SCOPE && set[i / 64] >> i % 64 & 1)
            count++;
    return count;
}

static void find_first_needs(struct listing *listing, const struct mcpp_policy *policy,
                             const struct caller *nobody)
{
    unsigned fewest = 0;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        struct decision decision = decide_for_caller(policy, nobody, &policy->tools[i]);
        if (decision.kind == DECISION_ALLOW)
            listing->is_public = true;
        if (!decision.wanted)
            continue;
        unsigned count = count_scopes(policy, decision.wanted);
        if (count && (!listing->first_needs || count < fewest)) {
            listing->first_needs = decision.wanted;
            fewest = count;
        }
    }
}

struct listing *listing_open(const struct mcpp_policy *policy, const struct caller *nobody)
{
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing)
        listing->pool = pool_open(SIZE_MAX / 2);
    if (!listing || !listing->pool || !render_shapes(listing, policy) ||
        !render_resources(listing, policy, false, &listing->resources) ||
        !render_resources(listing, policy, true, &listing->templates) ||
        !render_server_info(listing, policy)) {
        log_error("out of memory for the list of tools");
        listing_close(listing);
        return NULL;
    }
    find_first_needs(listing, policy, nobody);
    return listing;
}

void listing_close(struct listing *listing)
{
    if (!listing)
        return;
    pool_close(listing->pool);
    free(listing);
}

struct slice listing_server_info(const struct listing *listing)
{
    return listing->server_info;
}

bool listing_wraps(const struct listing *listing, uint32_t tool)
{
    return listing->outputs[tool] == OUTPUT_WRAPPED;
}

bool listing_has_resources(const struct listing *listing)
{
    return listing->has_resources;
}

bool listing_is_public(const struct listing *listing)
{
    return listing->is_public;
}

const uint64_t *listing_first_needs(const struct listing *listing)
{
    return listing->first_needs;
}

/* ---- answering ---- */

/* Where the page starts; false: the cursor is none of ours, and the message is answered. */
static bool read_cursor(struct turn *turn, uint32_t *first)
{
    const struct message *message = &turn->message;
    struct slice cursor;
    uint32_t node =
        message->params ? json_member(message->text, message->tape, message->params, "cursor") : 0;
    *first = 0;
    if (!node)
        return true;
    if (message->tape->nodes[node].kind == JSON_STRING &&
        jsonrpc_string(message, node, turn->exchange->pool, &cursor) &&
        cursor_read(turn->exchange->worker->server->seal_key, cursor, first))
        return true;
    turn_answer_error(turn, ERROR_PARAMS, SLICE("the cursor is not from this list"));
    return false;
}

/* Tools [from, to) as they stand in the shape, after a comma if due. */
static void add_run(struct text *out, const struct shape *shape, uint32_t from, uint32_t to)
{
    if (shape->starts[from] == shape->starts[to])
        return;
    if (out->len && out->at[out->len - 1] == '}')
        text_add_byte(out, ',');
    text_add(out, (struct slice){shape->text.at + shape->starts[from],
                                 shape->starts[to] - shape->starts[from] - 1});
}

/* Adds a page of the tools that the caller sees; gives the first tool of the next, tool_count: no
 * more. */
static uint32_t add_page(const struct turn *turn, struct text *out, const struct shape *shape,
                         uint32_t first)
{
    const struct mcpp_policy *policy = turn_policy(turn);
    const struct caller *caller = &turn->exchange->caller;
    uint32_t i = first, run = first, count = 0;
    for (; i < policy->tool_count; i++) {
        if (!decide_is_visible(policy, caller, &policy->tools[i])) {
            add_run(out, shape, run, i);
            run = i + 1;
            continue;
        }
        if (shape->starts[i] == shape->starts[i + 1])
            continue;
        size_t size = out->len + shape->starts[i + 1] - shape->starts[run];
        if (count && (count == PAGE_TOOLS || size > PAGE_BYTES))
            break;
        count++;
    }
    add_run(out, shape, run, i);
    return i;
}

static const struct shape *shape_of(const struct turn *turn, enum listing_kind kind)
{
    const struct listing *listing = turn->exchange->worker->server->listing;
    if (kind == LISTING_TOOLS)
        return turn->revision->is_modern ? &listing->modern : &listing->legacy;
    return kind == LISTING_RESOURCES ? &listing->resources : &listing->templates;
}

void listing_answer(struct turn *turn, enum listing_kind kind)
{
    static const char *const members[LISTING_KINDS] = {"tools", "resources", "resourceTemplates"};
    const struct mcpp_server *server = turn->exchange->worker->server;
    uint32_t first;
    struct text out;
    if (!read_cursor(turn, &first))
        return;
    turn_begin_result(turn, &out);
    turn_add_member(&out, members[kind]);
    text_add_byte(&out, '[');
    uint32_t next = add_page(turn, &out, shape_of(turn, kind), first);
    text_add_byte(&out, ']');
    if (next < server->policy->tool_count) {
        char cursor[SEAL_TEXT_MAX];
        turn_add_member(&out, "nextCursor");
        out.failed |= !cursor_write(server->seal_key, next, cursor);
        text_add_format(&out, "\"%s\"", out.failed ? "" : cursor);
    }
    if (turn->revision->is_modern)
        lifecycle_add_caching(turn, &out, LIST_TTL_MS);
    turn_answer_result(turn, &out);
}

void tools_list_answer(struct turn *turn)
{
    listing_answer(turn, LISTING_TOOLS);
}
