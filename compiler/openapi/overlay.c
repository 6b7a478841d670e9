/*
 * Applying overlays. An action walks down the document along its target with the set of the
 * target's steps that may come next, so that one walk finds all that it selects, however often `..`
 * leads there.
 *
 * Where the specification is silent: sequences that meet are joined, a null where the document has
 * a mapping or sequence changes nothing, and other kinds that do not fit are refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/overlay.h"

#include "compiler/openapi/json_path.h"
#include "compiler/openapi/node.h"
#include "compiler/openapi/shape.h"

struct overlay {
    struct arena *arena;
    struct diag_list *diags;
    size_t visits;
    bool is_too_large;
};

struct action {
    struct overlay *overlay;
    struct span span; /* of its target */
    struct json_path path;
    const struct node *update; /* NULL: remove */
    uint32_t match_count;
};

static bool is_container(const struct node *node)
{
    return node->kind == NODE_MAPPING || node->kind == NODE_SEQUENCE;
}

static struct shape shape_of(const struct overlay *overlay, const struct node *node)
{
    return (struct shape){.arena = overlay->arena, .diags = overlay->diags, .span = node->span};
}

/* ---- merging ---- */

static const struct node *merge(struct overlay *overlay, const struct node *target,
                                const struct node *update);

static const struct node *merge_mappings(struct overlay *overlay, const struct node *target,
                                         const struct node *update)
{
    struct shape out = shape_of(overlay, target);
    for (uint32_t i = 0; i < target->count; i++) {
        struct member member = target->members[i];
        const struct member *change = node_member(update, member.name);
        if (change) {
            member.value = merge(overlay, member.value, change->value);
            if (member.value == change->value)
                member.name_span = change->name_span;
        }
        shape_keep(&out, &member);
    }
    for (uint32_t i = 0; i < update->count; i++)
        if (!node_member(target, update->members[i].name))
            shape_keep(&out, &update->members[i]);
    return shape_mapping(&out);
}

static const struct node *join(struct overlay *overlay, const struct node *target,
                               const struct node *const *items, uint32_t count)
{
    struct shape out = shape_of(overlay, target);
    for (uint32_t i = 0; i < target->count; i++)
        shape_add(&out, target->items[i]);
    for (uint32_t i = 0; i < count; i++)
        shape_add(&out, items[i]);
    return shape_sequence(&out);
}

static const struct node *merge(struct overlay *overlay, const struct node *target,
                                const struct node *update)
{
    if (target->kind == NODE_MAPPING && update->kind == NODE_MAPPING)
        return merge_mappings(overlay, target, update);
    if (target->kind == NODE_SEQUENCE && update->kind == NODE_SEQUENCE)
        return join(overlay, target, update->items, update->count);
    if (is_container(target) && update->kind == NODE_NULL)
        return target;
    if (target->kind == NODE_NULL || (!is_container(target) && !is_container(update)))
        return update;
    struct diag *diag =
        diag_error(overlay->diags, "bad-update", update->span, "%s, where the document has %s",
                   node_kind_name(update->kind), node_kind_name(target->kind));
    diag_note(overlay->diags, diag, target->span, "the document's is here");
    return target;
}

static const struct node *update_target(const struct action *action, const struct node *target)
{
    struct overlay *overlay = action->overlay;
    if (target->kind == NODE_SEQUENCE)
        return join(overlay, target, &action->update, 1);
    if (target->kind == NODE_MAPPING && action->update->kind == NODE_MAPPING)
        return merge_mappings(overlay, target, action->update);
    struct diag *diag;
    if (target->kind == NODE_MAPPING)
        diag = diag_error(overlay->diags, "bad-update", action->update->span,
                          "the update of a mapping is %s", node_kind_name(action->update->kind));
    else
        diag = diag_error(overlay->diags, "bad-update", action->span,
                          "the target selects %s, which cannot be updated",
                          node_kind_name(target->kind));
    diag_note(overlay->diags, diag, target->span, "the target is here");
    if (target->kind != NODE_MAPPING)
        diag_help(overlay->diags, diag, "select the mapping that holds it");
    return target;
}

