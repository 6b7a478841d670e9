/*
 * Counting tools by tag.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/many_tools.h"

#include <stdlib.h>

enum { TAGS_SHOWN_MAX = 12 };

struct tag_count {
    struct str tag;
    uint32_t count;
};

struct tag_counts {
    struct map index; /* tag -> struct tag_count */
    LIST(struct tag_count *) all;
};

static int by_count(const void *left, const void *right)
{
    const struct tag_count *a = *(const struct tag_count *const *)left;
    const struct tag_count *b = *(const struct tag_count *const *)right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return str_compare(a->tag, b->tag);
}

static void count_tag(struct tag_counts *counts, struct str tag)
{
    struct tag_count *found = map_get(&counts->index, tag);
    if (!found) {
        found = arena_new(counts->index.arena, struct tag_count);
        found->tag = tag;
        map_add(&counts->index, tag, found);
        *list_add(counts->index.arena, &counts->all) = found;
    }
    found->count++;
}

/* "store 4, pet 3, no tag 1" */
static struct str summary(struct tag_counts *counts, uint32_t without)
{
    struct str_builder out = {.arena = counts->index.arena};
    if (counts->all.count)
        qsort(counts->all.at, counts->all.count, sizeof *counts->all.at, by_count);
    for (size_t i = 0; i < counts->all.count && i < TAGS_SHOWN_MAX; i++)
        str_add_format(&out, "%s%.*s %u", i ? ", " : "", STR_ARG(counts->all.at[i]->tag),
                       counts->all.at[i]->count);
    if (counts->all.count > TAGS_SHOWN_MAX)
        str_add_format(&out, ", %zu more tags", counts->all.count - TAGS_SHOWN_MAX);
    if (without)
        str_add_format(&out, "%sno tag %u", out.len ? ", " : "", without);
    return str_built(&out);
}

void many_tools_check(const struct policy *policy, uint32_t max, struct diag_list *diags)
{
    struct tag_counts counts = {.index = {.arena = diags->arena}};
    uint32_t without = 0;
    if (policy->tool_count <= max)
        return;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct operation *operation = policy->tools[i].operation;
        for (uint32_t at = 0; at < operation->tag_count; at++)
            count_tag(&counts, operation->tags[at]);
        without += operation->tag_count == 0;
    }
    struct diag *diag = diag_warning(diags, "many-tools", (struct span){0},
                                     "%u tools are more than %u; by tag: %.*s", policy->tool_count,
                                     max, STR_ARG(summary(&counts, without)));
    diag_help(diags, diag,
              "select fewer with --include or --exclude (tag:NAME, path:/pets/**, method:GET), or "
              "omit them in the policy");
}
