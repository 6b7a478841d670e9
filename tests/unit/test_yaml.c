/*
 * Documents from YAML and JSON: scalars, places, aliases, merge keys, what is refused; every case
 * of yaml-test-suite and every real document.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/unit/read_text.h"
#include "tests/unit/yaml_suite.h"

static void check_scalar(const char *plain, const char *wanted)
{
    struct reading reading;
    char text[128];
    snprintf(text, sizeof text, "- %s\n", plain);
    CHECK(read_text(&reading, text));
    struct str actual = dump(&reading);
    size_t start = str_find(actual, '-') + 2;
    actual = str_from(actual, start);
    actual = str_part(actual, 0, str_find(actual, '@') - 1);
    if (!CHECK(str_is(actual, wanted)))
        fprintf(stderr, "    %s: got %.*s, wanted %s\n", plain, STR_ARG(actual), wanted);
    arena_free(&reading.arena);
}

static void test_scalars(void)
{
    static const char *const cases[][2] = {
        {"~", "null"},
        {"null", "null"},
        {"NULL", "null"},
        {"", "null"},
        {"nUll", "\"nUll\""},
        {"true", "true"},
        {"TRUE", "true"},
        {"False", "false"},
        {"yes", "\"yes\""},
        {"on", "\"on\""},
        {"0", "0"},
        {"-0", "-0"},
        {"+5", "5"},
        {"05", "5"},
        {"-007", "-7"},
        {"00", "0"},
        {"1.", "1"},
        {".5", "0.5"},
        {"-.5e3", "-0.5e3"},
        {"1.50", "1.50"},
        {"1.e+3", "1e+3"},
        {"+1E-3", "1e-3"},
        {"1e", "\"1e\""},
        {"1e+", "\"1e+\""},
        {".", "\".\""},
        {"-", "sequence of 1"},
        {"+", "\"+\""},
        {"+.", "\"+.\""},
        {"1_000", "\"1_000\""},
        {"0x1F", "31"},
        {"0o17", "15"},
        {"0x", "\"0x\""},
        {"0o8", "\"0o8\""},
        {"-0x1", "\"-0x1\""},
        {"0xffffffffffffffff", "18446744073709551615"},
        {"12345678901234567890123", "12345678901234567890123"},
        {"2020-01-01", "\"2020-01-01\""},
        {"1.2.3", "\"1.2.3\""},
        {"'5'", "\"5\""},
        {"\"true\"", "\"true\""},
        {"!!str 5", "\"5\""},
        {"! 5", "\"5\""},
        {"!!float 5", "5"},
        {"!!int '7'", "7"},
        {"!!null ''", "null"},
        {".inf.", "\".inf.\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_scalar(cases[i][0], cases[i][1]);
}

static void test_trees(void)
{
    CHECK_TREE("a: 1\nb:\n  - x\n  - [y, {z: }]\n200: ok\non: off\n", "mapping of 4 @1:1\n"
                                                                      "\"a\": 1 @1:4\n"
                                                                      "\"b\": sequence of 2 @3:3\n"
                                                                      "  - \"x\" @3:5\n"
                                                                      "  - sequence of 2 @4:5\n"
                                                                      "    - \"y\" @4:6\n"
                                                                      "    - mapping of 1 @4:9\n"
                                                                      "      \"z\": null @4:13\n"
                                                                      "\"200\": \"ok\" @5:6\n"
                                                                      "\"on\": \"off\" @6:5\n");
    CHECK_TREE("\xef\xbb\xbf\xc3\xa4: \xe2\x82\xac\n\xf0\x9f\x98\x80: [1, \xc3\xbc, 2]\n",
               "mapping of 2 @1:4\n"
               "\"\xc3\xa4\": \"\xe2\x82\xac\" @1:8\n"
               "\"\xf0\x9f\x98\x80\": sequence of 3 @2:7\n"
               "  - 1 @2:8\n"
               "  - \"\xc3\xbc\" @2:11\n"
               "  - 2 @2:15\n");
    CHECK_TREE("\xef\xbb\xbf {\"a\": [1.0, \"x\\u0000y\", true, null],\n \"b\": {}}",
               "mapping of 2 @1:5\n"
               "\"a\": sequence of 4 @1:11\n"
               "  - 1.0 @1:12\n"
               "  - \"x\\u0000y\" @1:17\n"
               "  - true @1:29\n"
               "  - null @1:35\n"
               "\"b\": mapping of 0 @2:7\n");
    CHECK_TREE("a: &x {k: 1}\nb: *x\nc: &x 2\nd: *x\n", "mapping of 4 @1:1\n"
                                                        "\"a\": mapping of 1 @1:4\n"
                                                        "  \"k\": 1 @1:11\n"
                                                        "\"b\": mapping of 1 @1:4\n"
                                                        "  \"k\": 1 @1:11\n"
                                                        "\"c\": 2 @3:4\n"
                                                        "\"d\": 2 @3:4\n");
    CHECK_TREE("a: &a {k: 1, l: 2}\nb: &b {l: 3, m: 4}\nc: {<<: [*a, *b], k: 5}\nd: {'<<': 6}\n",
               "mapping of 4 @1:1\n"
               "\"a\": mapping of 2 @1:4\n"
               "  \"k\": 1 @1:11\n"
               "  \"l\": 2 @1:17\n"
               "\"b\": mapping of 2 @2:4\n"
               "  \"l\": 3 @2:11\n"
               "  \"m\": 4 @2:17\n"
               "\"c\": mapping of 3 @3:4\n"
               "  \"k\": 5 @3:22\n"
               "  \"l\": 2 @1:17\n"
               "  \"m\": 4 @2:17\n"
               "\"d\": mapping of 1 @4:4\n"
               "  \"<<\": 6 @4:11\n");
}

static void test_refused(void)
{
    CHECK_REFUSED("", "1:1 empty-document: the file is empty");
    CHECK_REFUSED("# nothing\n", "1:1 empty-document: the file is empty");
    CHECK_REFUSED("a: 1\nb: 2\na: 3\n", "3:1 duplicate-key: duplicate key 'a'");
    CHECK_REFUSED("{\"a\": 1, \"b\": 2,\n \"\\u0061\": 3}", "2:2 duplicate-key: duplicate key 'a'");
    CHECK_REFUSED("a: 1\n--- \nb: 2\n", "2:1 yaml-documents: a second document in the same file");
    CHECK_REFUSED("? [a]\n: 1\n", "1:3 yaml-key: a sequence as a key");
    CHECK_REFUSED("a: &x y\n*x : 1\n", "2:1 yaml-key: the alias '*x' as a key");
    CHECK_REFUSED("a: *x\n", "1:4 yaml-alias: there is no anchor '&x' before this alias");
    CHECK_REFUSED("a: &x [1, *x]\n",
                  "1:11 yaml-alias: the alias '*x' stands inside its own anchor");
    CHECK_REFUSED("a: !!binary eA==\n",
                  "1:4 yaml-tag: the tag '!!binary' does not belong to the core schema");
    CHECK_REFUSED("a: !mine 1\n",
                  "1:4 yaml-tag: the tag '!mine' does not belong to the core schema");
    CHECK_REFUSED("a: !!int x\n", "1:4 yaml-tag: 'x' does not fit the tag '!!int'");
    CHECK_REFUSED("a: !!seq {}\n", "1:4 yaml-tag: a mapping does not fit the tag '!!seq'");
    CHECK_REFUSED("a: .inf\n", "1:4 bad-number: '.inf' is not finite, which JSON cannot say");
    CHECK_REFUSED("a: 0x10000000000000000\n",
                  "1:4 bad-number: '0x10000000000000000' has more than 64 bits");
    CHECK_REFUSED("a: {<<: 1}\n",
                  "1:5 yaml-merge: the merge key '<<' with something else than mappings");
    CHECK_REFUSED("a: {<<: {}, <<: {}}\n", "1:13 duplicate-key: duplicate key '<<'");
    CHECK_REFUSED("a: [1\nb: 2\n", "2:2 yaml-syntax: did not find expected ',' or ']'");
    CHECK_REFUSED("\xc3\xa4: 1\nb: \xff\n", "2:4 not-utf8: invalid leading UTF-8 octet");
    CHECK_REFUSED("\xff\xfe", "1:1 not-utf8: the text is UTF-16");
    CHECK_REFUSED("a: \x01\n", "1:4 yaml-syntax: control characters are not allowed");
    CHECK_REFUSED("{\"a\":\n 1,}", "2:4 json-syntax: unexpected '}'");
    CHECK_REFUSED("{\"a\": 1", "1:8 json-syntax: unexpected end of file");
}

static void test_notes(void)
{
    struct reading reading;
    read_text(&reading, "a: 1\nb: 2\na: 3\n");
    CHECK_STR(reading.diags.items.at[0].note, "first here");
    CHECK_INT(reading.diags.items.at[0].note_span.start, 0);
    arena_free(&reading.arena);
    read_text(&reading, "{\"x\": {\"a\": {}, \"b\": 1, \"a\": 2}}");
    CHECK_INT(reading.diags.items.at[0].note_span.start, 7);
    CHECK_INT(reading.diags.items.at[0].span.start, 24);
    arena_free(&reading.arena);
}

static void test_many_keys(void)
{
    struct reading reading;
    struct arena arena = {0};
    struct str_builder text = {.arena = &arena};
    for (int i = 0; i < 1000; i++)
        str_add_format(&text, "key%d: %d\n", i, i);
    CHECK(read_bytes(&reading, text.at, text.len));
    CHECK_INT(reading.document.root->count, 1000);
    CHECK_STR(node_get(reading.document.root, "key777")->text, "777");
    CHECK(!node_get(reading.document.root, "key1000"));
    arena_free(&reading.arena);
    str_add_text(&text, "key500: again\n");
    CHECK(!read_bytes(&reading, text.at, text.len));
    CHECK_INT(reading.diags.error_count, 1);
    arena_free(&reading.arena);
    arena_free(&arena);
}

static void test_depth(void)
{
    struct reading reading;
    char text[2 * 20000];
    for (int is_yaml = 0; is_yaml < 2; is_yaml++) {
        for (size_t depth = 99; depth <= 101; depth++) {
            size_t at = 0;
            if (is_yaml)
                text[at++] = '-', text[at++] = ' ';
            memset(text + at, '[', depth - (size_t)is_yaml);
            at += depth - (size_t)is_yaml;
            memset(text + at, ']', depth - (size_t)is_yaml);
            at += depth - (size_t)is_yaml;
            CHECK(read_bytes(&reading, text, at) == (depth <= 100));
            if (depth > 100)
                CHECK(strcmp(reading.diags.items.at[0].slug, "too-deep") == 0);
            arena_free(&reading.arena);
        }
    }
    memset(text, '[', sizeof text);
    text[0] = '-', text[1] = ' ';
    CHECK(!read_bytes(&reading, text, sizeof text));
    arena_free(&reading.arena);
    for (size_t i = 0; i + 1 < sizeof text; i += 2)
        text[i] = '-', text[i + 1] = ' ';
    CHECK(!read_bytes(&reading, text, sizeof text));
    arena_free(&reading.arena);
}

/* Each line doubles what a walk would visit. */
static void test_alias_bomb(void)
{
    struct reading reading;
    struct arena arena = {0};
    for (int lines = 20; lines <= 40; lines += 20) {
        struct str_builder text = {.arena = &arena};
        str_add_text(&text, "a0: &a0 [x, x]\n");
        for (int i = 1; i < lines; i++)
            str_add_format(&text, "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
        CHECK(read_bytes(&reading, text.at, text.len) == (lines == 20));
        if (lines == 40)
            CHECK(strcmp(reading.diags.items.at[0].slug, "too-large") == 0);
        arena_free(&reading.arena);
    }
    arena_free(&arena);
}

/* ---- real data ---- */

/* The suite writes what cannot be seen as visible characters. */
static struct str visible_to_real(struct arena *arena, struct str text)
{
    static const char *const pairs[][2] = {
        {"\xe2\x90\xa3", " "}, {"\xe2\x80\x94\xc2\xbb", "\t"}, {"\xc2\xbb", "\t"},
        {"\xe2\x80\x94", ""},  {"\xe2\x86\x90", "\r"},         {"\xe2\x87\x94", "\xef\xbb\xbf"},
        {"\xe2\x86\xb5", ""},  {"\xe2\x88\x8e\n", ""},
    };
    struct str_builder out = {.arena = arena};
    while (text.len) {
        size_t i = 0;
        while (i < sizeof pairs / sizeof *pairs && !str_starts(text, pairs[i][0]))
            i++;
        bool is_pair = i < sizeof pairs / sizeof *pairs;
        str_add(&out, is_pair ? str_of(pairs[i][1]) : str_part(text, 0, 1));
        text = str_from(text, is_pair ? strlen(pairs[i][0]) : 1);
    }
    return str_built(&out);
}

static bool trees_equal(const struct node *a, const struct node *b)
{
    if (a->kind != b->kind || a->count != b->count || a->is_true != b->is_true)
        return false;
    if (a->kind == NODE_NUMBER)
        return strtod(a->text.at, NULL) == strtod(b->text.at, NULL);
    if (a->kind == NODE_STRING && !str_equal(a->text, b->text))
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct member *member = NULL;
        if (a->kind == NODE_MAPPING && !(member = node_member(b, a->members[i].name)))
            return false;
        if (!trees_equal(a->kind == NODE_MAPPING ? a->members[i].value : a->items[i],
                         member ? member->value : b->items[i]))
            return false;
    }
    return true;
}