/* ---- walking ---- */

/* A step of the target is a bit; that above the last one stands for what is selected. */
static uint64_t steps_below(const struct json_path *path, uint64_t steps, const struct node *parent,
                            uint32_t index)
{
    uint64_t below = 0;
    for (uint32_t i = 0; i < path->segment_count; i++) {
        uint64_t step = UINT64_C(1) << i;
        if (!(steps & step))
            continue;
        if (path->segments[i].is_descendant)
            below |= step;
        if (json_path_selects(&path->segments[i], parent, index))
            below |= step << 1;
    }
    return below;
}

static const struct node *change(struct action *action, const struct node *node, uint64_t steps,
                                 unsigned depth);

/* The mapping or sequence with its children changed: itself when none was. */
static const struct node *change_children(struct action *action, const struct node *node,
                                          uint64_t steps, unsigned depth)
{
    bool is_mapping = node->kind == NODE_MAPPING, is_changed = false;
    struct shape out = shape_of(action->overlay, node);
    for (uint32_t i = 0; i < node->count; i++) {
        struct member member = {.value = is_mapping ? NULL : node->items[i]};
        if (is_mapping)
            member = node->members[i];
        const struct node *before = member.value;
        uint64_t below = steps_below(&action->path, steps, node, i);
        if (below)
            member.value = change(action, before, below, depth + 1);
        is_changed |= member.value != before;
        if (member.value)
            shape_keep(&out, &member);
    }
    if (!is_changed)
        return node;
    return is_mapping ? shape_mapping(&out) : shape_sequence(&out);
}

/* The node as it is after the action; NULL when it is removed. */
static const struct node *change(struct action *action, const struct node *node, uint64_t steps,
                                 unsigned depth)
{
    struct overlay *overlay = action->overlay;
    uint64_t selected = UINT64_C(1) << action->path.segment_count;
    if (depth > DOCUMENT_DEPTH_MAX || ++overlay->visits > DOCUMENT_NODE_MAX) {
        overlay->is_too_large = true;
        return node;
    }
    bool is_selected = steps & selected;
    action->match_count += is_selected;
    if (is_selected && !action->update)
        return NULL;
    if (is_container(node) && (steps & (selected - 1)))
        node = change_children(action, node, steps, depth);
    return is_selected ? update_target(action, node) : node;
}

/* ---- reading the overlay ---- */

static void check_members(const struct overlay *overlay, const struct node *node,
                          const char *const *known, const char *what)
{
    for (uint32_t i = 0; i < node->count; i++) {
        struct str name = node->members[i].name;
        bool is_known = str_starts(name, "x-");
        for (const char *const *at = known; *at && !is_known; at++)
            is_known = str_is(name, *at);
        if (!is_known)
            diag_warning(overlay->diags, "unknown-key", node->members[i].name_span,
                         "'%.*s' has no meaning in %s; it is left out", STR_ARG(name), what);
    }
}

static bool check_head(const struct overlay *overlay, const struct node *root)
{
    static const char *const known[] = {"overlay", "info", "extends", "actions", NULL};
    const struct node *version = node_get(root, "overlay");
    const struct node *actions = node_get(root, "actions");
    struct span start = {root->span.source, 0, 0};
    bool is_text = version && (version->kind == NODE_STRING || version->kind == NODE_NUMBER);
    struct diag *diag = NULL;
    if (!version)
        diag = diag_error(overlay->diags, "bad-overlay", start,
                          "this is no overlay: it has no 'overlay'");
    else if (!is_text || !(str_is(version->text, "1.0") || str_starts(version->text, "1.0.")))
        diag = diag_error(overlay->diags, "bad-overlay", version->span,
                          "this version of overlays is not supported");
    else if (!actions || actions->kind != NODE_SEQUENCE || actions->count == 0)
        diag_error(overlay->diags, "bad-overlay", actions ? actions->span : start,
                   actions ? "'actions' is not a sequence of actions"
                           : "the overlay has no 'actions'");
    else
        check_members(overlay, root, known, "an overlay");
    if (diag)
        diag_help(overlay->diags, diag, "an overlay begins with: overlay: 1.0.0");
    return is_text && !diag && actions && actions->kind == NODE_SEQUENCE && actions->count;
}

