/*
 * Rendering tools and answering tools/list.
 *
 * All revisions get the same text, except that the legacy ones know objects only as results: a
 * tool whose result is something else has no outputSchema there. Members that a revision does not
 * know yet (title and outputSchema in 2025-03-26) are allowed by its schema.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/tools_list.h"

#include <stdlib.h>

#include "runtime/decide/decision.h"
#include "runtime/observe/log.h"
#include "runtime/protocol/cursor.h"
#include "runtime/protocol/lifecycle.h"

enum {
    PAGE_TOOLS = 1000, /* many clients read the first page only */
    PAGE_BYTES = 4 * 1024 * 1024,
    LIST_TTL_MS = 300 * 1000,
};

/* Tools one after the other, each followed by a comma. */
struct shape {
    struct slice text;
    const size_t *starts; /* of each tool in text; one more for the end */
};

struct listing {
    struct pool *pool;
    struct shape modern, legacy;
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

static void add_tool(struct text *out, const struct mcpp_tool *tool, bool has_output)
{
    text_add_byte(out, '{');
    turn_add_member(out, "name");
    text_add_json(out, slice_of(tool->name));
    add_text_member(out, "title", tool->title);
    add_text_member(out, "description", tool->description);
    turn_add_member(out, "inputSchema");
    text_add_literal(out, tool->input_schema);
    if (has_output && tool->output_schema[0]) {
        turn_add_member(out, "outputSchema");
        text_add_literal(out, tool->output_schema);
    }
    add_annotations(out, tool->hints);
    text_add_literal(out, "},");
}

/* Whether the schema's root says "type": "object". */
static bool is_object_schema(const char *schema, struct pool *pool)
{
    const struct limits limits = {.json_depth = JSON_DEPTH_CEILING, .json_nodes = UINT32_MAX};
    struct json_tape tape;
    if (jsonrpc_scan(slice_of(schema), &limits, pool, &tape))
        return false;
    uint32_t type = json_member(schema, &tape, 0, "type");
    return type && tape.nodes[type].kind == JSON_STRING &&
           json_string_is(schema, &tape.nodes[type], "object", 6);
}

/* Fills *out; false when out of memory. `objects[i]`: tool i gives an object; NULL: all outputs
 * are listed. */
static bool render(const struct mcpp_policy *policy, struct pool *pool, const bool *objects,
                   struct shape *out)
{
    size_t *starts = pool_alloc(pool, (policy->tool_count + 1) * sizeof *starts);
    struct text text = {.pool = pool};
    if (!starts)
        return false;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        starts[i] = text.len;
        add_tool(&text, &policy->tools[i], !objects || objects[i]);
    }
    starts[policy->tool_count] = text.len;
    *out = (struct shape){text_slice(&text), starts};
    return !text.failed;
}

static bool render_shapes(struct listing *listing, const struct mcpp_policy *policy)
{
    struct pool *scratch = pool_open(SIZE_MAX / 2);
    bool *objects = scratch ? pool_alloc(listing->pool, policy->tool_count + 1) : NULL;
    bool all_objects = true;
    for (uint32_t i = 0; objects && i < policy->tool_count; i++) {
        const char *schema = policy->tools[i].output_schema;
        objects[i] = !schema[0] || is_object_schema(schema, scratch);
        all_objects &= objects[i];
        pool_reset(scratch);
    }
    pool_close(scratch);
    if (!objects || !render(policy, listing->pool, NULL, &listing->modern))
        return false;
    listing->legacy = listing->modern;
    return all_objects || render(policy, listing->pool, objects, &listing->legacy);
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

static void find_first_needs(struct listing *listing, const struct mcpp_policy *policy)
{
    const struct caller nobody = {.kind = CALLER_ANONYMOUS};
    unsigned fewest = 0;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        struct decision decision = decide(policy, &nobody, slice_of(policy->tools[i].name));
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

struct listing *listing_open(const struct mcpp_policy *policy)
{
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing)
        listing->pool = pool_open(SIZE_MAX / 2);
    if (!listing || !listing->pool || !render_shapes(listing, policy) ||
        !render_server_info(listing, policy)) {
        log_error("out of memory for the list of tools");
        listing_close(listing);
        return NULL;
    }
    find_first_needs(listing, policy);
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
    if (from == to)
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
        size_t size = out->len + shape->starts[i + 1] - shape->starts[run];
        if (count && (count == PAGE_TOOLS || size > PAGE_BYTES))
            break;
        count++;
    }
    add_run(out, shape, run, i);
    return i;
}

void tools_list_answer(struct turn *turn)
{
    const struct mcpp_server *server = turn->exchange->worker->server;
    bool is_modern = turn->revision->is_modern;
    uint32_t first;
    struct text out;
    if (!read_cursor(turn, &first))
        return;
    turn_begin_result(turn, &out);
    turn_add_member(&out, "tools");
    text_add_byte(&out, '[');
    uint32_t next = add_page(
        turn, &out, is_modern ? &server->listing->modern : &server->listing->legacy, first);
    text_add_byte(&out, ']');
    if (next < server->policy->tool_count) {
        char cursor[SEAL_TEXT_MAX];
        turn_add_member(&out, "nextCursor");
        out.failed |= !cursor_write(server->seal_key, next, cursor);
        text_add_format(&out, "\"%s\"", out.failed ? "" : cursor);
    }
    if (is_modern)
        lifecycle_add_caching(turn, &out, LIST_TTL_MS);
    turn_answer_result(turn, &out);
}
