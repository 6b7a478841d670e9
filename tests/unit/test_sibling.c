/*
 * Siblings: which operations the tables list for a tool, and what the runtime takes for one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/tables/sibling.h"
#include "runtime/backend/sibling.h"
#include "tests/unit/check.h"

static const char *const paths[] = {
    "/pets/{id}",    "/pets/secret",    "/pets/{id}.json",  "/pets/{a}/{b}",
    "/pets/Me/keys", "/orders/{id}",    "/pets/x?fixed=1",  "/other/secret",
    "/{any}/list",   "/pets/list#more", "/plain/path/only", "/pets/{name}",
};

enum { COUNT = sizeof paths / sizeof paths[0] };

static struct siblings find(struct arena *arena, const char *path)
{
    struct operation *operations = arena_array(arena, COUNT, sizeof *operations);
    struct api api = {.operations = operations, .operation_count = COUNT};
    for (unsigned i = 0; i < COUNT; i++)
        operations[i] = (struct operation){.method = STR("GET"), .path = str_of(paths[i])};
    struct sibling_index *index = sibling_index_build(&api, arena);
    struct operation wanted = {.method = STR("GET"), .path = str_of(path)};
    return siblings_of(index, &wanted);
}

static void test_tables(void)
{
    struct arena arena = {0};
    struct siblings found = find(&arena, "/pets/{id}");
    CHECK_INT(found.count, 5);
    if (found.count == 5) {
        CHECK_STR(found.paths[0], "/pets/secret");
        CHECK_STR(found.paths[1], "/pets/{id}.json");
        CHECK_STR(found.paths[2], "/pets/x");
        CHECK_STR(found.paths[3], "/{any}/list");
        CHECK_STR(found.paths[4], "/pets/list");
    }
    found = find(&arena, "/pets/{a}/{b}");
    CHECK_INT(found.count, 1);
    found = find(&arena, "/{any}/list");
    CHECK_INT(found.count, 4);
    CHECK_INT(find(&arena, "/pets/secret").count, 0);
    CHECK_INT(find(&arena, "/orders/{id}").count, 1); /* "/{any}/list" */
    CHECK_INT(find(&arena, "/plain/{b}/only").count, 1);
    struct operation other = {.method = STR("PUT"), .path = STR("/pets/{id}")};
    struct api none = {0};
    CHECK_INT(siblings_of(sibling_index_build(&none, &arena), &other).count, 0);
    arena_free(&arena);
}

static bool is_named(const char *template, const char *path)
{
    struct mcpp_tool tool = {.siblings = &template, .sibling_count = 1};
    return sibling_named(&tool, slice_of(path)) != NULL;
}

static void test_runtime(void)
{
    CHECK(is_named("/pets/secret", "/pets/secret"));
    CHECK(is_named("/pets/secret", "/pets/s%65cret"));
    CHECK(is_named("/pets/secret", "/PETS/Secret"));
    CHECK(is_named("/my%20pets/x", "/my%20pets/x"));
    CHECK(is_named("/pets/{id}.json", "/pets/7.json"));
    CHECK(is_named("/pets/{id}.json", "/pets/a.json.json"));
    CHECK(is_named("/p/{a}-{b}-c", "/p/1-2-3-c"));
    CHECK(is_named("/p/{a}/keys", "/p/any%2Fthing/keys"));
    CHECK(is_named("/p/x%", "/p/x%"));
    CHECK(!is_named("/pets/secret", "/pets/secrets"));
    CHECK(!is_named("/pets/secret", "/pets/secre"));
    CHECK(!is_named("/pets/secret", "/pets/secret/x"));
    CHECK(!is_named("/pets/secret/x", "/pets/secret"));
    CHECK(!is_named("/pets/{id}.json", "/pets/7.xml"));
    CHECK(!is_named("/p/{a}-{b}-c", "/p/1-c"));
    struct mcpp_tool none = {0};
    CHECK(!sibling_named(&none, SLICE("/pets/secret")));
}

int main(void)
{
    test_tables();
    test_runtime();
    return check_report();
}
