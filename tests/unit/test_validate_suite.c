/*
 * The JSON-Schema-Test-Suite (draft 2020-12) through the compiler and the walk. What is not
 * supported is listed in schema_suite.h by name; anything else must agree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <stdlib.h>

#include "runtime/validate/validate.h"
#include "tests/unit/check.h"
#include "tests/unit/schema_suite.h"

struct file {
    const char *name;
    uint32_t passed, skipped;
};

static struct file files[] = {
    {"additionalProperties", 0, 0},
    {"allOf", 0, 0},
    {"anyOf", 0, 0},
    {"boolean_schema", 0, 0},
    {"const", 0, 0},
    {"contains", 0, 0},
    {"content", 0, 0},
    {"default", 0, 0},
    {"dependentRequired", 0, 0},
    {"dependentSchemas", 0, 0},
    {"enum", 0, 0},
    {"exclusiveMaximum", 0, 0},
    {"exclusiveMinimum", 0, 0},
    {"if-then-else", 0, 0},
    {"infinite-loop-detection", 0, 0},
    {"items", 0, 0},
    {"maxContains", 0, 0},
    {"maxItems", 0, 0},
    {"maxLength", 0, 0},
    {"maxProperties", 0, 0},
    {"maximum", 0, 0},
    {"minContains", 0, 0},
    {"minItems", 0, 0},
    {"minLength", 0, 0},
    {"minProperties", 0, 0},
    {"minimum", 0, 0},
    {"multipleOf", 0, 0},
    {"not", 0, 0},
    {"oneOf", 0, 0},
    {"pattern", 0, 0},
    {"patternProperties", 0, 0},
    {"prefixItems", 0, 0},
    {"properties", 0, 0},
    {"propertyNames", 0, 0},
    {"ref", 0, 0},
    {"required", 0, 0},
    {"type", 0, 0},
    {"unevaluatedItems", 0, 0},
    {"unevaluatedProperties", 0, 0},
    {"uniqueItems", 0, 0},
    {"optional/bignum", 0, 0},
    {"optional/ecmascript-regex", 0, 0},
    {"optional/float-overflow", 0, 0},
    {"optional/no-schema", 0, 0},
    {"optional/non-bmp-regex", 0, 0},
    {"optional/refOfUnknownKeyword", 0, 0},
    {"optional/unknownKeyword", 0, 0},
    {"optional/format/date", 0, 0},
    {"optional/format/date-time", 0, 0},
    {"optional/format/time", 0, 0},
    {"optional/format/uuid", 0, 0},
    {"optional/format/ipv4", 0, 0},
    {"optional/format/ipv6", 0, 0},
    {"optional/format/unknown", 0, 0},
};

static struct pool *pool;
static size_t unused_group_count;

static struct instance member(const struct instance *object, const char *name)
{
    struct allowance allowance = {.pool = pool, .steps = UINT64_MAX};
    struct instance out = *object;
    CHECK(instance_member(object, slice_of(name), &allowance, &out));
    return out;
}

static bool is_unused(const struct file *file, const struct instance *group)
{
    struct instance description = member(group, "description");
    struct slice text = instance_bytes(&description); /* in its quotes */
    text = (struct slice){text.at + 1, text.len - 2};
    for (size_t i = 0; i < sizeof unused_groups / sizeof unused_groups[0]; i++)
        if (strcmp(unused_groups[i].file, file->name) == 0 &&
            slice_is(text, unused_groups[i].description))
            return true;
    return false;
}

static void complain(const struct file *file, const struct instance *group,
                     const struct instance *test)
{
    struct instance name = member(group, "description"), what = member(test, "description");
    fprintf(stderr, "    %s: %.*s: %.*s\n", file->name, SLICE_ARG(instance_bytes(&name)),
            SLICE_ARG(instance_bytes(&what)));
}

