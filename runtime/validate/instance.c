/*
 * Reads and compares values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/instance.h"

#include <stdlib.h>

#include "runtime/validate/decimal.h"

struct instance_walk instance_first(const struct instance *compound)
{
    const struct json_node *node = instance_node(compound);
    return (struct instance_walk){.item = *compound,
                                  .name = *compound,
                                  .at = compound->node + 1,
                                  .end = node->kind >= JSON_ARRAY ? node->next : 0,
                                  .has_names = node->kind == JSON_OBJECT};
}

bool instance_next(struct instance_walk *walk)
{
    if (walk->at >= walk->end)
        return false;
    if (walk->has_names)
        walk->name.node = walk->at++;
    walk->item.node = walk->at;
    walk->at = walk->item.nodes[walk->at].next;
    return true;
}

bool allowance_take(struct allowance *allowance, uint64_t steps)
{
    if (allowance->is_over || allowance->steps < steps) {
        allowance->is_over = true;
        return false;
    }
    allowance->steps -= steps;
    return true;
}

bool instance_characters(const struct instance *string, struct allowance *allowance,
                         struct slice *out)
{
    *out = instance_bytes(string);
    *out = (struct slice){out->at + 1, out->len - 2};
    if (!instance_node(string)->has_escapes)
        return true;
    char *characters = pool_alloc(allowance->pool, out->len);
    if (!characters) {
        allowance->has_failed = true;
        return false;
    }
    *out =
        (struct slice){characters, json_unescape(string->text, instance_node(string), characters)};
    return true;
}

bool instance_member(const struct instance *object, struct slice name, struct allowance *allowance,
                     struct instance *out)
{
    for (struct instance_walk walk = instance_first(object); instance_next(&walk);) {
        if (!allowance_take(allowance, 1))
            return false;
        if (json_string_is(walk.name.text, instance_node(&walk.name), name.at, name.len)) {
            *out = walk.item;
            return true;
        }
    }
    return false;
}

/* ---- equal ---- */

static bool strings_equal(const struct instance *left, const struct instance *right,
                          struct allowance *allowance)
{
    struct slice characters;
    return allowance_take(allowance, instance_bytes(right).len / 16) &&
           instance_characters(left, allowance, &characters) &&
           json_string_is(right->text, instance_node(right), characters.at, characters.len);
}

static bool arrays_equal(const struct instance *left, const struct instance *right,
                         struct allowance *allowance)
{
    struct instance_walk other = instance_first(right);
    for (struct instance_walk walk = instance_first(left); instance_next(&walk);)
        if (!instance_next(&other) || !instance_equal(&walk.item, &other.item, allowance))
            return false;
    return true;
}

static bool objects_equal(const struct instance *left, const struct instance *right,
                          struct allowance *allowance)
{
    for (struct instance_walk walk = instance_first(left); instance_next(&walk);) {
        struct slice name;
        struct instance other;
        if (!instance_characters(&walk.name, allowance, &name) ||
            !instance_member(right, name, allowance, &other) ||
            !instance_equal(&walk.item, &other, allowance))
            return false;
    }
    return true;
}

bool instance_equal(const struct instance *left, const struct instance *right,
                    struct allowance *allowance)
{
    const struct json_node *node = instance_node(left), *other = instance_node(right);
    if (!allowance_take(allowance, 1) || node->kind != other->kind || node->count != other->count)
        return false;
    switch ((enum json_kind)node->kind) {
    case JSON_STRING:
        return strings_equal(left, right, allowance);
    case JSON_ARRAY:
        return arrays_equal(left, right, allowance);
    case JSON_OBJECT:
        return objects_equal(left, right, allowance);
    case JSON_NUMBER: {
        struct decimal number = decimal_read(instance_bytes(left));
        struct decimal wanted = decimal_read(instance_bytes(right));
        return decimal_compare(&number, &wanted) == 0;
    }
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE:
        break;
    }
    return true;
}

/* ---- twins: equal items have equal hashes, so only neighbours in their order are compared ---- */

struct hashed {
    uint64_t hash;
    uint32_t index, node;
};

static uint64_t hash_bytes(struct slice bytes)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (uint8_t)bytes.at[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t hash_value(const struct instance *value, struct allowance *allowance)
{
    const struct json_node *node = instance_node(value);
    uint64_t hash = node->kind + UINT64_C(77);
    struct slice characters;
    if (!allowance_take(allowance, 1 + instance_bytes(value).len / 16))
        return 0;
    if (node->kind == JSON_STRING)
        return instance_characters(value, allowance, &characters) ? hash_bytes(characters) : 0;
    if (node->kind == JSON_NUMBER) {
        struct decimal number = decimal_read(instance_bytes(value));
        return decimal_hash(&number);
    }
    for (struct instance_walk walk = instance_first(value); instance_next(&walk);) {
        uint64_t item = hash_value(&walk.item, allowance);
        if (walk.has_names)
            hash += (item + 1) * (hash_value(&walk.name, allowance) | 1);
        else
            hash = (hash ^ item) * UINT64_C(1099511628211);
    }
    return hash;
}

static int by_hash(const void *left, const void *right)
{
    const struct hashed *one = left, *two = right;
    if (one->hash != two->hash)
        return one->hash < two->hash ? -1 : 1;
    return (one->index > two->index) - (one->index < two->index);
}

static bool find_in_run(const struct instance *array, const struct hashed *run, uint32_t count,
                        struct allowance *allowance, uint32_t twins[2])
{
    struct instance left = *array, right = *array;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t at = i + 1; at < count && run[at].hash == run[i].hash; at++) {
            left.node = run[i].node;
            right.node = run[at].node;
            if (instance_equal(&left, &right, allowance)) {
                twins[0] = run[i].index;
                twins[1] = run[at].index;
                return true;
            }
            if (allowance->is_over || allowance->has_failed)
                return false;
        }
    return false;
}

bool instance_find_twins(const struct instance *array, struct allowance *allowance,
                         uint32_t twins[2])
{
    enum { FEW = 16 };
    struct hashed few[FEW], *items = few;
    uint32_t count = 0, all = instance_node(array)->count;
    if (all > FEW)
        items = pool_alloc(allowance->pool, all * sizeof *items);
    if (!items) {
        allowance->has_failed = true;
        return false;
    }
    for (struct instance_walk walk = instance_first(array); instance_next(&walk); count++)
        items[count] = (struct hashed){hash_value(&walk.item, allowance), count, walk.item.node};
    if (allowance->is_over || allowance->has_failed)
        return false;
    if (count > 1)
        qsort(items, count, sizeof *items, by_hash);
    return find_in_run(array, items, count, allowance, twins);
}
