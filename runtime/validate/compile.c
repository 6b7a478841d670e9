/*
 * The keywords of JSON Schema 2020-12 as rules. A keyword whose value is of the wrong kind breaks
 * the schema: what it was to forbid is not known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/compile.h"

#include <stdlib.h>

enum keyword_value {
    VALUE_TYPE,
    VALUE_ANY, /* const, enum */
    VALUE_REFERENCE,
    VALUE_COUNT,
    VALUE_NUMBER,
    VALUE_PATTERN,
    VALUE_FORMAT,
    VALUE_NAMES,
    VALUE_NAME_LISTS, /* name -> names */
    VALUE_SCHEMA,
    VALUE_SCHEMAS,
    VALUE_SCHEMA_MAP,
    VALUE_UNIQUE,
    VALUE_IF,
    VALUE_CONTAINS,
};

struct keyword {
    const char *name;
    enum keyword_value value;
    enum rule_kind kind;
};

static const struct keyword keywords[] = {
    {"const", VALUE_ANY, RULE_CONST},
    {"enum", VALUE_ANY, RULE_ENUM},
    {"$ref", VALUE_REFERENCE, RULE_REFERENCE},
    {"pattern", VALUE_PATTERN, RULE_PATTERN},
    {"format", VALUE_FORMAT, RULE_FORMAT},
    {"minLength", VALUE_COUNT, RULE_MIN_LENGTH},
    {"maxLength", VALUE_COUNT, RULE_MAX_LENGTH},
    {"minimum", VALUE_NUMBER, RULE_MINIMUM},
    {"maximum", VALUE_NUMBER, RULE_MAXIMUM},
    {"exclusiveMinimum", VALUE_NUMBER, RULE_ABOVE},
    {"exclusiveMaximum", VALUE_NUMBER, RULE_BELOW},
    {"multipleOf", VALUE_NUMBER, RULE_MULTIPLE},
    {"required", VALUE_NAMES, RULE_REQUIRED},
    {"propertyNames", VALUE_SCHEMA, RULE_NAMES},
    {"dependentRequired", VALUE_NAME_LISTS, RULE_DEPENDENT},
    {"dependentSchemas", VALUE_SCHEMA_MAP, RULE_DEPENDENT},
    {"minProperties", VALUE_COUNT, RULE_MIN_PROPERTIES},
    {"maxProperties", VALUE_COUNT, RULE_MAX_PROPERTIES},
    {"contains", VALUE_CONTAINS, RULE_CONTAINS},
    {"minItems", VALUE_COUNT, RULE_MIN_ITEMS},
    {"maxItems", VALUE_COUNT, RULE_MAX_ITEMS},
    {"uniqueItems", VALUE_UNIQUE, RULE_UNIQUE},
    {"allOf", VALUE_SCHEMAS, RULE_ALL_OF},
    {"anyOf", VALUE_SCHEMAS, RULE_ANY_OF},
    {"oneOf", VALUE_SCHEMAS, RULE_ONE_OF},
    {"not", VALUE_SCHEMA, RULE_NOT},
    {"if", VALUE_IF, RULE_IF},
    {"unevaluatedProperties", VALUE_SCHEMA, RULE_REST_MEMBERS},
    {"unevaluatedItems", VALUE_SCHEMA, RULE_REST_ITEMS},
};

static bool is_kind(struct compiler *compiler, const struct instance *value, enum json_kind kind)
{
    if (instance_node(value)->kind == kind)
        return true;
    compile_fail(compiler, SCHEMA_BROKEN);
    return false;
}

/* ---- single values ---- */

static uint32_t type_bit(struct compiler *compiler, const struct instance *name)
{
    static const char *const names[] = {"null",   "boolean", "integer", "number",
                                        "string", "array",   "object"};
    struct slice characters;
    if (!compile_characters(compiler, name, &characters))
        return 0;
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(characters, names[i]))
            return UINT32_C(1) << i;
    compile_fail(compiler, SCHEMA_BROKEN);
    return 0;
}