struct suite {
    int equal, right_to_refuse, exempt;
};

static const char *const outcome_texts[] = {"is wrong, but accepted", "is right, but refused",
                                            "is read in another way", "cannot be compared"};

/* Everything but "equal" and "rightly refused" must be listed in yaml_suite.h. */
static void check_exemption(struct suite *suite, const char *test, enum suite_outcome outcome,
                            const char *slug)
{
    struct arena arena = {0};
    struct str wanted = str_format(&arena, " %s ", test);
    size_t found = 0, i = 0;
    for (; i < sizeof suite_exemptions / sizeof *suite_exemptions; i++) {
        const struct suite_exemption *exemption = &suite_exemptions[i];
        found += exemption->outcome == outcome && strcmp(exemption->slug, slug) == 0 &&
                 strstr(exemption->tests, wanted.at) != NULL;
    }
    if (!CHECK(found == 1))
        fprintf(stderr, "    yaml-test-suite: %s %s: %s\n", test, outcome_texts[outcome], slug);
    suite->exempt++;
    arena_free(&arena);
}

static void compare_with_json(struct suite *suite, struct reading *file, const char *test,
                              const struct node *json, const struct node *actual)
{
    struct reading wanted;
    struct str_builder wrapped = {.arena = &file->arena};
    str_add_format(&wrapped, "[%.*s]", STR_ARG(node_string(json)));
    bool is_one = read_bytes(&wanted, wrapped.at, wrapped.len) && wanted.document.root->count == 1;
    if (!is_one)
        check_exemption(suite, test, SUITE_UNCOMPARED, "");
    else if (trees_equal(actual, wanted.document.root->items[0]))
        suite->equal++;
    else
        check_exemption(suite, test, SUITE_DIFFERENT, "");
    arena_free(&wanted.arena);
}

