/*
 * Fuzz target: the whole compiler in process. The input is a document, an overlay for it and a
 * selector, with a byte 0xff (in no UTF-8 text) between them; the last two may be missing. What is
 * lowered reads back as what was lowered, checks without an error, and becomes C and a report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/emit/emit.h"
#include "compiler/lower/lower.h"
#include "compiler/many_tools.h"
#include "compiler/openapi/overlay.h"
#include "compiler/policy/format.h"
#include "compiler/policy/parse.h"
#include "compiler/policy/policy_dump.h"
#include "compiler/report.h"
#include "compiler/tables/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { SEPARATOR = 0xff, PART_COUNT = 3, NODE_MAX = 20000, VERIFY_ONE_IN = 64 };

struct front_end {
    struct arena arena;
    struct diag_list diags;
    struct document document;
    struct api api;
    struct policy_ast ast;
    struct policy policy;
    struct tables tables;
};

static void must_hold(bool holds, int line)
{
    if (holds)
        return;
    fprintf(stderr, "line %d does not hold\n", line);
    abort();
}

#define must(condition) must_hold((condition), __LINE__)

/* Whether the document is small, and no reference leads to a file: those of others are not what is
 * tested here. */
static bool is_small(const struct node *node, uint32_t *budget)
{
    struct str reference = node_string(node_get(node, "$ref"));
    if (*budget == 0 || (reference.len && !str_starts(reference, "#")))
        return false;
    --*budget;
    for (uint32_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
        if (!is_small(node->items[i], budget))
            return false;
    for (uint32_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++)
        if (!is_small(node->members[i].value, budget))
            return false;
    return true;
}

static bool read_document(struct front_end *front, const char *name, struct str text,
                          struct document *out)
{
    struct source *source = source_of(&front->arena, str_of(name), str_copy(&front->arena, text));
    uint32_t budget = NODE_MAX;
    return document_read(source, &front->arena, &front->diags, out) && is_small(out->root, &budget);
}

static bool read_api(struct front_end *front, struct str document, struct str changes)
{
    struct document overlay;
    uint32_t budget = NODE_MAX;
    if (!read_document(front, "input.yaml", document, &front->document))
        return false;
    if (changes.len && (!read_document(front, "overlay.yaml", changes, &overlay) ||
                        !overlay_apply(&front->document, &overlay, &front->arena, &front->diags) ||
                        !is_small(front->document.root, &budget)))
        return false;
    uint32_t errors_before = front->diags.error_count;
    bool is_built = model_build(&front->document, &front->arena, &front->diags, &front->api);
    must(is_built == (front->diags.error_count == errors_before));
    return is_built;
}

static struct str dump_of(struct front_end *front, const struct policy_ast *ast)
{
    struct str_builder out = {.arena = &front->arena};
    ast_dump(ast, &out);
    return str_built(&out);
}

/* The policy of the document, through its text. */
static bool lower(struct front_end *front, struct str selector)
{
    const char *include = str_text(&front->arena, selector);
    struct lower_options options = {
        .api_name = STR("input.yaml"),
        .selection = {.includes = &include, .include_count = selector.len > 0},
        .max_name = 8 + (uint32_t)(front->api.operation_count % 57),
        .max_description = 40};
    struct policy_ast lowered;
    if (!lower_api(&front->api, &options, &front->arena, &front->diags, &lowered))
        return false;
    struct str text = str_copy(&front->arena, policy_format(&lowered, &front->arena));
    struct source *source = source_of(&front->arena, STR("input.mcpp"), text);
    must(policy_parse(source, &front->arena, &front->diags, &front->ast));
    struct str written = dump_of(front, &lowered);
    /* a NUL of the document is U+FFFD in the policy's text */
    bool has_nul = str_find(written, '\0') < written.len ||
                   strstr(str_text(&front->arena, written), "\\u{fffd}") != NULL;
    must(has_nul || str_equal(dump_of(front, &front->ast), written));
    must(has_nul || str_equal(policy_format(&front->ast, &front->arena), text));
    must(policy_check(&front->ast, &front->api, &front->arena, &front->diags, &front->policy));
    return true;
}

static void write_outputs(struct front_end *front)
{
    struct str_builder code = {.arena = &front->arena}, report = {.arena = &front->arena};
    struct emission emission = {&front->tables, &front->ast, true, false};
    struct report what = {&front->document, &front->ast, &front->policy, &front->diags};
    many_tools_check(&front->policy, 1, &front->diags);
    struct logic logic;
    if (!logic_build(&front->policy, &front->arena, &front->diags, &logic))
        return;
    bool is_built = tables_build(&logic, &front->arena, &front->diags, &front->tables);
    /* a thousand random calls take longer than all the rest; now and then is enough here */
    bool is_verified = front->document.source->text.len % VERIFY_ONE_IN == 0;
    if (is_built && (!is_verified || tables_verify(&front->tables, &front->diags)))
        emit_policy(&emission, &code);
    report_text(&what, &report);
    report_json(&what, &report);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct front_end front = {.diags = {.arena = &front.arena}};
    struct str rest = {(const char *)bytes, size}, parts[PART_COUNT];
    for (int i = 0; i < PART_COUNT; i++) {
        parts[i] = str_part(rest, 0, str_find(rest, (char)SEPARATOR));
        rest = str_from(rest, parts[i].len + 1);
    }
    if (read_api(&front, parts[0], parts[1]) && lower(&front, parts[2]))
        write_outputs(&front);
    arena_free(&front.arena);
    return 0;
}