static void add_type(struct compiler *compiler, const struct instance *value)
{
    uint32_t bits = 0;
    if (instance_node(value)->kind == JSON_ARRAY)
        for (struct instance_walk walk = instance_first(value); instance_next(&walk);)
            bits |= type_bit(compiler, &walk.item);
    else
        bits = type_bit(compiler, value);
    compile_rule(compiler, RULE_TYPE, bits, 0, 0);
}

/* Copies a value's piece of the tape, so that the tape can go. */
static uint32_t keep_value(struct compiler *compiler, const struct instance *value)
{
    uint32_t first = compiler->values.count;
    for (uint32_t i = value->node; i < instance_node(value)->next; i++) {
        struct json_node node = value->nodes[i];
        node.next = node.next - value->node + first;
        compile_add(compiler, &compiler->values, &node, sizeof node);
    }
    return first;
}

static struct decimal read_number(struct compiler *compiler, const struct instance *value)
{
    if (!is_kind(compiler, value, JSON_NUMBER))
        return (struct decimal){.sign = 0};
    return decimal_read(instance_bytes(value));
}

static uint32_t read_count(struct compiler *compiler, const struct instance *value)
{
    struct decimal number = read_number(compiler, value);
    if (number.sign < 0 || !decimal_is_integer(&number))
        compile_fail(compiler, SCHEMA_BROKEN);
    return decimal_count(&number);
}

static void add_number(struct compiler *compiler, enum rule_kind kind, const struct instance *value)
{
    const struct schema_number number = {read_number(compiler, value), instance_bytes(value)};
    if (kind == RULE_MULTIPLE && !decimal_is_divisor(&number.value)) {
        if (number.value.sign <= 0)
            compile_fail(compiler, SCHEMA_BROKEN);
        compiler->unenforced++;
        compile_rule(compiler, RULE_UNENFORCED, 0, 0, 0);
        return;
    }
    uint32_t index = compile_add(compiler, &compiler->numbers, &number, sizeof number);
    compile_rule(compiler, kind, index, 0, 0);
}

/* SCHEMA_NONE when the pattern is not enforced. */
static uint32_t add_pattern(struct compiler *compiler, struct slice source)
{
    struct schema_pattern pattern = {.source = source};
    enum pattern_status status = pattern_compile(source, compiler->keep, &pattern.program);
    if (status == PATTERN_NO_MEMORY)
        compile_fail(compiler, SCHEMA_NO_MEMORY);
    if (status != PATTERN_COMPILED) {
        compiler->unenforced++;
        return SCHEMA_NONE;
    }
    size_t words = pattern_scratch_words(&pattern.program);
    if (words > compiler->scratch_words)
        compiler->scratch_words = words;
    return compile_add(compiler, &compiler->patterns, &pattern, sizeof pattern);
}

static void add_pattern_rule(struct compiler *compiler, const struct instance *value)
{
    struct slice source;
    if (!compile_characters(compiler, value, &source))
        return;
    uint32_t pattern = add_pattern(compiler, source);
    enum rule_kind kind = pattern == SCHEMA_NONE ? RULE_UNENFORCED : RULE_PATTERN;
    compile_rule(compiler, kind, pattern, 0, 0);
}

static void add_format(struct compiler *compiler, const struct instance *value)
{
    struct slice name;
    if (!compile_characters(compiler, value, &name))
        return;
    const struct format *format = format_find(name);
    if (!format)
        compile_rule(compiler, RULE_UNENFORCED, 0, 0, 0);
    else
        compile_rule(compiler, RULE_FORMAT,
                     compile_add(compiler, &compiler->formats, &format, sizeof(struct format *)), 0,
                     0);
}

static void add_reference(struct compiler *compiler, const struct instance *value)
{
    struct slice reference;
    struct instance target = compiler->root;
    if (!compile_characters(compiler, value, &reference))
        return;
    target.node = compile_resolve(compiler, reference);
    if (target.node == SCHEMA_NONE)
        compile_fail(compiler, SCHEMA_BROKEN);
    else
        compile_rule(compiler, RULE_REFERENCE, compile_node(compiler, &target), 0, 0);
}

/* ---- lists ---- */

