/*
 * Following references. Each $ref and each file is looked at once; the result is kept by the node's
 * address. Only files are read: nothing from another host, nothing by an absolute path.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/reference.h"

#include <ctype.h>
#include <string.h>

#include "compiler/base/file.h"
#include "compiler/openapi/reference_name.h"

struct file {
    struct str name; /* without dot segments */
    struct source *source;
    const struct node *root;     /* NULL: it could not be read */
    const struct node *original; /* before a conversion; NULL: none */
    const char *problem;         /* why it could not be opened */
};

enum link_state { LINK_NEW, LINK_RESOLVING, LINK_DONE };

struct link {
    const struct node *node; /* the mapping with the $ref; its address is the key */
    const struct node *target;
    enum link_state state;
    uint32_t walk; /* the last one that came by */
    bool is_reported;
};

struct references {
    struct arena *arena;
    struct diag_list *diags;
    struct file *first;
    struct map files_by_name, files_by_source, links;
    LIST(const struct source *) sources;
    uint32_t walk, nesting;
};

/* References through references through …: each costs stack. */
enum { NESTING_MAX = 64 };

/* An address as a key; the pointer that is pointed to stays where it is. */
static struct str address_key(const void *pointer)
{
    return (struct str){pointer, sizeof(void *)};
}

static struct file *add_file(struct references *references, struct str name, struct source *source)
{
    struct file *file = arena_new(references->arena, struct file);
    *file = (struct file){.name = name, .source = source};
    map_add(&references->files_by_name, name, file);
    if (source) {
        map_add(&references->files_by_source, address_key(&file->source), file);
        *list_add(references->arena, &references->sources) = source;
    }
    return file;
}

struct references *references_open(const struct document *document, struct arena *arena,
                                   struct diag_list *diags)
{
    struct references *references = document->references;
    if (!references) {
        references = arena_new(arena, struct references);
        *references = (struct references){
            .arena = arena,
            .diags = diags,
            .files_by_name = {.arena = arena},
            .files_by_source = {.arena = arena},
            .links = {.arena = arena},
        };
        struct str name = reference_name_clean(arena, document->source->name);
        references->first = add_file(references, name, document->source);
    }
    references->first->root = document->root;
    references->first->original = document->original;
    return references;
}

const struct source *const *references_sources(const struct references *references, uint32_t *count)
{
    *count = (uint32_t)references->sources.count;
    return references->sources.at;
}

/* ---- files ---- */

static const struct file *file_of(const struct references *references, const struct node *node)
{
    const struct source *source = node->span.source;
    const struct file *file = map_get(&references->files_by_source, address_key(&source));
    return file ? file : references->first;
}

static struct file *read_file(struct references *references, struct str name)
{
    struct file *file = map_get(&references->files_by_name, name);
    if (file)
        return file;
    const char *problem;
    const char *path = str_text(references->arena, name);
    struct source *source = source_read(references->arena, path, &problem);
    file = add_file(references, name, source);
    if (!source) {
        file->problem = problem;
        return file;
    }
    struct document document;
    document_read(source, references->arena, references->diags, &document);
    file->root = document.root;
    return file;
}

/* NULL when there is no such file or it has errors of its own; reported. */
static const struct file *find_file(struct references *references, const struct node *text,
                                    struct str part)
{
    const struct file *from = file_of(references, text);
    if (part.len == 0)
        return from;
    if (reference_is_remote(part)) {
        struct diag *diag = diag_error(references->diags, "remote-reference", text->span,
                                       "'%.*s' is not a relative file name", STR_ARG(part));
        diag_help(references->diags, diag, "save the document beside this one and refer to that");
        return NULL;
    }
    struct str decoded;
    if (!reference_percent_decode(references->arena, part, &decoded) ||
        str_find(decoded, '\0') != decoded.len) {
        diag_error(references->diags, "bad-reference", text->span,
                   "'%.*s' has a malformed percent-encoding", STR_ARG(part));
        return NULL;
    }
    struct str folder = file_folder(from->name);
    struct str joined =
        str_format(references->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(decoded));
    struct str name = reference_name_clean(references->arena, joined);
    const struct file *file = read_file(references, name);
    if (file->problem)
        diag_error(references->diags, "unreadable-file", text->span, "cannot read '%.*s': %s",
                   STR_ARG(name), file->problem);
    return file->root ? file : NULL;
}

/* ---- JSON Pointer (RFC 6901) ---- */

/* A place on the way to a target, and what to say when the way ends. */
struct step {
    const struct node *at;
    struct str token; /* decoded; of the step that failed */
    bool is_reported;
};

static const struct node *item_at(const struct node *sequence, struct str token)
{
    uint64_t index = 0;
    if (token.len == 0 || token.len > 9 || (token.len > 1 && token.at[0] == '0'))
        return NULL;
    for (size_t i = 0; i < token.len; i++) {
        if (!isdigit((unsigned char)token.at[i]))
            return NULL;
        index = index * 10 + (uint64_t)(token.at[i] - '0');
    }
    return index < sequence->count ? sequence->items[index] : NULL;
}

