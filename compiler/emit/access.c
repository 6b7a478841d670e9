/*
 * Facts, needs and credentials as C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/emit/access.h"

#include "compiler/emit/c_text.h"
#include "compiler/emit/part.h"
#include "compiler/tables/facts.h"

/* ---- sets ---- */

/* One word of a set: `BIT(READ_PETS) | BIT(WRITE_PETS)`, over several lines when it is long. */
static struct str word_text(const struct tables *tables, const uint64_t *set, uint32_t word,
                            struct arena *arena)
{
    enum { WIDTH_MAX = 60 };
    struct str_builder out = {.arena = arena};
    size_t line_start = 0;
    for (uint32_t i = 0; i < 64; i++) {
        if (!(set[word] >> i & 1))
            continue;
        if (out.len - line_start > WIDTH_MAX) {
            str_add_text(&out, " |\n        ");
            line_start = out.len;
        } else if (out.len) {
            str_add_text(&out, " | ");
        }
        str_add_format(&out, "BIT(%.*s)", STR_ARG(tables->fact_identifiers[word * 64 + i]));
    }
    return str_built(&out);
}

/* A set that is narrow is one word, listed; of a wide one only the words that are not zero are
 * written, by their index. `set_index` says where in the array the set begins. */
static void add_set(const struct tables *tables, const uint64_t *set, uint32_t set_index,
                    struct str_builder *out)
{
    uint32_t words = tables->policy.fact_words;
    bool is_empty = true;
    for (uint32_t word = 0; word < words; word++) {
        struct str text = word_text(tables, set, word, out->arena);
        if (text.len == 0)
            continue;
        str_add_text(out, is_empty ? "" : ", ");
        is_empty = false;
        if (words > 1 && set_index)
            str_add_format(out, "[%u * FACT_WORDS + %u] = ", set_index, word);
        else if (words > 1)
            str_add_format(out, "[%u] = ", word);
        str_add(out, text);
    }
    if (is_empty && words > 1)
        str_add_format(out, "[%u * FACT_WORDS] = 0", set_index);
    else if (is_empty)
        str_add_text(out, "0");
}

/* ---- facts ---- */

static void add_fact(const struct emission *emission, uint32_t index, struct str_builder *out)
{
    static const char *const kinds[] = {
        [MCPP_FACT_TOKEN] = "MCPP_FACT_TOKEN",         [MCPP_FACT_SCOPE] = "MCPP_FACT_SCOPE",
        [MCPP_FACT_ROLE] = "MCPP_FACT_ROLE",           [MCPP_FACT_VERIFIER] = "MCPP_FACT_VERIFIER",
        [MCPP_FACT_TRANSPORT] = "MCPP_FACT_TRANSPORT", [MCPP_FACT_CLAIM] = "MCPP_FACT_CLAIM"};
    const struct tables *tables = emission->tables;
    const struct mcpp_fact *fact = &tables->policy.facts[index];
    part_statement(emission, fact_origin(tables->facts.atoms, index), 4, out);
    str_add_format(out, "    [%.*s] = {%s, ", STR_ARG(tables->fact_identifiers[index]),
                   kinds[fact->kind]);
    c_text_literal(str_of(fact->name), out);
    str_add_text(out, ", ");
    c_text_wrapped(str_of(fact->description), 8, out);
    str_add_text(out, ",\n        .implies = (const uint64_t[FACT_WORDS]){");
    add_set(tables, fact->implies, 0, out);
    str_add_byte(out, '}');
    if (fact->kind == MCPP_FACT_CLAIM)
        str_add_format(out, ",\n        .test = %.*s",
                       STR_ARG(tables->test_identifiers[fact->test]));
    str_add_text(out, "},\n");
}

void emit_facts(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    str_add_text(out, "/* What can be known about a caller. */\n");
    part_enum(tables->fact_identifiers, tables->policy.fact_count, "FACT_COUNT", out);
    str_add_text(out, "enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };\n"
                      "#define BIT(fact) (UINT64_C(1) << (fact) % 64)\n\n");
    str_add_text(out, "static const struct mcpp_fact facts[] = {\n");
    for (uint32_t i = 0; i < tables->policy.fact_count; i++)
        add_fact(emission, i, out);
    str_add_text(out, "};\n\n");
}

/* ---- needs ---- */

static void add_group(const struct tables *tables, const struct fact_set_group *group,
                      struct str_builder *out)
{
    uint32_t words = tables->policy.fact_words, count = group->any_of.count;
    str_add_format(out, "static const uint64_t %.*s[", STR_ARG(group->identifier));
    if (count > 1)
        str_add_format(out, "%u * ", count);
    str_add_text(out, "FACT_WORDS] = {");
    for (uint32_t i = 0; i < count; i++) {
        str_add_text(out, count > 1 ? "\n    " : "");
        add_set(tables, group->any_of.sets + (size_t)i * words, i, out);
        str_add_text(out, count > 1 ? "," : "");
    }
    str_add_text(out, count > 1 ? "\n};\n" : "};\n");
}

static void add_challenges(const struct tables *tables, struct str_builder *out)
{
    uint32_t count = tables->group_count;
    struct str *enumerators = arena_array(out->arena, count, sizeof *enumerators);
    for (uint32_t i = 0; i < count; i++)
        enumerators[i] = tables->groups[i].enumerator;
    part_enum(enumerators, count, "CHALLENGE_COUNT", out);
    str_add_text(out, "static const struct mcpp_any_of challenges[] = {\n");
    for (uint32_t i = 0; i < count; i++) {
        const struct fact_set_group *group = &tables->groups[i];
        str_add_format(out, "    [%.*s] = {%u, %.*s},\n", STR_ARG(group->enumerator),
                       group->any_of.count,
                       STR_ARG(group->any_of.count ? group->identifier : STR("NULL")));
    }
    str_add_text(out, "};\n\n");
}

void emit_needs(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    if (tables->group_count == 0)
        return;
    str_add_text(
        out, "/* What callers are told that tools need: alternatives of scopes to hold together,\n"
             " * the cheapest first. */\n");
    for (uint32_t i = 0; i < tables->group_count; i++)
        if (tables->groups[i].any_of.count)
            add_group(tables, &tables->groups[i], out);
    str_add_byte(out, '\n');
    add_challenges(tables, out);
}
