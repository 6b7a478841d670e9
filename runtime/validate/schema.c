/*
 * Compiles a schema: a queue of the places that are referred to, so that recursion in a schema is
 * none here, and a packing of the arrays at the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/schema.h"

#include "runtime/validate/compile.h"

enum { GROWING_START = 16 };

void compile_fail(struct compiler *compiler, enum schema_status status)
{
    if (compiler->status == SCHEMA_COMPILED)
        compiler->status = status;
}

static bool grow(struct compiler *compiler, struct growing *list, size_t size)
{
    uint32_t capacity = list->capacity ? list->capacity * 2 : GROWING_START;
    void *larger = pool_alloc(compiler->scratch, capacity * size);
    if (!larger)
        return false;
    if (list->count)
        memcpy(larger, list->at, list->count * size);
    list->at = larger;
    list->capacity = capacity;
    return true;
}

uint32_t compile_add(struct compiler *compiler, struct growing *list, const void *item, size_t size)
{
    if (list->count == list->capacity && !grow(compiler, list, size)) {
        compile_fail(compiler, SCHEMA_NO_MEMORY);
        return 0;
    }
    memcpy((char *)list->at + list->count * size, item, size);
    return list->count++;
}

void compile_rule(struct compiler *compiler, enum rule_kind kind, uint32_t first, uint32_t count,
                  uint32_t more)
{
    const struct schema_rule rule = {(uint32_t)kind, first, count, more};
    compile_add(compiler, &compiler->rules, &rule, sizeof rule);
}

uint32_t compile_node(struct compiler *compiler, const struct instance *schema)
{
    enum json_kind kind = (enum json_kind)instance_node(schema)->kind;
    if (kind == JSON_TRUE || kind == JSON_FALSE)
        return kind == JSON_TRUE ? SCHEMA_TRUE : SCHEMA_FALSE;
    if (kind != JSON_OBJECT) {
        compile_fail(compiler, SCHEMA_BROKEN);
        return SCHEMA_FALSE;
    }
    uint32_t *known = &compiler->known[schema->node];
    if (!*known) {
        compiler->pending[compiler->node_count - SCHEMA_ROOT] = schema->node;
        *known = compiler->node_count++;
    }
    return *known;
}

bool compile_find(const struct compiler *compiler, const struct instance *schema,
                  const char *keyword, struct instance *out)
{
    *out = *schema;
    out->node = json_member(schema->text, &compiler->tape, schema->node, keyword);
    return out->node != 0;
}

bool compile_characters(struct compiler *compiler, const struct instance *string, struct slice *out)
{
    struct allowance *allowance = &compiler->allowance;
    if (instance_node(string)->kind != JSON_STRING) {
        compile_fail(compiler, SCHEMA_BROKEN);
        return false;
    }
    if (instance_characters(string, allowance, out))
        return true;
    compile_fail(compiler, SCHEMA_NO_MEMORY);
    return false;
}

/* ---- references: # and # with a JSON Pointer (RFC 6901, section 6) ---- */

static int hex_digit(char byte)
{
    const char *digit = byte ? strchr("0123456789abcdef", byte | 0x20) : NULL;
    return digit ? (int)(digit - strchr("0123456789abcdef", '0')) : -1;
}

/* The first token of a pointer, decoded: first %XX, then ~1 and ~0. */
static struct slice token(struct slice *pointer, char *out)
{
    size_t len = 0, i = 1;
    for (; i < pointer->len && pointer->at[i] != '/'; i++) {
        char byte = pointer->at[i];
        if (byte == '%' && i + 2 < pointer->len && hex_digit(pointer->at[i + 1]) >= 0 &&
            hex_digit(pointer->at[i + 2]) >= 0) {
            byte = (char)(hex_digit(pointer->at[i + 1]) * 16 + hex_digit(pointer->at[i + 2]));
            i += 2;
        } else if (byte == '~' && i + 1 < pointer->len) {
            byte = pointer->at[++i] == '1' ? '/' : '~';
        }
        out[len++] = byte;
    }
    *pointer = (struct slice){pointer->at + i, pointer->len - i};
    return (struct slice){out, len};
}

static bool item_at(const struct instance *array, struct slice index, struct instance *out)
{
    struct decimal number = decimal_read(index);
    uint32_t left = decimal_count(&number);
    for (size_t i = 0; i < index.len; i++)
        if (index.at[i] < '0' || index.at[i] > '9')
            return false;
    for (struct instance_walk walk = instance_first(array); instance_next(&walk); left--)
        if (left == 0) {
            *out = walk.item;
            return index.len > 0;
        }
    return false;
}

uint32_t compile_resolve(struct compiler *compiler, struct slice reference)
{
    struct instance at = compiler->root;
    char *bytes = pool_alloc(compiler->scratch, reference.len + 1);
    if (!bytes || reference.len == 0 || reference.at[0] != '#')
        return SCHEMA_NONE;
    reference = (struct slice){reference.at + 1, reference.len - 1};
    while (reference.len) {
        if (reference.at[0] != '/')
            return SCHEMA_NONE;
        struct slice name = token(&reference, bytes);
        bool found = instance_node(&at)->kind == JSON_ARRAY
                         ? item_at(&at, name, &at)
                         : instance_member(&at, name, &compiler->allowance, &at);
        if (!found)
            return SCHEMA_NONE;
    }
    return at.node;
}