static const struct node *child(const struct node *node, struct str token)
{
    if (node->kind == NODE_SEQUENCE)
        return item_at(node, token);
    const struct member *member = node_member(node, token);
    return member ? member->value : NULL;
}

static bool is_reference(const struct node *node)
{
    return node_get(node, "$ref") != NULL;
}

/* Through a reference on the way, as documents joined from many files need it. */
static bool take_step(struct references *references, struct step *step, struct str token)
{
    step->token = token;
    const struct node *next = child(step->at, token);
    if (!next && is_reference(step->at)) {
        const struct node *through = reference_follow(references, step->at);
        step->is_reported = !through;
        next = through ? child(through, token) : NULL;
        step->at = through ? through : step->at;
    }
    if (next)
        step->at = next;
    return next;
}

/* The place a pointer without its leading '/' names, from `root`. */
static const struct node *find_place(struct references *references, const struct node *root,
                                     struct str pointer, struct step *step)
{
    *step = (struct step){.at = root};
    for (size_t start = 0; start <= pointer.len;) {
        size_t end = start + str_find(str_from(pointer, start), '/');
        struct str token = str_part(pointer, start, end);
        if (!take_step(references, step, reference_token_decode(references->arena, token)))
            return NULL;
        start = end + 1;
    }
    return step->at;
}

static void report_missing(struct references *references, const struct node *text,
                           const struct step *step)
{
    struct diag *diag = diag_error(references->diags, "unknown-reference", text->span,
                                   "there is nothing at '%.*s'", STR_ARG(text->text));
    if (step->at->kind != NODE_MAPPING)
        return;
    struct str *names = arena_array(references->arena, step->at->count, sizeof *names);
    for (uint32_t i = 0; i < step->at->count; i++)
        names[i] = step->at->members[i].name;
    diag_suggest(references->diags, diag, "key", step->token, names, step->at->count);
}

static const struct node *find_target(struct references *references, const struct file *file,
                                      const struct node *text, struct str fragment)
{
    struct str pointer;
    bool is_decoded = reference_percent_decode(references->arena, fragment, &pointer);
    if (!is_decoded || (pointer.len && pointer.at[0] != '/')) {
        diag_error(references->diags, "bad-reference", text->span,
                   is_decoded ? "'#%.*s' is not a JSON Pointer"
                              : "'#%.*s' has a malformed percent-encoding",
                   STR_ARG(fragment));
        return NULL;
    }
    if (pointer.len == 0)
        return file->root;
    struct step step, original;
    const struct node *place = find_place(references, file->root, str_from(pointer, 1), &step);
    if (!place && !step.is_reported && file->original) {
        place = find_place(references, file->original, str_from(pointer, 1), &original);
        step = original;
    }
    if (!place && !step.is_reported)
        report_missing(references, text, &step);
    return place;
}

/* ---- links ---- */

static struct link *link_of(struct references *references, const struct node *node)
{
    struct link *link = map_get(&references->links, address_key(&node));
    if (!link) {
        link = arena_new(references->arena, struct link);
        link->node = node;
        map_add(&references->links, address_key(&link->node), link);
    }
    return link;
}

static void report_circle(struct references *references, struct link *link)
{
    const struct node *text = node_get(link->node, "$ref");
    if (!link->is_reported)
        diag_error(references->diags, "circular-reference", text->span, "'%.*s' leads in a circle",
                   STR_ARG(text->text));
    link->is_reported = true;
}

static const struct node *resolve(struct references *references, const struct node *text)
{
    if (text->kind != NODE_STRING) {
        diag_error(references->diags, "bad-reference", text->span, "'$ref' is %s, not a string",
                   node_kind_name(text->kind));
        return NULL;
    }
    if (references->nesting == NESTING_MAX) {
        diag_error(references->diags, "too-deep", text->span,
                   "'%.*s' leads through too many references", STR_ARG(text->text));
        return NULL;
    }
    size_t hash = str_find(text->text, '#');
    const struct file *file = find_file(references, text, str_part(text->text, 0, hash));
    if (!file || !file->root)
        return NULL;
    references->nesting++;
    const struct node *target = find_target(references, file, text, str_from(text->text, hash + 1));
    references->nesting--;
    return target;
}

static const struct node *link_target(struct references *references, struct link *link)
{
    if (link->state == LINK_RESOLVING)
        report_circle(references, link);
    if (link->state != LINK_NEW)
        return link->target;
    link->state = LINK_RESOLVING;
    link->target = resolve(references, node_get(link->node, "$ref"));
    link->state = LINK_DONE;
    return link->target;
}

const struct node *reference_target(struct references *references, const struct node *node)
{
    return is_reference(node) ? link_target(references, link_of(references, node)) : NULL;
}

const struct node *reference_follow(struct references *references, const struct node *node)
{
    uint32_t walk = ++references->walk;
    const struct node *at = node;
    while (at && is_reference(at)) {
        struct link *link = link_of(references, at);
        if (link->walk == walk) {
            report_circle(references, link_of(references, node));
            return NULL;
        }
        link->walk = walk;
        at = link_target(references, link);
    }
    return at;
}
