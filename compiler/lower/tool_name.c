/*
 * Names of tools. An operationId that is usable stays as it is. One with only '/' or only '.' as a
 * foreign character becomes readable without loss ("repos/get" -> "repos__get"), and so does most
 * of method and path where there is no operationId ("GET /pet/{petId}" -> "get_pet_by_petId").
 * Whatever loses something on the way (other characters, too long) always carries a short hash of
 * method and path, whether it clashes today or not: so no operation that is added later can take or
 * change its name. A name that the document asks for with x-mcp comes before all of these. A name
 * that two operations claim in the same way (an operationId that is there twice, say) is nobody's:
 * whichever of them had it, it would mean another operation when the document's order changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/tool_name.h"

#include "compiler/base/map.h"

enum { HASH_DIGITS = 6, HASH_DIGITS_MAX = 16 };

/* Names are given away in this order, and in the document's order within each. */
enum rank { RANK_WISHED, RANK_GIVEN, RANK_REWRITTEN, RANK_DERIVED, RANK_HASHED, RANK_COUNT };

struct candidate {
    struct str name;
    enum rank rank;
};

/* How many operations want a name, and the first of them. */
struct claim {
    const struct operation *first;
    uint32_t count;
};

struct naming {
    struct arena *arena;
    struct diag_list *diags;
    size_t max; /* of a name, bytes */
    struct map taken;
    struct map ids, wishes; /* name -> struct claim, of those that are usable */
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

static bool is_usable(const struct naming *naming, struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_byte(name.at[i]))
            return false;
    return name.len > 0 && name.len <= naming->max;
}

/* FNV-1a of "METHOD PATH". Never to be changed: names that people wrote down depend on it. `salt`
 * is for a second attempt where names are too short for more digits. */