static void run_suite_case(struct reading *file, const char *test, const struct node *item,
                           const struct node *json, struct suite *suite)
{
    struct str text = visible_to_real(&file->arena, node_string(node_get(item, "yaml")));
    bool is_bad = node_boolean(node_get(item, "fail"), false);
    struct reading actual;
    bool is_read = read_bytes(&actual, text.at, text.len);
    CHECK(is_read || actual.diags.error_count > 0);
    if (!is_read && is_bad)
        suite->right_to_refuse++;
    else if (!is_read)
        check_exemption(suite, test, SUITE_REFUSED, actual.diags.items.at[0].slug);
    else if (is_bad)
        check_exemption(suite, test, SUITE_ACCEPTED, "");
    else
        compare_with_json(suite, file, test, json, actual.document.root);
    arena_free(&actual.arena);
}

/* A test is named as the suite does: by its file, and by its place where a file has several; one
 * without JSON has that of the test before it. */
static void run_suite_file(struct reading *file, const char *path, struct suite *suite)
{
    const struct node *root = file->document.root;
    const char *name = strrchr(path, '/') + 1;
    int len = (int)strcspn(name, ".");
    const struct node *json = NULL;
    if (!CHECK(root && root->kind == NODE_SEQUENCE))
        return;
    for (uint32_t i = 0; i < root->count; i++) {
        struct str test = root->count == 1
                              ? str_format(&file->arena, "%.*s", len, name)
                              : str_format(&file->arena, "%.*s/%02u", len, name, (unsigned)i);
        const struct node *own = node_get(root->items[i], "json");
        json = own ? own : json;
        if (CHECK(node_get(root->items[i], "yaml")))
            run_suite_case(file, test.at, root->items[i], json, suite);
    }
}