static void run_group(struct file *file, const struct instance *group)
{
    struct instance text = member(group, "schema"), tests = member(group, "tests");
    struct pool *keep = pool_open(SIZE_MAX);
    struct schema schema;
    bool is_run = !is_unused(file, group);
    unused_group_count += !is_run;
    if (is_run && !CHECK(schema_compile(instance_bytes(&text), keep, &schema) == SCHEMA_COMPILED)) {
        is_run = false;
        fprintf(stderr, "    %s: %.*s\n", file->name, SLICE_ARG(instance_bytes(&text)));
    }
    for (struct instance_walk walk = instance_first(&tests); instance_next(&walk);) {
        if (!is_run) {
            file->skipped++;
            continue;
        }
        struct instance data = member(&walk.item, "data"), valid = member(&walk.item, "valid");
        struct text problems = {.pool = keep};
        enum validate_result wanted =
            instance_node(&valid)->kind == JSON_TRUE ? VALIDATE_FITS : VALIDATE_DIFFERS;
        bool agrees = CHECK(validate_value(&schema, &data, keep, &problems) == wanted) &&
                      CHECK((wanted == VALIDATE_FITS) == (problems.len == 0));
        if (!agrees)
            complain(file, group, &walk.item);
        file->passed += agrees;
    }
    pool_close(keep);
}

static char *read_file(const char *path, size_t *size)
{
    enum { FILE_MAX = 1 << 20 };
    FILE *file = fopen(path, "rb");
    char *text = file ? malloc(FILE_MAX) : NULL;
    if (!text)
        return NULL;
    *size = fread(text, 1, FILE_MAX - 1, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context, (void)old_size;
    return realloc(nodes, new_size);
}

static void run_file(struct file *file, const char *folder)
{
    char path[1000];
    size_t size = 0;
    snprintf(path, sizeof path, "%s/JSON-Schema-Test-Suite/tests/draft2020-12/%s.json", folder,
             file->name);
    char *text = read_file(path, &size);
    struct json_tape tape = {.depth_max = 1000, .node_max = UINT32_MAX - 1, .grow = grow};
    if (!CHECK(text != NULL) || !CHECK(json_scan(text, size, &tape, NULL) == JSON_OK)) {
        fprintf(stderr, "    %s\n", path);
        return;
    }
    const struct instance groups = {text, tape.nodes, 0};
    for (struct instance_walk walk = instance_first(&groups); instance_next(&walk);)
        run_group(file, &walk.item);
    free(tape.nodes);
    free(text);
}

/* Every file of the suite is run or listed as unused. */
static void check_files(const char *data, const char *inner)
{
    char path[1000], name[400];
    snprintf(path, sizeof path, "%s/JSON-Schema-Test-Suite/tests/draft2020-12/%s", data, inner);
    DIR *entries = opendir(path);
    CHECK(entries != NULL);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        size_t len = strcspn(entry->d_name, ".");
        if (strcmp(entry->d_name + len, ".json") != 0)
            continue;
        size_t found = 0;
        snprintf(name, sizeof name, " %s%.*s ", inner, (int)len, entry->d_name);
        for (size_t i = 0; i < sizeof unused_files / sizeof unused_files[0]; i++)
            found += strstr(unused_files[i].names, name) != NULL;
        name[strlen(name) - 1] = '\0';
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
            found += strcmp(files[i].name, name + 1) == 0;
        if (!CHECK(found == 1))
            fprintf(stderr, "   %s\n", name);
    }
    if (entries)
        closedir(entries);
}

int main(void)
{
    const char *folder = getenv("MCPP_DATA");
    uint32_t passed = 0, skipped = 0;
    if (!folder) {
        puts("skipped: MCPP_DATA is not set");
        return 0;
    }
    pool = pool_open(SIZE_MAX);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        run_file(&files[i], folder);
        if (files[i].skipped)
            printf("skipped: %u tests of %s\n", files[i].skipped, files[i].name);
        passed += files[i].passed;
        skipped += files[i].skipped;
    }
    for (size_t i = 0; i < sizeof unused_files / sizeof unused_files[0]; i++)
        printf("skipped: %s:%s\n", unused_files[i].reason, unused_files[i].names);
    printf("%u tests agree, %u are skipped\n", passed, skipped);
    CHECK_INT(unused_group_count, sizeof unused_groups / sizeof unused_groups[0]);
    CHECK_INT(passed, 1395);
    check_files(folder, "");
    check_files(folder, "optional/");
    check_files(folder, "optional/format/");
    pool_close(pool);
    return check_report();
}
