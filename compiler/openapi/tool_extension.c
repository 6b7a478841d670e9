/*
 * Reading x-mcp. What cannot be understood keeps an operation from becoming a tool: somebody meant
 * to say something about it. The operation's own word counts first, then that of its path item, its
 * tags (one that is off is enough) and the document.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/tool_extension.h"

enum word { WORD_NONE, WORD_ON, WORD_OFF };

/* What one x-mcp says about whether there is to be a tool. */
struct decision {
    enum word word;
    struct str reason; /* WORD_OFF */
};

struct tool_defaults {
    struct map tags; /* name -> struct decision */
    struct decision document;
};

/* Which name the extension goes by, and its member that decides. */
struct spelling {
    const char *name, *member;
    bool is_off; /* what `member: true` means */
    const char *known;
};

static const struct spelling spellings[] = {
    {"x-mcp", "enabled", false, " enabled name title description "},
    {"x-speakeasy-mcp", "disabled", true, " disabled name title description "},
};

static const struct member *find(const struct node *node, const struct spelling **spelling)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        const struct member *member = node_member(node, str_of(spellings[i].name));
        *spelling = &spellings[i];
        if (member)
            return member;
    }
    return NULL;
}

static struct decision decide(struct build *build, bool is_on, const char *format,
                              const struct spelling *spelling, const char *where)
{
    struct decision decision = {.word = is_on ? WORD_ON : WORD_OFF};
    if (!is_on)
        decision.reason = str_format(build->arena, format, spelling->name, where);
    return decision;
}

static struct decision refuse(struct build *build, const struct spelling *spelling,
                              const struct node *value, const char *wanted, const char *where)
{
    build_diag_warning(build, "bad-extension", value->span,
                       "'%s' is %s, not %s; it counts as 'no tool'", spelling->name,
                       node_kind_name(value->kind), wanted);
    return decide(build, false, "%s that cannot be understood%s", spelling, where);
}

static struct decision read_mapping(struct build *build, const struct spelling *spelling,
                                    const struct node *mapping, const char *where)
{
    const struct node *value = node_get(mapping, spelling->member);
    if (!value)
        return (struct decision){.word = WORD_NONE};
    if (value->kind != NODE_BOOLEAN) {
        build_diag_warning(build, "bad-extension", value->span,
                           "'%s' in '%s' is %s, not a boolean; it counts as 'no tool'",
                           spelling->member, spelling->name, node_kind_name(value->kind));
        return decide(build, false, "%s that cannot be understood%s", spelling, where);
    }
    bool is_on = value->is_true != spelling->is_off;
    return decide(build, is_on, spelling->is_off ? "%s: disabled%s" : "%s: enabled: false%s",
                  spelling, where);
}

/* `where` is the end of the reason: " on the path". */
static struct decision read_decision(struct build *build, const struct node *node,
                                     const char *where)
{
    const struct spelling *spelling;
    const struct member *member = find(node, &spelling);
    const struct node *value = member ? build_embedded(build, member->value) : NULL;
    if (!value)
        return (struct decision){.word = WORD_NONE};
    if (value->kind == NODE_MAPPING)
        return read_mapping(build, spelling, value, where);
    if (value->kind == NODE_BOOLEAN && !spelling->is_off)
        return decide(build, value->is_true, "%s: false%s", spelling, where);
    return refuse(build, spelling, value, spelling->is_off ? "a mapping" : "a boolean or a mapping",
                  where);
}

static struct decision read_default(struct build *build, const struct node *node, const char *what,
                                    const char *where)
{
    const struct spelling *spelling;
    const struct member *member = find(node, &spelling);
    const struct node *value = member ? build_embedded(build, member->value) : NULL;
    if (value && value->kind == NODE_MAPPING)
        build_check_members(build, value, what, spelling->is_off ? " disabled " : " enabled ");
    return read_decision(build, node, where);
}

void tool_extension_read_defaults(struct build *build)
{
    struct tool_defaults *defaults = arena_new(build->arena, struct tool_defaults);
    const struct node *tags = node_get(build->root, "tags");
    defaults->tags.arena = build->arena;
    defaults->document =
        read_default(build, build->root, "the x-mcp of a document", " in the document");
    for (uint32_t i = 0; tags && tags->kind == NODE_SEQUENCE && i < tags->count; i++) {
        struct str name = node_string(node_get(tags->items[i], "name"));
        struct str where = str_format(build->arena, " on the tag %.*s", STR_ARG(name));
        struct decision *decision = arena_new(build->arena, struct decision);
        *decision = read_default(build, tags->items[i], "the x-mcp of a tag", where.at);
        if (name.len && decision->word != WORD_NONE)
            map_add(&defaults->tags, name, decision);
    }
    build->tool_defaults = defaults;
}

static struct decision decision_of_tags(const struct build *build,
                                        const struct operation *operation)
{
    struct decision decision = {.word = WORD_NONE};
    for (uint32_t i = 0; i < operation->tag_count; i++) {
        const struct decision *tag = map_get(&build->tool_defaults->tags, operation->tags[i]);
        if (tag && decision.word != WORD_OFF)
            decision = *tag;
    }
    return decision;
}

static void read_texts(struct build *build, const struct node *node, struct tool_wish *wish)
{
    const struct spelling *spelling;
    const struct member *member = find(node, &spelling);
    const struct node *mapping = member ? build_embedded(build, member->value) : NULL;
    if (!mapping || mapping->kind != NODE_MAPPING)
        return;
    build_check_members(build, mapping, spelling->is_off ? "'x-speakeasy-mcp' for mcpc" : "'x-mcp'",
                        spelling->known);
    wish->name = build_string(build, mapping, "name");
    wish->title = build_string(build, mapping, "title");
    wish->description = build_string(build, mapping, "description");
    const struct node *name = node_get(mapping, "name");
    wish->name_span = name ? name->span : mapping->span;
}

void tool_extension_read(struct build *build, const struct node *node, const struct node *path_item,
                         struct operation *operation)
{
    struct decision decision = read_decision(build, node, "");
    if (decision.word == WORD_NONE)
        decision = read_default(build, path_item, "the x-mcp of a path item", " on the path");
    if (decision.word == WORD_NONE)
        decision = decision_of_tags(build, operation);
    if (decision.word == WORD_NONE)
        decision = build->tool_defaults->document;
    operation->wish.omitted = decision.reason;
    read_texts(build, node, &operation->wish);
}
