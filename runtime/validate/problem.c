/*
 * Words for problems. What came is shown as it was sent, so escapes stay escapes and a line stays a
 * line; long values are shortened.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/walk.h"

enum { SHOWN_MAX = 80, NEAREST_NAME_MAX = 64 };

/* ---- paths: tags[0].name ---- */

static bool is_plain(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = (unsigned char)name.at[i];
        bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-' &&
            byte != '$' && byte < 0x80)
            return false;
    }
    return name.len > 0;
}

static struct slice shorten(struct slice text)
{
    if (text.len <= SHOWN_MAX)
        return text;
    text.len = SHOWN_MAX;
    while (text.len && ((unsigned char)text.at[text.len] & 0xc0) == 0x80)
        text.len--;
    return text;
}

void problem_add_json(struct text *line, struct slice json)
{
    struct slice shown = shorten(json);
    text_add(line, shown);
    if (shown.len < json.len)
        text_add_literal(line, "…");
}

void problem_add_name(struct text *line, struct slice name)
{
    if (is_plain(name)) {
        problem_add_json(line, name);
    } else {
        text_add_json(line, shorten(name));
    }
}

static struct slice raw_name(const struct instance *name)
{
    struct slice bytes = instance_bytes(name);
    return (struct slice){bytes.at + 1, bytes.len - 2};
}

static void add_step(struct text *line, const struct place *place)
{
    if (!place->name.node) {
        text_add_format(line, "[%u]", place->index);
        return;
    }
    struct slice name = raw_name(&place->name);
    if (!is_plain(name)) {
        text_add_literal(line, "[\"");
        problem_add_json(line, name);
        text_add_literal(line, "\"]");
        return;
    }
    if (place->outside->outside)
        text_add_byte(line, '.');
    problem_add_json(line, name);
}

/* Deep places show their ends: recursion is bounded by what is shown. */
static void add_path(struct text *line, const struct place *place)
{
    enum { STEPS_SHOWN = 12 };
    const struct place *steps[STEPS_SHOWN];
    uint32_t count = 0;
    for (; place->outside && count < STEPS_SHOWN; place = place->outside)
        steps[count++] = place;
    if (place->outside)
        text_add_literal(line, "…");
    while (count)
        add_step(line, steps[--count]);
}

struct text *problem_at(struct walk *walk, const struct place *place, enum nearness nearness)
{
    if (nearness == NEAR_TYPE && place->depth > walk->base)
        nearness = NEAR_REST;
    if (nearness > walk->nearness)
        walk->nearness = nearness;
    if (walk->quiet || walk_is_over(walk))
        return NULL;
    if (++walk->problem_count > VALIDATE_PROBLEMS_MAX || !walk->problems)
        return NULL;
    struct text *line = walk->problems;
    const struct place *shown = place->is_name ? place->outside : place;
    text_add_literal(line, "- ");
    if (place->is_name) {
        text_add_literal(line, "the name ");
        problem_add_json(line, instance_bytes(&place->at));
        text_add_literal(line, shown->outside ? " in " : "");
    }
    add_path(line, shown);
    text_add_literal(line, place->is_name || shown->outside ? ": " : "");
    return line;
}

/* ---- what came ---- */

static void add_value(struct text *line, const struct instance *value)
{
    const struct json_node *node = instance_node(value);
    switch ((enum json_kind)node->kind) {
    case JSON_ARRAY:
        text_add_format(line, "an array of %u item%s", node->count, node->count == 1 ? "" : "s");
        break;
    case JSON_OBJECT:
        text_add_literal(line, "an object");
        break;
    case JSON_STRING:
        text_add_literal(line, "the string ");
        problem_add_json(line, instance_bytes(value));
        break;
    case JSON_NUMBER:
        text_add_literal(line, "the number ");
        problem_add_json(line, instance_bytes(value));
        break;
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE:
        problem_add_json(line, instance_bytes(value));
    }
}

void problem_end(struct text *line)
{
    if (line)
        text_add_byte(line, '\n');
}

void problem_got(struct text *line, const struct place *place)
{
    if (!line)
        return;
    text_add_literal(line, ", got ");
    add_value(line, &place->at);
    problem_end(line);
}

bool problem_expected(struct walk *walk, const struct place *place, enum nearness nearness,
                      const char *expected)
{
    struct text *line = problem_at(walk, place, nearness);
    if (line) {
        text_add_literal(line, "expected ");
        text_add_literal(line, expected);
        problem_got(line, place);
    }
    return false;
}

void problem_add_types(struct text *line, uint32_t types)
{
    static const char *const names[] = {"null",     "a boolean", "an integer", "a number",
                                        "a string", "an array",  "an object"};
    if (types & TYPE_NUMBER)
        types &= ~(uint32_t)TYPE_INTEGER;
    bool is_first = true;
    for (uint32_t i = sizeof names / sizeof names[0]; i-- > 0;) {
        if (!(types & UINT32_C(1) << i))
            continue;
        text_add_literal(line, is_first ? "" : " or ");
        text_add_literal(line, names[i]);
        is_first = false;
    }
    if (is_first)
        text_add_literal(line, "nothing");
}

/* ---- the nearest name ---- */

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

/* Edits between two names; letters of another case cost nothing. */
static uint32_t distance(struct slice left, struct slice right)
{
    uint32_t row[NEAREST_NAME_MAX + 1];
    for (uint32_t i = 0; i <= right.len; i++)
        row[i] = i;
    for (size_t i = 0; i < left.len; i++) {
        uint32_t diagonal = row[0];
        row[0] = (uint32_t)i + 1;
        for (size_t at = 0; at < right.len; at++) {
            uint32_t edits = diagonal + (lower(left.at[i]) != lower(right.at[at]));
            diagonal = row[at + 1];
            if (row[at + 1] + 1 < edits)
                edits = row[at + 1] + 1;
            if (row[at] + 1 < edits)
                edits = row[at] + 1;
            row[at + 1] = edits;
        }
    }
    return row[right.len];
}

const struct schema_member *problem_nearest(const struct schema_member *members, uint32_t count,
                                            struct slice name)
{
    const struct schema_member *nearest = NULL;
    uint32_t best = 3; /* more edits are another name */
    for (uint32_t i = 0; i < count && name.len <= NEAREST_NAME_MAX; i++) {
        if (members[i].name.len > NEAREST_NAME_MAX)
            continue;
        uint32_t edits = distance(name, members[i].name);
        if (edits < best && edits * 2 <= members[i].name.len) {
            best = edits;
            nearest = &members[i];
        }
    }
    return nearest;
}