static const char *action_problem(const struct node *node)
{
    const struct node *target = node_get(node, "target");
    const struct node *remove = node_get(node, "remove");
    if (node->kind != NODE_MAPPING)
        return "an action that is no mapping";
    if (!target || target->kind != NODE_STRING)
        return "an action without a 'target' that is a string";
    if (remove && remove->kind != NODE_BOOLEAN)
        return "an action whose 'remove' is no boolean";
    if (!node_boolean(remove, false) && !node_get(node, "update"))
        return "an action with neither 'update' nor 'remove: true'";
    return NULL;
}

static bool read_action(struct overlay *overlay, const struct node *node, struct action *action)
{
    static const char *const known[] = {"target", "description", "update", "remove", NULL};
    const char *problem = action_problem(node);
    if (problem) {
        diag_error(overlay->diags, "bad-overlay", node->span, "%s", problem);
        return false;
    }
    check_members(overlay, node, known, "an action");
    const struct node *target = node_get(node, "target");
    *action = (struct action){.overlay = overlay, .span = target->span};
    if (!node_boolean(node_get(node, "remove"), false))
        action->update = node_get(node, "update");
    return json_path_parse(target, overlay->arena, overlay->diags, &action->path);
}

static const struct node *run_action(struct overlay *overlay, const struct node *root,
                                     const struct node *node)
{
    struct action action;
    if (!read_action(overlay, node, &action))
        return root;
    if (action.path.segment_count == 0 && !action.update) {
        diag_error(overlay->diags, "bad-target", action.span,
                   "the target is the whole document, which cannot be removed");
        return root;
    }
    root = change(&action, root, 1, 0);
    if (action.match_count == 0 && !overlay->is_too_large)
        diag_warning(overlay->diags, "unmatched-target", action.span,
                     "the target selects nothing in the document");
    return root;
}

/* Whether the document is still as small as those that are read. */
static bool is_small(struct overlay *overlay, const struct node *node, unsigned depth)
{
    if (depth > DOCUMENT_DEPTH_MAX || ++overlay->visits > DOCUMENT_NODE_MAX)
        return false;
    for (uint32_t i = 0; is_container(node) && i < node->count; i++)
        if (!is_small(overlay, node->kind == NODE_MAPPING ? node->members[i].value : node->items[i],
                      depth + 1))
            return false;
    return true;
}

bool overlay_apply(struct document *document, const struct document *overlay, struct arena *arena,
                   struct diag_list *diags)
{
    uint32_t errors_before = diags->error_count;
    struct overlay state = {.arena = arena, .diags = diags};
    const struct node *root = document->root;
    if (!overlay->root || !check_head(&state, overlay->root))
        return false;
    const struct node *actions = node_get(overlay->root, "actions");
    for (uint32_t i = 0; i < actions->count && !state.is_too_large; i++)
        root = run_action(&state, root, actions->items[i]);
    state.visits = 0;
    if (state.is_too_large || !is_small(&state, root, 0))
        diag_error(diags, "too-large", actions->span,
                   "the overlay makes a document that is too large or too deep");
    if (diags->error_count != errors_before)
        return false;
    const struct source **sources =
        arena_array(arena, document->overlay_count + 1, sizeof *sources);
    for (uint32_t i = 0; i < document->overlay_count; i++)
        sources[i] = document->overlays[i];
    sources[document->overlay_count++] = overlay->source;
    document->overlays = sources;
    document->root = root;
    return true;
}