static uint64_t operation_hash(const struct operation *operation, unsigned salt)
{
    const struct str parts[] = {operation->method, STR(" "), operation->path};
    uint64_t hash = UINT64_C(0xcbf29ce484222325) + salt;
    for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++)
        for (size_t i = 0; i < parts[part].len; i++)
            hash = (hash ^ (unsigned char)parts[part].at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* ---- without loss ---- */

/* "repos/get" -> "repos__get", "youtube.videos.list" -> "youtube--videos--list": one sort of
 * separator, each between two other characters, and its image not in use otherwise. */
static bool rewrite_separators(const struct naming *naming, struct str id, char separator,
                               const char *image, struct str_builder *out)
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
    return out->len > 0 && out->len <= naming->max;
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
static bool derive(const struct naming *naming, const struct operation *operation,
                   struct str_builder *out)
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
    return rest.len == 0 || operation->path.len == 1 ? is_usable(naming, str_built(out)) : false;
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

/* As many digits as there is room for; after HASH_DIGITS_MAX or then, other ones. */
static struct str with_hash(const struct naming *naming, const struct operation *operation,
                            struct str base, size_t digits)
{
    size_t most = naming->max < HASH_DIGITS_MAX ? naming->max : HASH_DIGITS_MAX;
    unsigned salt = digits > most ? (unsigned)(digits - most) : 0;
    digits = digits > most ? most : digits;
    struct str hash =
        str_format(naming->arena, "%016llx", (unsigned long long)operation_hash(operation, salt));
    size_t room = naming->max - digits;
    const char *joint = base.len ? "_" : "tool_";
    base = str_part(base, 0, room ? room - 1 : 0);
    if (room < (base.len ? 2u : 5u))
        joint = "";
    return str_format(naming->arena, "%.*s%s%.*s", STR_ARG(base), joint, (int)digits, hash.at);
}

static uint32_t claim_count(const struct map *claims, struct str name)
{
    const struct claim *claim = map_get(claims, name);
    return claim ? claim->count : 0;
}

static const struct claim *add_claim(struct naming *naming, struct map *claims, struct str name,
                                     const struct operation *operation)
{
    struct claim *claim = map_get(claims, name);
    if (!claim) {
        claim = arena_new(naming->arena, struct claim);
        *claim = (struct claim){.first = operation};
        map_add(claims, name, claim);
    }
    claim->count++;
    return claim;
}

static struct candidate candidate_of(const struct naming *naming, const struct operation *operation)
{
    struct str id = operation->id;
    if (claim_count(&naming->ids, id) > 1)
        return (struct candidate){
            with_hash(naming, operation, lossy_base(operation, naming->arena), HASH_DIGITS),
            RANK_HASHED};
    if (is_usable(naming, id))
        return (struct candidate){id, RANK_GIVEN};
    struct str_builder slashes = {.arena = naming->arena}, dots = {.arena = naming->arena};
    struct str_builder derived = {.arena = naming->arena};
    if (rewrite_separators(naming, id, '/', "__", &slashes))
        return (struct candidate){str_built(&slashes), RANK_REWRITTEN};
    if (rewrite_separators(naming, id, '.', "--", &dots))
        return (struct candidate){str_built(&dots), RANK_REWRITTEN};
    if (id.len == 0 && derive(naming, operation, &derived))
        return (struct candidate){str_built(&derived), RANK_DERIVED};
    struct str base = lossy_base(operation, naming->arena);
    return (struct candidate){with_hash(naming, operation, base, HASH_DIGITS), RANK_HASHED};
}

/* The candidate's name, or one with as much hash as it takes when that is taken. */
static struct str take(struct naming *naming, const struct operation *operation,
                       struct candidate candidate)
{
    struct str name = candidate.name;
    struct str base = candidate.rank == RANK_HASHED ? lossy_base(operation, naming->arena) : name;
    for (size_t digits = HASH_DIGITS; map_add(&naming->taken, name, (void *)operation); digits++)
        name = with_hash(naming, operation, base, digits);
    return name;
}

/* ---- as the document wishes ---- */

/* Claims the name that x-mcp asks for, when it can be one. */
static void claim_wish(struct naming *naming, const struct operation *operation)
{
    struct str name = operation->wish.name;
    if (name.len == 0)
        return;
    if (!is_usable(naming, name)) {
        struct diag *diag =
            diag_warning(naming->diags, "bad-tool-name", operation->wish.name_span,
                         "'%.*s' cannot be the name of a tool; it is left out", STR_ARG(name));
        diag_help(naming->diags, diag, "a name is 1 to %zu of A-Z a-z 0-9 _ -", naming->max);
        return;
    }
    const struct claim *claim = add_claim(naming, &naming->wishes, name, operation);
    if (claim->count == 1)
        return;
    struct diag *diag =
        diag_warning(naming->diags, "duplicate-tool-name", operation->wish.name_span,
                     "two tools are to be called '%.*s'; neither is", STR_ARG(name));
    diag_note(naming->diags, diag, claim->first->wish.name_span, "first here");
}

/* Gives the operation the name that it alone wishes for. */
static bool take_wish(struct naming *naming, const struct operation *operation)
{
    struct str name = operation->wish.name;
    return name.len && claim_count(&naming->wishes, name) == 1 &&
           !map_add(&naming->taken, name, (void *)operation);
}

const struct str *tool_names(const struct api *api, uint32_t max, struct arena *arena,
                             struct diag_list *diags)
{
    struct str *names = arena_array(arena, api->operation_count, sizeof *names);
    struct candidate *candidates = arena_array(arena, api->operation_count, sizeof *candidates);
    const struct map none = {.arena = arena};
    struct naming naming = {arena, diags, max, none, none, none};
    for (uint32_t i = 0; i < api->operation_count; i++) {
        const struct operation *operation = &api->operations[i];
        claim_wish(&naming, operation);
        if (is_usable(&naming, operation->id))
            add_claim(&naming, &naming.ids, operation->id, operation);
    }
    for (uint32_t i = 0; i < api->operation_count; i++) {
        const struct operation *operation = &api->operations[i];
        candidates[i] = candidate_of(&naming, operation);
        if (!take_wish(&naming, operation))
            continue;
        names[i] = operation->wish.name;
        candidates[i].rank = RANK_WISHED;
    }
    for (enum rank rank = RANK_GIVEN; rank < RANK_COUNT; rank++)
        for (uint32_t i = 0; i < api->operation_count; i++)
            if (candidates[i].rank == rank)
                names[i] = take(&naming, &api->operations[i], candidates[i]);
    return names;
}