static void add_member(struct compiler *compiler, const struct instance *name, uint32_t node,
                       bool is_pattern)
{
    struct schema_member member = {.node = node, .pattern = SCHEMA_NONE};
    if (!compile_characters(compiler, name, &member.name))
        return;
    if (is_pattern)
        member.pattern = add_pattern(compiler, member.name);
    compile_add(compiler, &compiler->members, &member, sizeof member);
}

static void add_required(struct compiler *compiler, const struct instance *names)
{
    uint32_t first = compiler->members.count;
    if (!is_kind(compiler, names, JSON_ARRAY))
        return;
    for (struct instance_walk walk = instance_first(names); instance_next(&walk);)
        add_member(compiler, &walk.item, SCHEMA_TRUE, false);
    compile_rule(compiler, RULE_REQUIRED, first, compiler->members.count - first, 0);
}

/* { "a": ["b"] } as RULE_DEPENDENT for each name: its members are the name, then the others. */
static void add_name_lists(struct compiler *compiler, const struct instance *map)
{
    if (!is_kind(compiler, map, JSON_OBJECT))
        return;
    for (struct instance_walk walk = instance_first(map); instance_next(&walk);) {
        uint32_t first = compiler->members.count;
        add_member(compiler, &walk.name, SCHEMA_NONE, false);
        if (!is_kind(compiler, &walk.item, JSON_ARRAY))
            return;
        for (struct instance_walk names = instance_first(&walk.item); instance_next(&names);)
            add_member(compiler, &names.item, SCHEMA_TRUE, false);
        compile_rule(compiler, RULE_DEPENDENT, first, compiler->members.count - first, 1);
    }
}

static uint32_t add_map(struct compiler *compiler, const struct instance *map, bool is_pattern)
{
    uint32_t first = compiler->members.count;
    if (!is_kind(compiler, map, JSON_OBJECT))
        return 0;
    for (struct instance_walk walk = instance_first(map); instance_next(&walk);)
        add_member(compiler, &walk.name, compile_node(compiler, &walk.item), is_pattern);
    return compiler->members.count - first;
}

static void add_dependent(struct compiler *compiler, const struct instance *map)
{
    uint32_t first = compiler->members.count;
    uint32_t count = add_map(compiler, map, false);
    compile_rule(compiler, RULE_DEPENDENT, first, count, 0);
}

static uint32_t add_links(struct compiler *compiler, const struct instance *list)
{
    uint32_t first = compiler->links.count;
    if (!is_kind(compiler, list, JSON_ARRAY))
        return 0;
    for (struct instance_walk walk = instance_first(list); instance_next(&walk);) {
        uint32_t node = compile_node(compiler, &walk.item);
        compile_add(compiler, &compiler->links, &node, sizeof node);
    }
    return compiler->links.count - first;
}

/* ---- keywords that go together ---- */

static uint32_t node_beside(struct compiler *compiler, const struct instance *schema,
                            const char *keyword)
{
    struct instance value;
    return compile_find(compiler, schema, keyword, &value) ? compile_node(compiler, &value)
                                                           : SCHEMA_NONE;
}

static void add_contains(struct compiler *compiler, const struct instance *schema,
                         const struct instance *value)
{
    struct instance count;
    uint32_t least = 1, most = UINT32_MAX;
    if (compile_find(compiler, schema, "minContains", &count))
        least = read_count(compiler, &count);
    if (compile_find(compiler, schema, "maxContains", &count))
        most = read_count(compiler, &count);
    compile_rule(compiler, RULE_CONTAINS, compile_node(compiler, value), least, most);
}

static int by_name(const void *left, const void *right)
{
    const struct schema_member *one = left, *two = right;
    size_t len = one->name.len < two->name.len ? one->name.len : two->name.len;
    int order = len ? memcmp(one->name.at, two->name.at, len) : 0;
    return order ? order : (one->name.len > two->name.len) - (one->name.len < two->name.len);
}

