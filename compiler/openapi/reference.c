/*
 * Following references. Each $ref and each file is looked at once; the result is kept by the node's
 * address. Nothing is read by an absolute path, and nothing is fetched unless the document has a
 * fetcher.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/reference.h"

#include <ctype.h>
#include <string.h>

#include "compiler/base/fetch.h"
#include "compiler/base/file.h"
#include "compiler/base/url.h"
#include "compiler/openapi/anchor.h"
#include "compiler/openapi/reference_name.h"

struct file {
    struct str name; /* a URL, or a file name without dot segments */
    struct str base; /* what relative references in it are relative to: a URL or a file name */
    struct source *source;
    const struct anchors *anchors; /* made on first use */
    const struct node *root;       /* NULL: it could not be read */
    const struct node *original;   /* before a conversion; NULL: none */
    const char *problem;           /* why it could not be opened */
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
    struct fetcher *fetcher; /* NULL: nothing is fetched */
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
    *file = (struct file){.name = name, .base = name, .source = source};
    map_add(&references->files_by_name, name, file);
    if (source && source->url.len) {
        file->base = source->url;
        map_add(&references->files_by_name, file->base, file);
    }
    if (source) {
        map_add(&references->files_by_source, address_key(&file->source), file);
        *list_add(references->arena, &references->sources) = source;
    }
    return file;
}

/* OpenAPI 3.2's `$self`: where the document says that it is. Files beside each other stay so when
 * they are called by URLs, so a file's references still lead to files. Only a document that is
 * trusted as much as the first one may take a name that others refer to. */
static void read_self(struct references *references, struct file *file)
{
    struct str self = node_string(node_get(file->root, "$self"));
    bool is_fetched = file->source->url.len;
    if (self.len == 0 || str_find(self, '#') != self.len)
        return;
    struct str uri = anchor_resolve(references->arena, file->base, self);
    if (!is_fetched || file == references->first)
        map_add(&references->files_by_name, uri, file);
    if (is_fetched ? url_is_http(uri) : !url_has_scheme(uri) && !str_starts(uri, "/"))
        file->base = uri;
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
            .fetcher = document->fetcher,
            .files_by_name = {.arena = arena},
            .files_by_source = {.arena = arena},
            .links = {.arena = arena},
        };
        struct str name = document->source->name;
        if (document->source->url.len == 0)
            name = reference_name_clean(arena, name);
        references->first = add_file(references, name, document->source);
        references->first->root = document->root;
        read_self(references, references->first);
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

/* What was read, or the reason why nothing was. */
static const struct file *keep_file(struct references *references, struct str name,
                                    struct source *source, const char *problem)
{
    struct file *file = add_file(references, name, source);
    file->problem = problem;
    if (!source)
        return file;
    struct document document;
    document_read(source, references->arena, references->diags, &document);
    file->root = document.root;
    if (file->root)
        read_self(references, file);
    return file;
}

static const struct file *read_file(struct references *references, struct str name)
{
    const struct file *file = map_get(&references->files_by_name, name);
    if (file)
        return file;
    const char *problem;
    struct source *source =
        source_read(references->arena, str_text(references->arena, name), &problem);
    return keep_file(references, name, source, problem);
}

static void report_remote(struct references *references, const struct node *text, struct str url)
{
    struct diag *diag;
    if (!url_is_http(url)) {
        diag = diag_error(references->diags, "remote-reference", text->span,
                          "'%.*s' is not a relative file name", STR_ARG(url));
        diag_help(references->diags, diag, "save the document beside this one and refer to that");
        return;
    }
    diag = diag_error(references->diags, "remote-reference", text->span,
                      "'%.*s' is remote, and remote references are not followed", STR_ARG(url));
    diag_help(references->diags, diag,
              "add --allow-remote-refs, or save the document beside this one and refer to that");
}

static const struct file *fetch_file(struct references *references, const struct node *text,
                                     struct str url)
{
    const struct file *file = map_get(&references->files_by_name, url);
    if (file)
        return file;
    if (!url_is_http(url) || !references->fetcher) {
        report_remote(references, text, url);
        return NULL;
    }
    if (url_is_insecure(url))
        diag_warning(references->diags, "insecure-url", text->span,
                     "'%.*s' is fetched without TLS: anybody on the way can change it",
                     STR_ARG(url));
    const char *problem;
    struct source *source = fetcher_read(references->fetcher, url, text->span.source, &problem);
    return keep_file(references, url, source, problem);
}

