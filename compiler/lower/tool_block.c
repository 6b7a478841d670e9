/*
 * Settings of lowered tools.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/tool_block.h"

#include <string.h>

#include "compiler/lower/resource.h"
#include "compiler/policy/text.h"
#include "compiler/policy/value.h"

/* ---- shortening ---- */

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* The offset of character number `max`, or the text's length. */
static size_t offset_of(struct str text, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        if (!utf8_is_continuation(text.at[i]) && count++ == max)
            return i;
    return text.len;
}

static bool is_sentence_end(struct str text, size_t end)
{
    return end > 0 && strchr(".!?", text.at[end - 1]) &&
           (end == text.len || is_space(text.at[end]));
}

static struct str without_space(struct str text)
{
    while (text.len && is_space(text.at[text.len - 1]))
        text.len--;
    return text;
}

struct str tool_block_shortened(struct arena *arena, struct str text, size_t max)
{
    text = without_space(text);
    size_t most = offset_of(text, max);
    if (max == 0 || most == text.len)
        return text;
    for (size_t end = most; end > most / 2; end--)
        if (is_sentence_end(text, end))
            return str_part(text, 0, end);
    size_t last = offset_of(text, max - 1), end = last;
    while (end > 0 && !is_space(text.at[end]))
        end--;
    struct str words = without_space(str_part(text, 0, end ? end : last));
    return str_format(arena, "%.*s…", STR_ARG(words));
}

/* ---- the block ---- */

struct block {
    const struct lowering *lowering;
    struct span span;
    LIST(struct setting) settings;
};

static void add(struct block *block, const char *name, struct str text)
{
    struct word *value = arena_new(block->lowering->arena, struct word);
    *value = lowering_string(text, block->span);
    *list_add(block->lowering->arena, &block->settings) =
        (struct setting){.name = lowering_name(str_of(name), block->span),
                         .values = {value, 1},
                         .span = block->span};
}

static void add_word(struct block *block, const char *name, const char *text)
{
    add(block, name, (struct str){0});
    struct word *value = arena_new(block->lowering->arena, struct word);
    *value = lowering_name(str_of(text), block->span);
    block->settings.at[block->settings.count - 1].values = (struct words){value, 1};
}

/* Where a tool's requests and credentials go is for the policy to say: a document that changes
 * later cannot send them elsewhere. */
static void add_server(struct block *block, const struct operation *operation)
{
    const char *problem = value_url_problem(operation->server, false);
    if (problem)
        diag_warning(block->lowering->diags, "unusable-url", block->span,
                     "%s: the operation's server '%.*s' is not used", problem,
                     STR_ARG(operation->server));
    else
        add(block, "server", operation->server);
}

static void add_resource(struct block *block, const struct operation *operation)
{
    const struct lowering *lowering = block->lowering;
    struct str template = resource_template(lowering->arena, lowering->resource_base, operation);
    if (template.len)
        add(block, "resource", template);
}

struct settings tool_block_lower(const struct lowering *lowering, const struct operation *operation)
{
    struct arena *arena = lowering->arena;
    struct block block = {.lowering = lowering, .span = operation->span};
    struct str wished = operation->wish.description;
    struct str whole = wished.len ? wished : api_operation_text(operation, arena);
    struct str text = tool_block_shortened(arena, whole, lowering->max_description);
    bool is_cut = lowering->max_description && !str_equal(text, without_space(whole));
    if (operation->wish.title.len)
        add(&block, "title", operation->wish.title);
    if (wished.len || is_cut)
        add(&block, "description", text);
    if (lowering->config && lowering->config->timeout_s)
        add_word(&block, "timeout",
                 str_text(arena, str_format(arena, "%us", lowering->config->timeout_s)));
    if (operation->server.len && !lowering->has_one_backend)
        add_server(&block, operation);
    if (lowering->resource_base.len)
        add_resource(&block, operation);
    if (lowering->output != LOWER_OUTPUT_LISTED && operation->output_schema.len)
        add_word(&block, "output", lowering->output == LOWER_OUTPUT_NONE ? "none" : "validated");
    return (struct settings){block.settings.at, (uint32_t)block.settings.count};
}
