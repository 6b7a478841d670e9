/*
 * What the files that build the model share: the document, where results go, and reporting. Nothing
 * outside of the model needs it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_BUILD_H
#define OPENAPI_BUILD_H

#include "compiler/openapi/model.h"
#include "compiler/openapi/reference.h"

enum openapi_version { OPENAPI_3_0, OPENAPI_3_1, OPENAPI_3_2 };

/* Kept between schemas: the definitions met so far. Starts with the arenas of its maps set. */
struct definitions {
    struct map by_target, by_name, keywords;
    struct map dynamic; /* address of a $dynamicRef's text -> mapping with it as its $ref */
    uint32_t last_mark;
    size_t text_size; /* of all schemas so far, bytes */
};

struct build {
    struct arena *arena;
    struct diag_list *diags;
    struct references *references;
    const struct node *root;
    enum openapi_version version;
    bool is_swagger2; /* converted: collection formats that no style of OpenAPI 3 has are there */
    struct api *api;
    struct map scheme_index;             /* name -> struct security_scheme */
    struct map poisoned_schemes;         /* declared, but not understood: reported there */
    struct map operation_ids;            /* operationId -> struct operation */
    const struct security_set *security; /* of the document; for operations that say nothing */
    uint32_t security_count;
    bool has_security, is_inexpressible;
    const struct tool_defaults *tool_defaults; /* tool_extension.h */
    struct map reported;                       /* what was said already */
    struct diag repeated;
    struct definitions definitions;
};

/* As diag_add, but the same words about the same place are reported once. */
struct diag *build_diag_add(struct build *build, enum diag_severity severity, const char *slug,
                            struct span span, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
#define build_diag_warning(build, slug, ...) \
    build_diag_add((build), DIAG_WARNING, (slug), __VA_ARGS__)
#define build_diag_error(build, slug, ...) build_diag_add((build), DIAG_ERROR, (slug), __VA_ARGS__)

/* The first time that `subject` comes up in this document: for what needs saying once in all. */
bool build_is_first(struct build *build, const char *slug, struct str subject);

/* The member with its references followed, or NULL. */
const struct node *build_get(struct build *build, const struct node *mapping, const char *name);

/* What a mapping that is only a $ref leads to, else the node itself; NULL when it leads nowhere.
 * Split documents have references where OpenAPI has none: `properties: {$ref: …}`, even in
 * descriptions. In a mapping of schemas, a $ref that is no string is a schema under that name. */
const struct node *build_embedded(struct build *build, const struct node *node);

/* The member's characters; reports a member that is no string. */
struct str build_string(struct build *build, const struct node *mapping, const char *name);
bool build_boolean(struct build *build, const struct node *mapping, const char *name,
                   bool otherwise);

/* The member when it is a sequence or mapping; reports one that is not. */
const struct node *build_sequence(struct build *build, const struct node *mapping,
                                  const char *name);
const struct node *build_mapping(struct build *build, const struct node *mapping, const char *name);

/* Whether the node, that should be `what` ("a parameter"), is a mapping; reports it otherwise. */
bool build_is_mapping(struct build *build, const struct node *node, struct span span,
                      const char *what);

/* Reports members whose names are not in `known` (words with a space before and after each) and do
 * not begin with "x-". */
void build_check_members(struct build *build, const struct node *mapping, const char *what,
                         const char *known);

bool build_is_extension(struct str name);

/* RFC 9110, section 5.6.2: method and header names. */
bool build_is_token(struct str text);
bool build_equal_ignoring_case(struct str text, const char *wanted);

/* Whether two parameters at this place are one: case matters except in header names. */
bool build_same_name(enum parameter_place place, struct str first, struct str second);

#endif