static const struct file *find_local(struct references *references, const struct node *text,
                                     struct str base, struct str part)
{
    struct str decoded;
    if (!reference_percent_decode(references->arena, part, &decoded) ||
        str_find(decoded, '\0') != decoded.len) {
        diag_error(references->diags, "bad-reference", text->span,
                   "'%.*s' has a malformed percent-encoding", STR_ARG(part));
        return NULL;
    }
    if (reference_is_remote(part)) {
        report_remote(references, text, part);
        return NULL;
    }
    struct str folder = file_folder(base);
    struct str joined =
        str_format(references->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(decoded));
    return read_file(references, reference_name_clean(references->arena, joined));
}

/* NULL when there is no such file or it has errors of its own; reported. */
static const struct file *find_file(struct references *references, const struct node *text,
                                    struct str part)
{
    const struct file *from = file_of(references, text);
    if (part.len == 0)
        return from;
    bool is_remote = url_is_http(from->base) || url_has_scheme(part);
    const struct file *file =
        is_remote ? fetch_file(references, text, url_resolve(references->arena, from->base, part))
                  : find_local(references, text, from->base, part);
    if (file && file->problem)
        diag_error(references->diags, is_remote ? "cannot-fetch" : "unreadable-file", text->span,
                   is_remote ? "cannot fetch '%.*s': %s" : "cannot read '%.*s': %s",
                   STR_ARG(file->name), file->problem);
    return file && file->root ? file : NULL;
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

/* Where a fragment is looked for. */
struct place {
    const struct file *file;
    const struct resource *resource; /* NULL: the whole document */
};

static const struct anchors *anchors_in(struct references *references, const struct file *file)
{
    struct file *known = (struct file *)(uintptr_t)file;
    if (!known->anchors)
        known->anchors = anchors_read(references->arena, file->source,
                                      file->original ? file->original : file->root, file->base);
    return known->anchors;
}

static const struct node *find_anchor(struct references *references, const struct place *place,
                                      const struct node *text, struct str name)
{
    const struct anchors *anchors = anchors_in(references, place->file);
    const struct resource *resource = place->resource;
    if (!resource)
        resource = anchors_around(anchors, NULL);
    const struct node *found = map_get(&resource->anchors, name);
    if (!found)
        diag_error(references->diags, "unknown-reference", text->span,
                   "no schema has the anchor '%.*s'", STR_ARG(name));
    return found;
}

static const struct node *find_pointer(struct references *references, const struct place *place,
                                       const struct node *text, struct str pointer)
{
    const struct file *file = place->file;
    struct step step = {0}, other = {0};
    const struct node *found = NULL;
    if (place->resource)
        found = find_place(references, place->resource->root, pointer, &step);
    if (found || step.is_reported)
        return found;
    /* many documents mean the whole document whatever stands around the reference */
    found = find_place(references, file->root, pointer, &step);
    if (!found && !step.is_reported && file->original) {
        found = find_place(references, file->original, pointer, &other);
        step = other;
    }
    if (!found && !step.is_reported)
        report_missing(references, text, &step);
    return found;
}

static const struct node *find_target(struct references *references, const struct place *place,
                                      const struct node *text, struct str fragment)
{
    struct str decoded;
    if (!reference_percent_decode(references->arena, fragment, &decoded)) {
        diag_error(references->diags, "bad-reference", text->span,
                   "'#%.*s' has a malformed percent-encoding", STR_ARG(fragment));
        return NULL;
    }
    if (decoded.len == 0)
        return place->resource ? place->resource->root : place->file->root;
    if (decoded.at[0] == '/')
        return find_pointer(references, place, text, str_from(decoded, 1));
    return find_anchor(references, place, text, decoded);
}

/* The document, or the schema with an `$id` in it, that the part before the '#' means. */
static bool open_place(struct references *references, const struct node *text, struct str part,
                       struct place *place)
{
    const struct file *from = file_of(references, text);
    *place = (struct place){.file = from};
    if (from->root) {
        const struct anchors *anchors = anchors_in(references, from);
        const struct resource *around = anchors_around(anchors, text);
        if (part.len == 0) {
            place->resource = around == anchors_around(anchors, NULL) ? NULL : around;
            return true;
        }
        place->resource =
            anchors_named(anchors, anchor_resolve(references->arena, around->uri, part));
        if (place->resource)
            return true;
    }
    place->file = find_file(references, text, part);
    return place->file && place->file->root;
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
    struct place place;
    if (!open_place(references, text, str_part(text->text, 0, hash), &place))
        return NULL;
    references->nesting++;
    const struct node *target =
        find_target(references, &place, text, str_from(text->text, hash + 1));
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
