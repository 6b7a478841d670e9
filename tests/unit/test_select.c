/*
 * Patterns, selectors, names that x-mcp asks for, short names, and shortened descriptions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/select.h"

#include "compiler/base/glob.h"
#include "compiler/lower/tool_block.h"
#include "compiler/lower/tool_name.h"
#include "tests/unit/api_fixture.h"

static bool matches(const char *pattern, const char *text, bool is_path)
{
    return glob_matches(str_of(pattern), str_of(text), is_path);
}

static void test_patterns(void)
{
    CHECK(matches("pets", "pets", false));
    CHECK(!matches("pets", "pet", false));
    CHECK(!matches("pet", "pets", false));
    CHECK(matches("", "", false));
    CHECK(matches("get*", "getPet", false));
    CHECK(matches("*Pet*", "getPetById", false));
    CHECK(matches("*", "", false));
    CHECK(matches("g?t", "get", false));
    CHECK(matches("caf?", "caf\xc3\xa9", false));
    CHECK(!matches("caf?", "caf", false));
    CHECK(!matches("caf?x", "caf\xc3\xa9", false));
    CHECK(matches("a*/b", "a/x/b", false));
    CHECK(!matches("/a/*", "/a/b/c", true));
    CHECK(matches("/a/*", "/a/b", true));
    CHECK(matches("/a/**", "/a/b/c", true));
    CHECK(matches("/a/**", "/a", true));
    CHECK(!matches("/a/**", "/ab", true));
    CHECK(!matches("/a?b", "/a/b", true));
    CHECK(matches("/**/c", "/a/b/c", true));
    CHECK(matches("/pets/{petId}", "/pets/{petId}", true));
    CHECK(matches("**", "/x/y", true));
    CHECK(matches("/*/b", "/a/b", true));
    CHECK(!matches("/*/b", "/a/x/b", true));
}

/* As long as it could be slow: must be over in no time. */
static void test_no_pattern_is_slow(void)
{
    char text[5000], pattern[GLOB_PATTERN_MAX + 2];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = i % 2 ? 'a' : '*';
    struct str all = {text, sizeof text};
    CHECK(glob_matches((struct str){pattern, GLOB_PATTERN_MAX}, all, false));
    pattern[GLOB_PATTERN_MAX - 1] = 'b';
    CHECK(!glob_matches((struct str){pattern, GLOB_PATTERN_MAX}, all, false));
    CHECK(!glob_matches((struct str){pattern, GLOB_PATTERN_MAX + 1}, all, false));
}

static const char document[] =
    API_HEAD("3.1.0") "paths:\n"
                      "  /pets:\n"
                      "    get: {operationId: listPets, tags: [pets], responses: {}}\n"
                      "    post: {operationId: addPet, tags: [pets, 'a, b'], responses: {}}\n"
                      "  /pets/{id}:\n"
                      "    get: {operationId: getPet, tags: [pets], responses: {}}\n"
                      "  /health:\n"
                      "    get: {responses: {}}\n";

/* Which operations are left out, one letter each: '-' is left out. */
static void check_selection(const char *const *includes, const char *const *excludes,
                            const char *wanted, int line)
{
    struct fixture fixture;
    struct selection selection = {.includes = includes, .excludes = excludes};
    fixture_read(&fixture, document);
    while (includes[selection.include_count])
        selection.include_count++;
    while (excludes[selection.exclude_count])
        selection.exclude_count++;
    const struct str *reasons =
        select_operations(&fixture.api, &selection, &fixture.arena, &fixture.diags);
    char actual[8] = "refused";
    for (uint32_t i = 0; reasons && i < fixture.api.operation_count; i++) {
        actual[i] = reasons[i].len ? '-' : '+';
        actual[i + 1] = '\0';
    }
    if (!check_that(strcmp(actual, wanted) == 0, __FILE__, line, wanted))
        fprintf(stderr, "    got '%s'\n", actual);
    check_that((reasons == NULL) == (fixture.diags.error_count != 0), __FILE__, line, "reported");
    arena_free(&fixture.arena);
}
#define CHECK_SELECTION(includes, excludes, wanted) \
    check_selection((includes), (excludes), (wanted), __LINE__)

static const char *const none[] = {NULL};

static void test_selection(void)
{
    const char *tag[] = {"tag:pets", NULL}, *both[] = {"tag:pets,method:get", NULL};
    const char *comma[] = {"tag:a, b", NULL}, *comma_and[] = {"tag:a, b,id:add*", NULL};
    const char *path[] = {"path:/pets/**", NULL}, *two[] = {"id:addPet", "path:/health", NULL};
    const char *post[] = {"method:POST", NULL}, *unknown[] = {"tag:dogs", NULL};
    const char *bare[] = {"pets", NULL}, *empty[] = {"tag:", NULL};
    const char *apart[] = {"id:addPet,method:get", NULL}, *half[] = {"tag:pets,", NULL};
    CHECK_SELECTION(none, none, "++++");
    CHECK_SELECTION(tag, none, "+++-");
    CHECK_SELECTION(both, none, "+-+-");
    CHECK_SELECTION(comma, none, "-+--");
    CHECK_SELECTION(comma_and, none, "-+--");
    CHECK_SELECTION(path, none, "+++-");
    CHECK_SELECTION(two, none, "-+-+");
    CHECK_SELECTION(none, post, "+-++");
    CHECK_SELECTION(tag, post, "+-+-");
    CHECK_SELECTION(tag, unknown, "refused");
    CHECK_SELECTION(unknown, none, "refused");
    CHECK_SELECTION(bare, none, "refused");
    CHECK_SELECTION(empty, none, "refused");
    CHECK_SELECTION(apart, none, "refused");
    CHECK_SELECTION(half, none, "refused");
}

