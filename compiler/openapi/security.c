/*
 * Reading security requirements: alternatives of sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/security.h"

#include "compiler/openapi/security_scheme.h"

/* ---- requirements ---- */

struct security {
    LIST(struct security_set) sets;
    bool is_inexpressible;
};

static bool declares(const struct security_scheme *scheme, struct str scope)
{
    for (uint32_t i = 0; i < scheme->scope_count; i++)
        if (str_equal(scheme->scopes[i].name, scope))
            return true;
    return false;
}

static void check_scope(struct build *build, const struct security_scheme *scheme,
                        const struct node *scope)
{
    if (scheme->kind == SCHEME_OAUTH2 && !declares(scheme, scope->text))
        build_diag_add(build, DIAG_NOTE, "undeclared-scope", scope->span,
                       "the scope '%.*s' is not declared by '%.*s'; it is required all the same",
                       STR_ARG(scope->text), STR_ARG(scheme->name));
}

static const struct security_scheme *find_scheme(struct build *build, const struct member *member)
{
    struct security_scheme *scheme = map_get(&build->scheme_index, member->name);
    if (scheme || map_get(&build->poisoned_schemes, member->name))
        return scheme;
    struct str *names = arena_array(build->arena, build->api->scheme_count + 1, sizeof *names);
    for (uint32_t i = 0; i < build->api->scheme_count; i++)
        names[i] = build->api->schemes[i].name;
    struct diag *diag = build_diag_warning(
        build, "unknown-scheme", member->name_span,
        "the security scheme '%.*s' is not declared; nobody gets in by it", STR_ARG(member->name));
    diag_suggest(build->diags, diag, "security scheme", member->name, names,
                 build->api->scheme_count);
    return NULL;
}

static bool read_requirement(struct build *build, const struct member *member,
                             struct requirement *out)
{
    const struct node *list = member->value;
    out->span = member->name_span;
    out->scheme = find_scheme(build, member);
    if (!out->scheme)
        return false;
    if (list->kind == NODE_NULL)
        return true; /* `api_key:` with nothing behind it */
    struct str *scopes = arena_array(build->arena, list->count + 1, sizeof *scopes);
    bool is_list = list->kind == NODE_SEQUENCE;
    for (uint32_t i = 0; is_list && i < list->count; i++) {
        is_list = list->items[i]->kind == NODE_STRING && list->items[i]->text.len;
        if (!is_list)
            break;
        scopes[i] = list->items[i]->text;
        check_scope(build, out->scheme, list->items[i]);
    }
    if (!is_list) {
        build_diag_warning(build, "bad-security", list->span,
                           "the scopes of '%.*s' are not a sequence of names; nobody gets in by it",
                           STR_ARG(member->name));
        return false;
    }
    out->scopes = scopes;
    out->scope_count = list->count;
    return true;
}

static bool read_set(struct build *build, const struct node *node, struct security_set *out)
{
    if (node->kind != NODE_MAPPING) {
        build_diag_warning(build, "bad-security", node->span,
                           "a security requirement is %s, not a mapping; nobody gets in by it",
                           node_kind_name(node->kind));
        return false;
    }
    struct requirement *list = arena_array(build->arena, node->count + 1, sizeof *list);
    *out = (struct security_set){.requirements = list, .span = node->span};
    bool is_understood = true;
    for (uint32_t i = 0; i < node->count; i++)
        is_understood =
            read_requirement(build, &node->members[i], &list[out->requirement_count++]) &&
            is_understood;
    return is_understood;
}

static struct security read_list(struct build *build, const struct node *node)
{
    struct security security = {.is_inexpressible = false};
    if (node->kind != NODE_SEQUENCE) {
        build_diag_warning(build, "bad-security", node->span,
                           "'security' is %s, not a sequence; nobody gets in by it",
                           node_kind_name(node->kind));
        security.is_inexpressible = true;
        return security;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        struct security_set set;
        if (read_set(build, node->items[i], &set))
            *list_add(build->arena, &security.sets) = set;
        else
            security.is_inexpressible = true;
    }
    return security;
}

void security_read_operation(struct build *build, const struct node *node,
                             struct operation *operation)
{
    const struct node *list = node_get(node, "security");
    if (!list) {
        operation->has_security = build->has_security;
        operation->is_inexpressible = build->is_inexpressible;
        operation->security = build->security;
        operation->security_count = build->security_count;
        return;
    }
    struct security security = read_list(build, list);
    operation->has_security = true;
    operation->is_inexpressible = security.is_inexpressible;
    operation->security = security.sets.at;
    operation->security_count = (uint32_t)security.sets.count;
}

/* ---- schemes ---- */

static void read_document_security(struct build *build)
{
    const struct node *list = node_get(build->root, "security");
    if (!list)
        return;
    struct security security = read_list(build, list);
    build->has_security = true;
    build->is_inexpressible = security.is_inexpressible;
    build->security = security.sets.at;
    build->security_count = (uint32_t)security.sets.count;
}

void security_read_schemes(struct build *build)
{
    const struct node *components = build_mapping(build, build->root, "components");
    const struct node *node = build_get(build, components, "securitySchemes");
    const uint32_t count = node && node->kind == NODE_MAPPING ? node->count : 0;
    struct security_scheme *schemes = arena_array(build->arena, count + 1, sizeof *schemes);
    uint32_t known = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct member *member = &node->members[i];
        if (security_scheme_read(build, member, &schemes[known]))
            map_add(&build->scheme_index, member->name, &schemes[known++]);
        else
            map_add(&build->poisoned_schemes, member->name, build);
    }
    build->api->schemes = schemes;
    build->api->scheme_count = known;
    read_document_security(build);
}

/* ---- credentials ---- */

bool security_is_credential(const struct build *build, enum parameter_place place, struct str name)
{
    static const enum parameter_place places[] = {[API_KEY_HEADER] = PLACE_HEADER,
                                                  [API_KEY_QUERY] = PLACE_QUERY,
                                                  [API_KEY_COOKIE] = PLACE_COOKIE};
    for (uint32_t i = 0; i < build->api->scheme_count; i++) {
        const struct security_scheme *scheme = &build->api->schemes[i];
        if (scheme->kind == SCHEME_API_KEY && places[scheme->key_place] == place &&
            build_same_name(place, name, scheme->key_name))
            return true;
    }
    return false;
}