/* Every test that is listed was met: none of them has become right without a word. */
static int count_exemptions(void)
{
    int count = 0;
    for (size_t i = 0; i < sizeof suite_exemptions / sizeof *suite_exemptions; i++) {
        printf("exempt: %s:%s\n", suite_exemptions[i].reason, suite_exemptions[i].tests);
        for (const char *at = suite_exemptions[i].tests; at[1]; at += 1 + strcspn(at + 1, " "))
            count++;
    }
    return count;
}

static struct suite suite;
static int document_count;
static size_t document_bytes;

static void visit_suite_file(const char *name, struct reading *file)
{
    run_suite_file(file, name, &suite);
}

static void visit_document(const char *name, struct reading *file)
{
    if (!CHECK(file->document.root))
        fprintf(stderr, "    %s\n", name);
    diag_print(&file->diags, stderr);
    document_count++;
    document_bytes += file->document.source->text.len;
}

static void read_file(const char *path, void (*visit)(const char *, struct reading *))
{
    struct reading reading = {0};
    const char *error;
    reading.diags.arena = &reading.arena;
    struct source *source = source_read(&reading.arena, path, &error);
    if (CHECK(source)) {
        document_read(source, &reading.arena, &reading.diags, &reading.document);
        visit(path, &reading);
    }
    arena_free(&reading.arena);
}