/* ---- one schema after the other ---- */

static void compile_one(struct compiler *compiler, uint32_t tape_index)
{
    struct instance schema = compiler->root, type;
    struct schema_node node = {compiler->rules.count, 0};
    schema.node = tape_index;
    if (compile_find(compiler, &schema, "type", &type))
        compile_keyword(compiler, &schema, NULL, &type);
    /* members before `required`: they tell which of several alternatives is meant */
    compile_members(compiler, &schema);
    for (struct instance_walk walk = instance_first(&schema); instance_next(&walk);)
        if (walk.item.node != type.node)
            compile_keyword(compiler, &schema, &walk.name, &walk.item);
    compile_items(compiler, &schema);
    node.count = compiler->rules.count - node.first;
    compile_add(compiler, &compiler->nodes, &node, sizeof node);
}

static void *tape_grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = pool_alloc(context, new_size);
    if (larger && old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

static bool begin(struct compiler *compiler, struct slice text)
{
    static const struct schema_node anything = {0, 0};
    compiler->tape = (struct json_tape){.depth_max = JSON_DEPTH_CEILING,
                                        .node_max = UINT32_MAX - 1,
                                        .grow = tape_grow,
                                        .context = compiler->scratch};
    enum json_error error = json_scan(text.at, text.len, &compiler->tape, NULL);
    if (error != JSON_OK) {
        compile_fail(compiler, error == JSON_ERROR_MEMORY ? SCHEMA_NO_MEMORY : SCHEMA_BROKEN);
        return false;
    }
    compiler->root = (struct instance){text.at, compiler->tape.nodes, 0};
    compiler->allowance = (struct allowance){.pool = compiler->keep, .steps = UINT64_MAX};
    compiler->known = pool_zero(compiler->scratch, compiler->tape.count * sizeof(uint32_t));
    compiler->pending = pool_alloc(compiler->scratch, compiler->tape.count * sizeof(uint32_t));
    if (!compiler->known || !compiler->pending) {
        compile_fail(compiler, SCHEMA_NO_MEMORY);
        return false;
    }
    compile_add(compiler, &compiler->nodes, &anything, sizeof anything); /* SCHEMA_TRUE */
    compile_add(compiler, &compiler->nodes, &anything, sizeof anything); /* SCHEMA_FALSE */
    compiler->node_count = SCHEMA_ROOT;
    return true;
}

/* A root that is true or false has a node too. */
static void compile_all(struct compiler *compiler)
{
    uint32_t root = compile_node(compiler, &compiler->root);
    if (root != SCHEMA_ROOT) {
        const struct schema_node node = {0, 1};
        compile_rule(compiler, RULE_REFERENCE, root, 0, 0);
        compile_add(compiler, &compiler->nodes, &node, sizeof node);
        return;
    }
    for (uint32_t next = SCHEMA_ROOT;
         next < compiler->node_count && compiler->status == SCHEMA_COMPILED; next++)
        compile_one(compiler, compiler->pending[next - SCHEMA_ROOT]);
}

static const void *pack(struct compiler *compiler, const struct growing *list, size_t size)
{
    void *out = pool_alloc(compiler->keep, list->count * size + 1);
    if (!out)
        compile_fail(compiler, SCHEMA_NO_MEMORY);
    else if (list->count)
        memcpy(out, list->at, list->count * size);
    return out;
}

static void finish(struct compiler *compiler, struct schema *out)
{
    *out = (struct schema){
        .text = compiler->root.text,
        .nodes = pack(compiler, &compiler->nodes, sizeof *out->nodes),
        .rules = pack(compiler, &compiler->rules, sizeof *out->rules),
        .members = pack(compiler, &compiler->members, sizeof *out->members),
        .objects = pack(compiler, &compiler->objects, sizeof *out->objects),
        .patterns = pack(compiler, &compiler->patterns, sizeof *out->patterns),
        .formats = pack(compiler, &compiler->formats, sizeof *out->formats),
        .numbers = pack(compiler, &compiler->numbers, sizeof *out->numbers),
        .links = pack(compiler, &compiler->links, sizeof *out->links),
        .values = pack(compiler, &compiler->values, sizeof *out->values),
        .scratch = pool_alloc(compiler->keep, compiler->scratch_words * sizeof(uint32_t) + 1),
        .unenforced = compiler->unenforced,
    };
    if (!out->scratch)
        compile_fail(compiler, SCHEMA_NO_MEMORY);
}

enum schema_status schema_compile(struct slice text, struct pool *keep, struct schema *out)
{
    struct compiler compiler = {.keep = keep, .scratch = pool_open(SIZE_MAX)};
    if (!compiler.scratch)
        return SCHEMA_NO_MEMORY;
    if (begin(&compiler, text))
        compile_all(&compiler);
    if (compiler.status == SCHEMA_COMPILED)
        finish(&compiler, out);
    pool_close(compiler.scratch);
    return compiler.status;
}