static void test_messages(void)
{
    struct fixture fixture;
    const char *wrong[] = {"tag:pest"};
    struct selection selection = {.excludes = wrong, .exclude_count = 1};
    fixture_read(&fixture, document);
    CHECK(!select_operations(&fixture.api, &selection, &fixture.arena, &fixture.diags));
    const struct diag *diag = &fixture.diags.items.at[fixture.diags.items.count - 1];
    CHECK_STR(diag->message, "--exclude 'tag:pest' selects no operation");
    CHECK_STR(diag->help, "there is a tag with a similar name: 'pets'");
    arena_free(&fixture.arena);
}

/* ---- names ---- */

static void test_wished_names(void)
{
    struct operation operations[] = {
        {.id = STR("taken"), .method = STR("GET"), .path = STR("/a")},
        {.id = STR("b"), .method = STR("GET"), .path = STR("/b"), .wish = {.name = STR("taken")}},
        {.id = STR("c"), .method = STR("GET"), .path = STR("/c")},
        {.id = STR("d"), .method = STR("GET"), .path = STR("/d"), .wish = {.name = STR("no t")}},
        {.id = STR("e"), .method = STR("GET"), .path = STR("/e"), .wish = {.name = STR("twice")}},
        {.id = STR("f"), .method = STR("GET"), .path = STR("/f"), .wish = {.name = STR("twice")}},
    };
    struct api api = {.operations = operations, .operation_count = 6};
    struct arena arena = {0};
    struct diag_list diags = {.arena = &arena};
    const struct str *names = tool_names(&api, TOOL_NAME_MAX, &arena, &diags);
    CHECK_STR(names[1], "taken");
    CHECK_STR(names[2], "c");
    CHECK_STR(names[3], "d");
    CHECK(str_starts(names[0], "taken_"));
    CHECK_INT(names[0].len, 12);
    CHECK_STR(names[4], "e"); /* neither: whichever had it could lose it to the other */
    CHECK_STR(names[5], "f");
    CHECK_INT(diags.warning_count, 2);
    CHECK_STR(str_of(diags.items.at[0].slug), "bad-tool-name");
    CHECK_STR(str_of(diags.items.at[1].slug), "duplicate-tool-name");
    arena_free(&arena);
}

/* Hundreds of operations find short names of their own, and keep them when others come. */
static void test_short_names(void)
{
    enum { COUNT = 600 };
    static struct operation operations[COUNT];
    struct arena arena = {0};
    struct diag_list diags = {.arena = &arena};
    for (int i = 0; i < COUNT; i++)
        operations[i] = (struct operation){.method = STR("GET"),
                                           .path = str_format(&arena, "/things/%d/parts", i)};
    for (uint32_t max = TOOL_NAME_MIN; max <= 20; max += 3) {
        struct api all = {.operations = operations, .operation_count = COUNT};
        struct api some = {.operations = operations, .operation_count = COUNT / 2};
        struct map seen = {.arena = &arena};
        const struct str *names = tool_names(&all, max, &arena, &diags);
        const struct str *fewer = tool_names(&some, max, &arena, &diags);
        bool are_good = true;
        for (int i = 0; i < COUNT; i++)
            are_good = are_good && names[i].len > 0 && names[i].len <= max &&
                       !map_add(&seen, names[i], &operations[i]) &&
                       (i >= COUNT / 2 || str_equal(names[i], fewer[i]));
        CHECK(are_good);
    }
    arena_free(&arena);
}

/* ---- descriptions ---- */

static void check_shortened(const char *text, size_t max, const char *wanted, int line)
{
    struct arena arena = {0};
    struct str actual = tool_block_shortened(&arena, str_of(text), max);
    if (!check_that(str_is(actual, wanted), __FILE__, line, wanted))
        fprintf(stderr, "    got '%.*s'\n", STR_ARG(actual));
    arena_free(&arena);
}
#define CHECK_SHORTENED(text, max, wanted) check_shortened((text), (max), (wanted), __LINE__)

static void test_shortening(void)
{
    CHECK_SHORTENED("Short.", 0, "Short.");
    CHECK_SHORTENED("Short.", 6, "Short.");
    CHECK_SHORTENED("Short. \n", 6, "Short.");
    CHECK_SHORTENED("One sentence. Another one.", 20, "One sentence.");
    CHECK_SHORTENED("One. Another sentence that is long.", 20, "One. Another…");
    CHECK_SHORTENED("Version 1.2 of everything there is", 20, "Version 1.2 of…");
    CHECK_SHORTENED("Donaudampfschifffahrtsgesellschaft", 16, "Donaudampfschif…");
    CHECK_SHORTENED("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 4, "\xc3\xa9\xc3\xa9\xc3\xa9…");
    CHECK_SHORTENED("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 4, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");
}

int main(void)
{
    test_patterns();
    test_no_pattern_is_slow();
    test_selection();
    test_messages();
    test_wished_names();
    test_short_names();
    test_shortening();
    return check_report();
}