static void read_folder(const char *path, void (*visit)(const char *, struct reading *))
{
    DIR *entries = opendir(path);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        struct str name = str_of(entry->d_name);
        struct arena arena = {0};
        struct str inner = str_format(&arena, "%s/%s", path, entry->d_name);
        struct stat status;
        if (entry->d_name[0] != '.' && stat(inner.at, &status) == 0 && S_ISDIR(status.st_mode))
            read_folder(inner.at, visit);
        else if (str_ends(name, ".yaml") || str_ends(name, ".yml") || str_ends(name, ".json"))
            read_file(inner.at, visit);
        arena_free(&arena);
    }
    if (entries)
        closedir(entries);
}

static void test_data(const char *data)
{
    struct arena arena = {0};
    read_folder(str_format(&arena, "%s/yaml-test-suite/src", data).at, visit_suite_file);
    printf("yaml-test-suite: %d equal, %d rightly refused, %d exempt\n", suite.equal,
           suite.right_to_refuse, suite.exempt);
    CHECK_INT(suite.exempt, count_exemptions());
    CHECK_INT(suite.equal, 190);
    read_folder(str_format(&arena, "%s/openapi", data).at, visit_document);
    printf("real documents: %d, %zu bytes\n", document_count, document_bytes);
    CHECK(document_count > 25);
    arena_free(&arena);
}

int main(void)
{
    test_scalars();
    test_trees();
    test_refused();
    test_notes();
    test_many_keys();
    test_depth();
    test_alias_bomb();
    const char *data = getenv("MCPP_DATA");
    if (data)
        test_data(data);
    else
        printf("skipped: yaml-test-suite and real documents, MCPP_DATA is not set\n");
    return check_report();
}
