/*
 * Values of policies as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/check.h"

/* ---- texts ---- */

static void put_string(struct str text, struct str_builder *out)
{
    str_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte == '"' || byte == '\\')
            str_add_format(out, "\\%c", byte);
        else if (byte < 0x20)
            str_add_format(out, "\\u%04x", byte);
        else
            str_add_byte(out, (char)byte);
    }
    str_add_byte(out, '"');
}

static void put_value(const struct value *value, struct str_builder *out)
{
    bool is_object = value->kind == VALUE_OBJECT;
    if (value->kind == VALUE_STRING) {
        put_string(value->word.text, out);
        return;
    }
    if (!is_object && value->kind != VALUE_ARRAY) {
        str_add(out, value->word.text);
        return;
    }
    str_add_byte(out, is_object ? '{' : '[');
    for (uint32_t i = 0; i < value->count; i++) {
        str_add_text(out, i ? "," : "");
        if (is_object)
            put_string(value->members[i].name.text, out);
        str_add_text(out, is_object ? ":" : "");
        put_value(&value->members[i].value, out);
    }
    str_add_byte(out, is_object ? '}' : ']');
}

struct str policy_value_json(const struct value *value, struct arena *arena)
{
    struct str_builder out = {.arena = arena};
    put_value(value, &out);
    return str_built(&out);
}

/* ---- claims ---- */

struct claims {
    const struct claim_value *at;
    const struct path *paths;
    bool *is_put;
    uint32_t count;
};

static bool share(struct path a, struct path b, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++)
        if (i >= a.count || i >= b.count || !str_equal(a.names[i], b.names[i]))
            return false;
    return true;
}

/* The object that the first `depth` names of claim `first` lead to. */
static void put_object(struct claims *claims, uint32_t first, uint32_t depth,
                       struct str_builder *out)
{
    const char *joint = "{";
    for (uint32_t i = first; i < claims->count; i++) {
        struct path path = claims->paths[i];
        if (claims->is_put[i] || path.count <= depth || !share(claims->paths[first], path, depth))
            continue;
        str_add_text(out, joint);
        joint = ",";
        put_string(path.names[depth], out);
        str_add_byte(out, ':');
        if (path.count > depth + 1) {
            put_object(claims, i, depth + 1, out);
            continue;
        }
        claims->is_put[i] = true;
        put_value(&claims->at[i].value, out);
    }
    str_add_text(out, *joint == '{' ? "{}" : "}");
}

struct str policy_claims_json(const struct claim_value *claims, uint32_t count, struct arena *arena)
{
    struct path *paths = arena_array(arena, count, sizeof *paths);
    for (uint32_t i = 0; i < count; i++)
        paths[i] = policy_claim_path(claims[i].path, arena);
    struct claims all = {claims, paths, arena_array(arena, count, sizeof(bool)), count};
    struct str_builder out = {.arena = arena};
    put_object(&all, 0, 0, &out);
    return str_built(&out);
}
