/*
 * Fuzz target: a schema and a value, separated by a line end. Besides not crashing, a value that
 * differs is told, one that fits is not, and the same is found without words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "runtime/validate/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context, (void)old_size;
    return realloc(nodes, new_size);
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void validate(const struct schema *schema, const struct instance *value, struct pool *pool)
{
    struct text problems = {.pool = pool};
    enum validate_result told = validate_value(schema, value, pool, &problems);
    enum validate_result silent = validate_value(schema, value, pool, NULL);
    must((told == VALIDATE_DIFFERS) == (problems.len > 0));
    must((told == VALIDATE_FITS) == (silent == VALIDATE_FITS));
}

/* A readable byte behind the end, and none behind that. */
static char *copy(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (size)
        memcpy(text, data, size);
    text[size] = '\n';
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    if (!line)
        return 0;
    size_t schema_size = (size_t)(line - data), value_size = size - schema_size - 1;
    char *schema_text = copy(data, schema_size), *text = copy(line + 1, value_size);
    struct json_tape tape = {.depth_max = 64, .node_max = 100000, .grow = grow};
    struct pool *pool = pool_open(64 << 20);
    struct schema schema;
    if (schema_compile((struct slice){schema_text, schema_size}, pool, &schema) ==
            SCHEMA_COMPILED &&
        json_scan(text, value_size, &tape, NULL) == JSON_OK) {
        const struct instance value = {text, tape.nodes, 0};
        validate(&schema, &value, pool);
    }
    pool_close(pool);
    free(tape.nodes);
    free(schema_text);
    free(text);
    return 0;
}
