/*
 * Names of tools. An operationId that is usable stays as it is. One with only '/' or only '.' as a
 * foreign character becomes readable without loss ("repos/get" -> "repos__get"), and so does most
 * of method and path where there is no operationId ("GET /pet/{petId}" -> "get_pet_by_petId").
 * Whatever loses something on the way (other characters, too long) always carries a short hash of
 * method and path, whether it clashes today or not: so no operation that is added later can take or
 * change its name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/tool_name.h"

#include "compiler/base/map.h"

enum { NAME_MAX_SIZE = 64, HASH_DIGITS = 6, HASH_DIGITS_MAX = 16 };

/* Names are given away in this order, and in the document's order within each. */
enum rank { RANK_GIVEN, RANK_REWRITTEN, RANK_DERIVED, RANK_HASHED, RANK_COUNT };

struct candidate {
    struct str name;
    enum rank rank;
};

static bool is_alphanumeric(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

static bool is_name_byte(char byte)
{
    return is_alphanumeric(byte) || byte == '_' || byte == '-';
}

static bool is_usable(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_byte(name.at[i]))
            return false;
    return name.len > 0 && name.len <= NAME_MAX_SIZE;
}

/* FNV-1a of "METHOD PATH". Never to be changed: names that people wrote down depend on it. */
static uint64_t operation_hash(const struct operation *operation)
{
    const struct str parts[] = {operation->method, STR(" "), operation->path};
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++)
        for (size_t i = 0; i < parts[part].len; i++)
            hash = (hash ^ (unsigned char)parts[part].at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* ---- without loss ---- */

/* "repos/get" -> "repos__get", "youtube.videos.list" -> "youtube--videos--list": one sort of
 * separator, each between two other characters, and its image not in use otherwise. */
static bool rewrite_separators(struct str id, char separator, const char *image,
                               struct str_builder *out)
{
    for (size_t i = 0; i < id.len; i++) {
        bool is_separator = id.at[i] == separator;
        if (is_separator && i > 0 && i + 1 < id.len && is_alphanumeric(id.at[i - 1]) &&
            is_alphanumeric(id.at[i + 1]))
            str_add_text(out, image);
        else if (is_name_byte(id.at[i]) && id.at[i] != image[0])
            str_add_byte(out, id.at[i]);
        else
            return false;
    }
    return out->len > 0 && out->len <= NAME_MAX_SIZE;
}

/* "pet_id" -> "petId" */
static bool add_camel(struct str text, struct str_builder *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        bool is_join = byte == '_' && i > 0 && i + 1 < text.len && text.at[i + 1] >= 'a' &&
                       text.at[i + 1] <= 'z' && is_alphanumeric(text.at[i - 1]);
        if (is_join)
            str_add_byte(out, (char)(text.at[++i] & ~0x20));
        else if (is_alphanumeric(byte) || byte == '-')
            str_add_byte(out, byte);
        else
            return false;
    }
    return text.len > 0;
}

static void add_lower(struct str text, struct str_builder *out)
{
    for (size_t i = 0; i < text.len; i++)
        str_add_byte(out, text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] | 0x20)
                                                                 : text.at[i]);
}

/* "GET /pet/{petId}" -> "get_pet_by_petId", when nothing else could give the same. */
static bool derive(const struct operation *operation, struct str_builder *out)
{
    struct str rest = operation->path;
    add_lower(operation->method, out);
    while (rest.len > 1) {
        struct str segment = str_part(str_from(rest, 1), 0, str_find(str_from(rest, 1), '/'));
        rest = str_from(rest, segment.len + 1);
        bool is_parameter = str_starts(segment, "{") && str_ends(segment, "}");
        if (is_parameter)
            segment = str_part(segment, 1, segment.len - 1);
        else if (str_is(segment, "by"))
            return false;
        str_add_text(out, is_parameter ? "_by_" : "_");
        if (!add_camel(segment, out))
            return false;
    }
    return rest.len == 0 || operation->path.len == 1 ? is_usable(str_built(out)) : false;
}

/* ---- with loss ---- */

/* The text with each run of other characters as one '_'. */
static struct str squeezed(struct arena *arena, struct str text)
{
    struct str_builder out = {.arena = arena};
    for (size_t i = 0; i < text.len; i++) {
        if (is_name_byte(text.at[i]))
            str_add_byte(&out, text.at[i]);
        else if (out.len && out.at[out.len - 1] != '_')
            str_add_byte(&out, '_');
    }
    struct str name = str_built(&out);
    while (str_ends(name, "_"))
        name.len--;
    return name;
}

static struct str lossy_base(const struct operation *operation, struct arena *arena)
{
    struct str base = squeezed(arena, operation->id);
    if (base.len)
        return base;
    struct str_builder out = {.arena = arena};
    add_lower(operation->method, &out);
    str_add(&out, operation->path);
    return squeezed(arena, str_built(&out));
}

static struct str with_hash(const struct operation *operation, struct str base, int digits,
                            struct arena *arena)
{
    struct str hash = str_format(arena, "%016llx", (unsigned long long)operation_hash(operation));
    base = str_part(base, 0, (size_t)(NAME_MAX_SIZE - 1 - digits));
    return str_format(arena, "%.*s%s%.*s", STR_ARG(base), base.len ? "_" : "tool_", digits,
                      hash.at);
}

static struct candidate candidate_of(const struct operation *operation, struct arena *arena)
{
    struct str id = operation->id;
    if (is_usable(id))
        return (struct candidate){id, RANK_GIVEN};
    struct str_builder slashes = {.arena = arena}, dots = {.arena = arena};
    struct str_builder derived = {.arena = arena};
    if (rewrite_separators(id, '/', "__", &slashes))
        return (struct candidate){str_built(&slashes), RANK_REWRITTEN};
    if (rewrite_separators(id, '.', "--", &dots))
        return (struct candidate){str_built(&dots), RANK_REWRITTEN};
    if (id.len == 0 && derive(operation, &derived))
        return (struct candidate){str_built(&derived), RANK_DERIVED};
    struct str base = lossy_base(operation, arena);
    return (struct candidate){with_hash(operation, base, HASH_DIGITS, arena), RANK_HASHED};
}

/* The candidate's name, or one with as much hash as it takes when that is taken. */
static struct str take(struct map *taken, const struct operation *operation,
                       struct candidate candidate, struct arena *arena)
{
    static char mark;
    struct str name = candidate.name;
    struct str base = candidate.rank == RANK_HASHED ? lossy_base(operation, arena) : name;
    for (int digits = HASH_DIGITS; map_add(taken, name, &mark); digits++) {
        if (digits <= HASH_DIGITS_MAX)
            name = with_hash(operation, base, digits, arena);
        else /* the same method and path twice: not a document that the model lets through */
            name = str_format(arena, "tool_%zu", taken->count);
    }
    return name;
}

const struct str *tool_names(const struct api *api, struct arena *arena)
{
    struct str *names = arena_array(arena, api->operation_count, sizeof *names);
    struct candidate *candidates = arena_array(arena, api->operation_count, sizeof *candidates);
    struct map taken = {.arena = arena};
    for (uint32_t i = 0; i < api->operation_count; i++)
        candidates[i] = candidate_of(&api->operations[i], arena);
    for (enum rank rank = RANK_GIVEN; rank < RANK_COUNT; rank++)
        for (uint32_t i = 0; i < api->operation_count; i++)
            if (candidates[i].rank == rank)
                names[i] = take(&taken, &api->operations[i], candidates[i], arena);
    return names;
}
