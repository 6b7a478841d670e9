/*
 * Names of definitions, and the texts of all that a schema needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/definition.h"

#include <ctype.h>

#include "compiler/openapi/json_write.h"
#include "compiler/openapi/node.h"
#include "compiler/openapi/reference_name.h"

enum { NAME_MAX_SIZE = 80 };

/* ---- names ---- */

static struct str last_part(struct str text, char separator)
{
    for (size_t at = text.len; at > 0; at--)
        if (text.at[at - 1] == separator)
            return str_from(text, at);
    return text;
}

/* "#/components/schemas/Pet", "schemas/Pet.yaml" and "Pet.yaml#/" are all "Pet". */
static struct str plain_name(struct build *build, struct str reference)
{
    size_t hash = str_find(reference, '#');
    struct str fragment = str_from(reference, hash + 1), decoded = {0};
    struct str token = last_part(fragment, '/');
    if (token.len == 0) {
        token = last_part(str_part(reference, 0, hash), '/');
        token = str_part(token, 0, str_find(token, '.'));
    }
    if (!reference_percent_decode(build->arena, token, &decoded))
        decoded = token;
    return reference_token_decode(build->arena, decoded);
}

static struct str readable_name(struct build *build, struct str reference)
{
    struct str_builder name = {.arena = build->arena};
    struct str plain = plain_name(build, reference);
    for (size_t i = 0; i < plain.len && i < NAME_MAX_SIZE; i++) {
        unsigned char byte = (unsigned char)plain.at[i];
        bool is_kept = byte < 0x80 && (isalnum(byte) || byte == '.' || byte == '_' || byte == '-');
        str_add_byte(&name, is_kept ? (char)byte : '_');
    }
    return name.len ? str_built(&name) : STR("schema");
}

static void give_name(struct build *build, struct definition *definition, struct str wanted)
{
    definition->name = wanted;
    for (unsigned number = 2; map_add(&build->definitions.by_name, definition->name, definition);
         number++)
        definition->name = str_format(build->arena, "%.*s_%u", STR_ARG(wanted), number);
}

struct definition *definition_of(struct build *build, const struct node *reference)
{
    const struct node *target = reference_target(build->references, reference);
    /* steps that only lead on are worth a look: they may lead in a circle */
    if (!target || !reference_follow(build->references, target))
        return NULL;
    struct str key = {(const char *)&target, sizeof(void *)};
    struct definition *definition = map_get(&build->definitions.by_target, key);
    if (definition)
        return definition;
    definition = arena_new(build->arena, struct definition);
    definition->target = target;
    key.at = (const char *)&definition->target;
    map_add(&build->definitions.by_target, key, definition);
    give_name(build, definition, readable_name(build, node_string(node_get(reference, "$ref"))));
    return definition;
}

struct definition *definition_of_dynamic(struct build *build, const struct node *text)
{
    struct str key = {(const char *)&text, sizeof(void *)};
    const struct node *reference = map_get(&build->definitions.dynamic, key);
    if (!reference) {
        struct member member = {.name = STR("$ref"), .name_span = text->span, .value = text};
        struct node *made = node_new(build->arena, NODE_MAPPING, text->span);
        node_set_members(build->arena, build->diags, made, &member, 1);
        key.at = (const char *)&made->members[0].value;
        map_add(&build->definitions.dynamic, key, made);
        reference = made;
    }
    return definition_of(build, reference);
}

/* ---- texts ---- */

static const struct definition_text *text_of(struct build *build, struct definition *definition,
                                             enum schema_direction direction)
{
    struct definition_text *result = &definition->texts[direction];
    if (result->is_written)
        return result;
    struct schema_text text;
    schema_begin(&text, build, direction);
    schema_add_definition(&text, definition->target);
    result->is_written = true;
    if (text.out.len > SCHEMA_TEXT_MAX) {
        build_diag_warning(build, "schema-too-large", definition->target->span,
                           "the schema '%.*s' is longer than %d bytes; any value is taken for it",
                           STR_ARG(definition->name), SCHEMA_TEXT_MAX);
        result->text = STR("{}");
        return result;
    }
    result->text = str_built(&text.out);
    result->uses = text.uses.at;
    result->use_count = text.uses.count;
    return result;
}

struct closure {
    LIST(struct definition *) items;
    uint32_t mark;
    size_t size; /* of the texts, bytes */
};

static void add_to_closure(struct closure *closure, struct arena *arena,
                           struct definition *const *uses, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (uses[i]->closure_mark == closure->mark)
            continue;
        uses[i]->closure_mark = closure->mark;
        *list_add(arena, &closure->items) = uses[i];
    }
}

static void find_closure(struct schema_text *text, struct closure *closure)
{
    struct build *build = text->build;
    closure->mark = ++build->definitions.last_mark;
    add_to_closure(closure, build->arena, text->uses.at, text->uses.count);
    for (size_t i = 0; i < closure->items.count; i++) {
        const struct definition_text *part = text_of(build, closure->items.at[i], text->direction);
        closure->size += part->text.len + closure->items.at[i]->name.len + sizeof "\"\":,";
        add_to_closure(closure, build->arena, part->uses, part->use_count);
    }
}

bool schema_add_definitions(struct schema_text *text)
{
    struct build *build = text->build;
    struct closure closure = {0};
    find_closure(text, &closure);
    size_t size = text->out.len + closure.size;
    bool fits = size <= SCHEMA_TEXT_MAX && build->definitions.text_size + size <= SCHEMA_TEXTS_MAX;
    size_t count = fits ? closure.items.count : text->uses.count;
    struct definition *const *items = fits ? closure.items.at : text->uses.at;
    for (size_t i = 0; i < count; i++) {
        str_add_text(&text->out, i ? "," : ",\"$defs\":{");
        json_write_string(&text->out, items[i]->name);
        str_add_byte(&text->out, ':');
        str_add(&text->out, fits ? text_of(build, items[i], text->direction)->text : STR("{}"));
    }
    if (count)
        str_add_byte(&text->out, '}');
    build->definitions.text_size += text->out.len;
    return fits;
}