void compile_members(struct compiler *compiler, const struct instance *schema)
{
    struct instance value;
    struct schema_object object = {.named = compiler->members.count};
    if (compile_find(compiler, schema, "properties", &value))
        object.named_count = add_map(compiler, &value, false);
    if (object.named_count && compiler->status == SCHEMA_COMPILED)
        qsort((struct schema_member *)compiler->members.at + object.named, object.named_count,
              sizeof(struct schema_member), by_name);
    object.patterned = compiler->members.count;
    if (compile_find(compiler, schema, "patternProperties", &value))
        object.pattern_count = add_map(compiler, &value, true);
    object.additional = node_beside(compiler, schema, "additionalProperties");
    if (!object.named_count && !object.pattern_count && object.additional == SCHEMA_NONE)
        return;
    compile_rule(compiler, RULE_MEMBERS,
                 compile_add(compiler, &compiler->objects, &object, sizeof object), 0, 0);
}

void compile_items(struct compiler *compiler, const struct instance *schema)
{
    struct instance value;
    uint32_t first = compiler->links.count, count = 0;
    if (compile_find(compiler, schema, "prefixItems", &value))
        count = add_links(compiler, &value);
    uint32_t items = node_beside(compiler, schema, "items");
    if (count || items != SCHEMA_NONE)
        compile_rule(compiler, RULE_ITEMS, first, count, items);
}

/* ---- one keyword ---- */

static void add_if(struct compiler *compiler, const struct instance *schema,
                   const struct instance *value)
{
    uint32_t condition = compile_node(compiler, value);
    uint32_t yes = node_beside(compiler, schema, "then");
    uint32_t no = node_beside(compiler, schema, "else");
    compile_rule(compiler, RULE_IF, condition, yes, no);
}

static void add_value(struct compiler *compiler, enum rule_kind kind, const struct instance *value)
{
    if (kind == RULE_CONST || is_kind(compiler, value, JSON_ARRAY))
        compile_rule(compiler, kind, keep_value(compiler, value), 0, 0);
}

static void add_schemas(struct compiler *compiler, enum rule_kind kind,
                        const struct instance *value)
{
    uint32_t first = compiler->links.count;
    uint32_t count = add_links(compiler, value);
    compile_rule(compiler, kind, first, count, 0);
}

static const struct keyword *find_keyword(const struct instance *name)
{
    static const struct keyword type = {"type", VALUE_TYPE, RULE_TYPE};
    if (!name)
        return &type;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (json_string_is(name->text, instance_node(name), keywords[i].name,
                           strlen(keywords[i].name)))
            return &keywords[i];
    return NULL;
}

void compile_keyword(struct compiler *compiler, const struct instance *schema,
                     const struct instance *name, const struct instance *value)
{
    const struct keyword *keyword = find_keyword(name);
    if (!keyword)
        return;
    switch (keyword->value) {
    case VALUE_TYPE:
        add_type(compiler, value);
        break;
    case VALUE_ANY:
        add_value(compiler, keyword->kind, value);
        break;
    case VALUE_REFERENCE:
        add_reference(compiler, value);
        break;
    case VALUE_COUNT:
        compile_rule(compiler, keyword->kind, read_count(compiler, value), 0, 0);
        break;
    case VALUE_NUMBER:
        add_number(compiler, keyword->kind, value);
        break;
    case VALUE_PATTERN:
        add_pattern_rule(compiler, value);
        break;
    case VALUE_FORMAT:
        add_format(compiler, value);
        break;
    case VALUE_NAMES:
        add_required(compiler, value);
        break;
    case VALUE_NAME_LISTS:
        add_name_lists(compiler, value);
        break;
    case VALUE_SCHEMA:
        compile_rule(compiler, keyword->kind, compile_node(compiler, value), 0, 0);
        break;
    case VALUE_SCHEMAS:
        add_schemas(compiler, keyword->kind, value);
        break;
    case VALUE_SCHEMA_MAP:
        add_dependent(compiler, value);
        break;
    case VALUE_UNIQUE:
        if (instance_node(value)->kind == JSON_TRUE)
            compile_rule(compiler, RULE_UNIQUE, 0, 0, 0);
        break;
    case VALUE_IF:
        add_if(compiler, schema, value);
        break;
    case VALUE_CONTAINS:
        add_contains(compiler, schema, value);
        break;
    }
}

const struct schema_member *schema_find_member(const struct schema_member *members, uint32_t count,
                                               struct slice name)
{
    const struct schema_member wanted = {.name = name};
    if (count == 0)
        return NULL;
    return bsearch(&wanted, members, count, sizeof *members, by_name);
}
