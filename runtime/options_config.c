/*
 * Reads the config file with the strict JSON scanner. Every value becomes the text that it would be
 * on the command line, so that both say the same about it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/options_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "grammar/json.h"
#include "runtime/memory/pool.h"

enum {
    FILE_MAX = 1024 * 1024, /* bytes */
    DEPTH_MAX = 8,
    NODE_MAX = 10000,
    PLACE_SIZE = 300,
};

struct config {
    struct reading *reading;
    const char *file, *text;
    struct json_tape tape;
};

/* The whole file, NUL-terminated, from malloc; NULL and the reason. */
static char *read_file(struct reading *reading, const char *name, size_t *size)
{
    FILE *file = fopen(name, "rbe");
    if (!file) {
        options_fail(reading, "%s: %s", name, strerror(errno));
        return NULL;
    }
    char *text = malloc(FILE_MAX + 1);
    *size = text ? fread(text, 1, FILE_MAX + 1, file) : 0;
    bool has_failed = ferror(file);
    int error = errno;
    fclose(file);
    if (text && !has_failed && *size <= FILE_MAX) {
        text[*size] = '\0';
        return text;
    }
    options_fail(reading, "%s: %s", name,
                 !text        ? "out of memory"
                 : has_failed ? strerror(error)
                              : "file is larger than 1 MiB");
    free(text);
    return NULL;
}

static void *grow_tape(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context, (void)old_size;
    return realloc(nodes, new_size);
}

static unsigned line_of(const char *text, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

/* The value as the command line would have it; NULL when no option takes such a value. */
static const char *value_text(const struct config *config, const struct json_node *node)
{
    struct pool *memory = config->reading->out->memory;
    size_t size = node->end - node->start;
    if (node->kind == JSON_STRING) {
        char *text = pool_alloc(memory, size);
        if (!text)
            return NULL;
        size_t length = json_unescape(config->text, node, text);
        text[length] = '\0';
        return strlen(text) == length ? text : NULL;
    }
    if (node->kind == JSON_NUMBER || node->kind == JSON_TRUE || node->kind == JSON_FALSE)
        return pool_text(memory, (struct slice){config->text + node->start, size});
    return NULL;
}

/* Numbers are numbers, flags are true or false, everything else is a string. */
static bool is_kind_fit(const struct option_entry *entry, const struct json_node *node)
{
    switch (entry->kind) {
    case OPTION_FLAG:
        return node->kind == JSON_TRUE || node->kind == JSON_FALSE;
    case OPTION_PORT:
    case OPTION_NUMBER:
    case OPTION_SIZE:
        return node->kind == JSON_NUMBER;
    default:
        return node->kind == JSON_STRING;
    }
}

static bool set_value(const struct config *config, const struct option_entry *entry, uint32_t at)
{
    const struct json_node *node = &config->tape.nodes[at];
    const char *text = is_kind_fit(entry, node) ? value_text(config, node) : NULL;
    if (!text)
        return options_fail(config->reading, "%s%s: the value is of the wrong kind",
                            config->reading->place, entry->name);
    return option_set(config->reading, entry, text);
}

static bool set_member(const struct config *config, uint32_t name_at)
{
    const struct json_node *name = &config->tape.nodes[name_at];
    struct slice key = {config->text + name->start + 1, name->end - name->start - 2};
    bool is_on;
    const struct option_entry *entry = name->has_escapes ? NULL : option_find(key, '_', &is_on);
    if (!entry || entry->kind == OPTION_ELSEWHERE)
        return options_fail(config->reading, "%s:%u: unknown key '%.*s'", config->file,
                            line_of(config->text, name->start), key.len > 100 ? 100 : (int)key.len,
                            key.at);
    char place[PLACE_SIZE];
    snprintf(place, sizeof place, "%.200s:%u: ", config->file, line_of(config->text, name->start));
    config->reading->place = place;
    uint32_t value = name_at + 1;
    bool done = true;
    if ((entry->kind == OPTION_ORIGIN || entry->kind == OPTION_NETWORK ||
         entry->kind == OPTION_CLAIM) &&
        config->tape.nodes[value].kind == JSON_ARRAY)
        for (uint32_t at = value + 1; done && at < config->tape.nodes[value].next;
             at = config->tape.nodes[at].next)
            done = set_value(config, entry, at);
    else
        done = set_value(config, entry, value);
    config->reading->place = NULL;
    return done;
}

static bool set_members(const struct config *config)
{
    const struct json_node *nodes = config->tape.nodes;
    if (nodes[0].kind != JSON_OBJECT)
        return options_fail(config->reading, "%s: not a JSON object", config->file);
    for (uint32_t at = 1; at < nodes[0].next; at = nodes[at + 1].next)
        if (!set_member(config, at))
            return false;
    return true;
}

bool config_read(struct reading *reading, const char *file)
{
    size_t size = 0, where = 0;
    char *text = read_file(reading, file, &size);
    if (!text)
        return false;
    struct config config = {
        .reading = reading,
        .file = file,
        .text = text,
        .tape = {.depth_max = DEPTH_MAX, .node_max = NODE_MAX, .grow = grow_tape},
    };
    enum json_error error = json_scan(text, size, &config.tape, &where);
    bool done = error == JSON_OK ? set_members(&config)
                                 : options_fail(reading, "%s:%u: %s", file, line_of(text, where),
                                                json_error_text(error));
    free(config.tape.nodes);
    free(text);
    return done;
}
