/*
 * Fuzz target: the JSON scanner. Besides not crashing, the tape must be sound: children inside
 * their parents, counts that agree, escapes that can be read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "grammar/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context, (void)old_size;
    return realloc(nodes, new_size);
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_string(const char *text, const struct json_node *string)
{
    size_t room = string->end - string->start - 2;
    char *out = malloc(room + 1);
    size_t size = json_unescape(text, string, out);
    must(size <= room && json_string_is(text, string, out, size));
    free(out);
}

static void check_node(const char *text, const struct json_tape *tape, uint32_t at)
{
    const struct json_node *node = &tape->nodes[at];
    must(node->start < node->end && node->next > at && node->next <= tape->count);
    if (node->kind == JSON_STRING)
        check_string(text, node);
    uint32_t step = node->kind == JSON_OBJECT, count = 0;
    if (node->kind != JSON_OBJECT && node->kind != JSON_ARRAY)
        return;
    uint32_t child = at + 1, behind = node->start + 1;
    for (; child < node->next; child = tape->nodes[child + step].next, count++) {
        must(!step || tape->nodes[child].kind == JSON_STRING);
        must(tape->nodes[child].start >= behind && tape->nodes[child + step].end < node->end);
        behind = tape->nodes[child + step].end;
    }
    must(child == node->next && count == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (size)
        memcpy(text, data, size);
    text[size] = (char)(size ? data[size - 1] : '1');
    struct json_tape tape = {.depth_max = 50, .node_max = 100000, .grow = grow};
    size_t where = 0;
    enum json_error error = json_scan(text, size, &tape, &where);
    must(where <= size && json_error_text(error) != NULL);
    for (uint32_t i = 0; error == JSON_OK && i < tape.count; i++)
        check_node(text, &tape, i);
    free(tape.nodes);
    free(text);
    return 0;
}
