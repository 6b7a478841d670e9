/*
 * Names of tools: usable, unique, and stable when a document grows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"

#include "compiler/lower/tool_name.h"

static struct arena diag_arena;
static struct diag_list diags = {.arena = &diag_arena}; /* stays empty: nothing is wished for */

static struct operation operation(const char *id, const char *method, const char *path)
{
    return (struct operation){.id = str_of(id), .method = str_of(method), .path = str_of(path)};
}

static struct str name_of(struct arena *arena, const char *id, const char *method, const char *path)
{
    struct operation one = operation(id, method, path);
    struct api api = {.operations = &one, .operation_count = 1};
    return tool_names(&api, TOOL_NAME_MAX, arena, &diags)[0];
}

static void test_single_names(struct arena *arena)
{
    CHECK_STR(name_of(arena, "getPetById", "GET", "/pet/{petId}"), "getPetById");
    CHECK_STR(name_of(arena, "root__get", "GET", "/"), "root__get");
    CHECK_STR(name_of(arena, "repos/get", "GET", "/r"), "repos__get");
    CHECK_STR(name_of(arena, "youtube.videos.list", "GET", "/v"), "youtube--videos--list");
    CHECK_STR(name_of(arena, "", "GET", "/pet/{petId}"), "get_pet_by_petId");
    CHECK_STR(name_of(arena, "", "POST", "/pet/{pet_id}/tags"), "post_pet_by_petId_tags");
    CHECK_STR(name_of(arena, "", "GET", "/"), "get");
    CHECK_STR(name_of(arena, "", "DELETE", "/a-b"), "delete_a-b");
    CHECK_STR(name_of(arena, "get pet", "GET", "/pet"), "get_pet_92cbd0");
    CHECK_STR(name_of(arena, "", "GET", "/a.b"), "get_a_b_118457");
    CHECK_STR(name_of(arena, "\xc3\xa9", "GET", "/pet"), "get_pet_92cbd0");
    CHECK_STR(name_of(arena, "", "\xc3\xa9", "\xc3\xa9"), "tool_2e1733");
}

static bool is_usable(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", name.at[i]))
            return false;
    return name.len >= 1 && name.len <= 64;
}

/* Operations whose plain names clash in every way. */
static const struct {
    const char *id, *method, *path;
} clashing[] = {
    {"get/pet", "GET", "/1"},
    {"get.pet", "GET", "/2"},
    {"get pet", "GET", "/3"},
    {"get:pet", "GET", "/4"},
    {"", "GET", "/pet/by/id"},
    {"", "GET", "/pet/{id}"},
    {"", "GET", "/pet/id"},
    {"", "GET", "/a/{b_c}"},
    {"", "GET", "/a/{b}/c"},
    {"", "GET", "/a/b"},
    {"", "GET", "/a_b"},
    {"", "GET", "/a.b"},
    {"", "GET", "/a b"},
    {"", "GET", "/a/"},
    {"", "GET", "/a"},
    {"", "GET", "/a//b"},
    {"", "POST", "/a/b"},
    {"get_pet", "GET", "/5"},
    {"a12345678901234567890123456789012345678901234567890123456789abcde", "GET", "/6"},
    {"a12345678901234567890123456789012345678901234567890123456789abcdf", "GET", "/7"},
    {"/", "GET", "/8"},
    {"__", "GET", "/9"},
    {"a/b", "GET", "/10"},
    {"a/b_c", "GET", "/11"},
    {"a--b", "GET", "/12"},
    {"a.b", "GET", "/13"},
};
enum { CLASHING = sizeof clashing / sizeof clashing[0] };

static void test_unique(struct arena *arena)
{
    struct operation all[CLASHING];
    for (size_t i = 0; i < CLASHING; i++)
        all[i] = operation(clashing[i].id, clashing[i].method, clashing[i].path);
    struct api api = {.operations = all, .operation_count = CLASHING};
    const struct str *names = tool_names(&api, TOOL_NAME_MAX, arena, &diags);
    for (size_t i = 0; i < CLASHING; i++) {
        CHECK(is_usable(names[i]));
        for (size_t other = 0; other < i; other++)
            if (!CHECK(!str_equal(names[i], names[other])))
                fprintf(stderr, "    %.*s\n", STR_ARG(names[i]));
    }
}

/* Operations with one operationId, which no document may have, still become tools of their own, and
 * no name means another one when the order changes or one is added. */
static void test_same_id(struct arena *arena)
{
    struct operation all[] = {operation("get", "GET", "/c"), operation("get", "GET", "/a"),
                              operation("get", "GET", "/b"), operation("get", "GET", "/a")};
    struct api last = {.operations = all, .operation_count = 3};
    struct api first = {.operations = all + 2, .operation_count = 2};
    const struct str *names = tool_names(&last, TOOL_NAME_MAX, arena, &diags);
    const struct str *fewer = tool_names(&first, TOOL_NAME_MAX, arena, &diags);
    CHECK_STR(names[1], "get_03cf2a");
    CHECK(is_usable(names[0]) && is_usable(names[2]) && !str_equal(names[0], names[2]));
    CHECK(str_equal(fewer[0], names[2]) && str_equal(fewer[1], names[1]));
}

/* Any operation has the same name whichever of the others (that clash by rewriting, not by using
 * its very name as an operationId) are in the document, before or after it. */
static void test_stable(struct arena *arena)
{
    for (size_t one = 0; one < CLASHING; one++) {
        struct str alone =
            name_of(arena, clashing[one].id, clashing[one].method, clashing[one].path);
        for (size_t other = 0; other < CLASHING; other++) {
            struct operation two[] = {
                operation(clashing[other].id, clashing[other].method, clashing[other].path),
                operation(clashing[one].id, clashing[one].method, clashing[one].path)};
            struct api api = {.operations = two, .operation_count = 2};
            if (other == one || strcmp(clashing[other].id, str_text(arena, alone)) == 0)
                continue;
            if (!CHECK(str_equal(tool_names(&api, TOOL_NAME_MAX, arena, &diags)[1], alone)))
                fprintf(stderr, "    %.*s\n", STR_ARG(alone));
        }
    }
}

int main(void)
{
    struct arena arena = {0};
    test_single_names(&arena);
    test_unique(&arena);
    test_same_id(&arena);
    test_stable(&arena);
    CHECK_INT(diags.items.count, 0);
    arena_free(&arena);
    return check_report();
}
