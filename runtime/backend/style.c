/*
 * The style table. null inside an array or object is undefined and skipped (RFC 6570, 2.3); a
 * compound value inside one, which OpenAPI leaves open, is written as its JSON, save in deepObject
 * where the brackets go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/backend/style.h"

/* What stands between the parts of an expansion. */
struct layout {
    const char *before;  /* in front of everything */
    const char *between; /* values, or pairs when exploded */
    const char *assign;  /* a pair's name and value */
    bool has_name;       /* name= in front of a list that is not exploded */
    bool repeats_name;   /* name= in front of each exploded item */
};

/* Delimiters that may not stand in a URI are percent-encoded there. */
static struct layout delimited(const struct style_target *target, const char *plain,
                               const char *encoded)
{
    const char *delimiter = target->set == ENCODE_NONE ? plain : encoded;
    return (struct layout){"", delimiter, delimiter, !target->is_anonymous, false};
}

static struct layout layout_of(const struct style_target *target)
{
    bool explode = target->explode;
    switch (target->style) {
    case MCPP_STYLE_LABEL:
        return (struct layout){".", explode ? "." : ",", explode ? "=" : ",", false, false};
    case MCPP_STYLE_MATRIX:
        return (struct layout){";", explode ? ";" : ",", explode ? "=" : ",", !explode, explode};
    case MCPP_STYLE_SPACE_DELIMITED:
        if (!explode)
            return delimited(target, " ", "%20");
        break;
    case MCPP_STYLE_PIPE_DELIMITED:
        if (!explode)
            return delimited(target, "|", "%7C");
        break;
    case MCPP_STYLE_TAB_DELIMITED:
        return delimited(target, "\t", "%09");
    case MCPP_STYLE_SIMPLE:
        return (struct layout){"", ",", explode ? "=" : ",", false, false};
    case MCPP_STYLE_FORM:
    case MCPP_STYLE_DEEP_OBJECT:
    case MCPP_STYLE_JSON:
    case MCPP_STYLE_PART:
        break;
    }
    return (struct layout){"", explode ? target->separator : ",", explode ? "=" : ",",
                           !explode && !target->is_anonymous, explode};
}

static void add_name(struct text *out, const struct style_target *target)
{
    encode_add(out, target->name, target->set == ENCODE_RESERVED ? ENCODE_URI : target->set);
}

static struct slice add_characters(struct text *out, const struct style_target *target,
                                   const struct value *value)
{
    struct slice characters;
    if (!value_characters(value, out->pool, &characters)) {
        out->failed = true;
        return (struct slice){NULL, 0};
    }
    encode_add(out, characters, target->set);
    return characters;
}

/* A member's name is data too, but never with reserved characters left in it. */
static void add_member_name(struct text *out, const struct style_target *target,
                            const struct value *name)
{
    struct style_target strict = *target;
    if (strict.set == ENCODE_RESERVED)
        strict.set = ENCODE_URI;
    add_characters(out, &strict, name);
}

/* `name=value`; with matrix an empty value is `;name` (RFC 6570, 3.2.7). */
static void add_named(struct text *out, const struct style_target *target,
                      const struct value *value)
{
    add_name(out, target);
    size_t before = out->len;
    text_add_byte(out, '=');
    struct slice characters = add_characters(out, target, value);
    if (target->style == MCPP_STYLE_MATRIX && characters.len == 0 && !out->failed)
        out->len = before;
}

static void add_primitive(struct text *out, const struct style_target *target,
                          const struct value *value)
{
    switch (target->style) {
    case MCPP_STYLE_SIMPLE:
        add_characters(out, target, value);
        break;
    case MCPP_STYLE_LABEL:
        text_add_byte(out, '.');
        add_characters(out, target, value);
        break;
    case MCPP_STYLE_MATRIX:
        text_add_byte(out, ';');
        add_named(out, target, value);
        break;
    default:
        if (target->is_anonymous)
            add_characters(out, target, value);
        else
            add_named(out, target, value);
    }
}

static void add_compound(struct text *out, const struct style_target *target,
                         const struct value *value)
{
    struct layout layout = layout_of(target);
    bool is_first = true;
    for (struct value_walk walk = value_first(value); value_next(&walk);) {
        if (value_is_null(&walk.item))
            continue;
        text_add_literal(out, is_first ? layout.before : layout.between);
        if (is_first && layout.has_name) {
            add_name(out, target);
            text_add_byte(out, '=');
        }
        if (walk.has_names) {
            add_member_name(out, target, &walk.name);
            text_add_literal(out, layout.assign);
            add_characters(out, target, &walk.item);
        } else if (layout.repeats_name) {
            add_named(out, target, &walk.item);
        } else {
            add_characters(out, target, &walk.item);
        }
        is_first = false;
    }
}

static void add_bracketed(struct text *out, const struct style_target *target, struct slice prefix,
                          const struct value *value);

/* One member of a deepObject: `prefix[name]` and its value, deeper when that is compound. */
static void add_deep_member(struct text *out, const struct style_target *target,
                            struct slice prefix, const struct value_walk *walk)
{
    struct text name = {.pool = out->pool};
    text_add(&name, prefix);
    if (walk->has_names) {
        text_add_literal(&name, "%5B");
        add_member_name(&name, target, &walk->name);
        text_add_literal(&name, "%5D");
    }
    if (name.failed)
        out->failed = true;
    else
        add_bracketed(out, target, text_slice(&name), &walk->item);
}

static void add_bracketed(struct text *out, const struct style_target *target, struct slice prefix,
                          const struct value *value)
{
    if (value_is_compound(value)) {
        for (struct value_walk walk = value_first(value); value_next(&walk) && !out->failed;)
            add_deep_member(out, target, prefix, &walk);
        return;
    }
    if (value_is_null(value))
        return;
    if (out->len)
        text_add_literal(out, target->separator);
    text_add(out, prefix);
    text_add_byte(out, '=');
    add_characters(out, target, value);
}

static bool add_deep_object(struct text *out, const struct style_target *target,
                            const struct value *value)
{
    struct text name = {.pool = out->pool}, pairs = {.pool = out->pool};
    if (value_node(value)->kind != JSON_OBJECT)
        return false;
    add_name(&name, target);
    add_bracketed(&pairs, target, text_slice(&name), value);
    text_add(out, text_slice(&pairs));
    out->failed = out->failed || name.failed || pairs.failed;
    return true;
}

static void add_json(struct text *out, const struct style_target *target, const struct value *value)
{
    struct text compact = {.pool = out->pool};
    value_add_compact(&compact, value);
    if (!target->is_anonymous) {
        add_name(out, target);
        text_add_byte(out, '=');
    }
    encode_add(out, text_slice(&compact), target->set);
    out->failed = out->failed || compact.failed;
}

bool style_add(struct text *out, const struct style_target *target, const struct value *value)
{
    if (target->style == MCPP_STYLE_JSON)
        add_json(out, target, value);
    else if (target->style == MCPP_STYLE_DEEP_OBJECT)
        return add_deep_object(out, target, value);
    else if (value_is_compound(value))
        add_compound(out, target, value);
    else
        add_primitive(out, target, value);
    return true;
}
