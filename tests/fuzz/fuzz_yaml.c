/*
 * Fuzz target: YAML and JSON documents, their references within the text, and the Swagger 2.0
 * transform of whatever they hold.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "compiler/openapi/document_dump.h"
#include "compiler/openapi/reference.h"
#include "compiler/openapi/swagger2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t budget; /* of nodes to visit: aliases can make a small text large */

static void visit(struct references *references, const struct node *node)
{
    if (!node || budget == 0)
        return;
    budget--;
    if (node->span.end < node->span.start || node->span.end > node->span.source->text.len)
        abort();
    if (str_starts(node_string(node_get(node, "$ref")), "#"))
        reference_follow(references, node);
    for (uint32_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
        visit(references, node->items[i]);
    for (uint32_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++) {
        if (node_member(node, node->members[i].name) != &node->members[i])
            abort();
        visit(references, node->members[i].value);
    }
}

/* No file is read: the texts of others are not what is tested here. */
static bool names_files(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (str_starts(str_from(text, i), "$ref") || str_starts(str_from(text, i), "\\"))
            return true;
    return false;
}

static void read_document(struct arena *arena, struct str text)
{
    struct diag_list diags = {.arena = arena};
    struct document document, converted;
    struct source *source = source_of(arena, STR("input"), text);
    bool is_read = document_read(source, arena, &diags, &document);
    if (is_read == (diags.error_count != 0) || is_read != (document.root != NULL))
        abort();
    if (!is_read)
        return;
    budget = 20000;
    visit(references_open(&document, arena, &diags), document.root);
    if (budget == 0)
        return;
    struct str_builder out = {.arena = arena};
    document_dump(&document, &out);
    if (!names_files(text)) {
        swagger2_convert(&document, arena, &diags, &converted);
        visit(references_open(&converted, arena, &diags), converted.root);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    read_document(&arena, str_copy(&arena, (struct str){(const char *)data, size}));
    arena_free(&arena);
    return 0;
}
