/*
 * Edits of a policy's text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/sync.h"

#include <stdlib.h>

#include "compiler/base/map.h"
#include "compiler/lower/lower.h"
#include "compiler/policy/format.h"
#include "compiler/policy/parse.h"

/* Something to put at a place of the text; `is_hidden`: the lines of this one become a comment. */
struct edit {
    uint32_t at, end; /* lines: from the start of the first to behind the last */
    struct str text;  /* put before them */
    bool is_hidden;
    uint32_t order;
};

struct change {
    const struct sync *sync;
    struct arena *arena;
    struct str text;
    struct map spoken;   /* "GET /pets" -> struct statement: what the policy speaks about */
    struct map names;    /* of its tools */
    struct map scopes;   /* that it declares */
    struct map declared; /* its credentials, by label */
    struct map lowered;  /* "GET /pets" -> struct statement: as it would be lowered */
    struct map moved;    /* "GET /pets" -> struct statement: of the tool that it was before */
    struct policy_ast fresh;
    LIST(struct edit) edits;
    struct str_builder summary;
    uint32_t changes;
};

static struct str operation_key(struct arena *arena, struct str method, struct str path)
{
    return str_format(arena, "%.*s %.*s", STR_ARG(method), STR_ARG(path));
}

static bool is_about_operation(const struct statement *statement)
{
    return statement->kind == STATEMENT_TOOL || statement->kind == STATEMENT_OMIT;
}

static struct str key_of(struct change *change, const struct statement *statement)
{
    return operation_key(change->arena, statement->method.text, statement->path.text);
}

/* ---- places ---- */

static uint32_t line_start(struct str text, uint32_t at)
{
    while (at > 0 && text.at[at - 1] != '\n')
        at--;
    return at;
}

/* Behind the line's end. */
static uint32_t line_end(struct str text, uint32_t at)
{
    while (at < text.len && text.at[at] != '\n')
        at++;
    return at < text.len ? at + 1 : at;
}

static void add_edit(struct change *change, uint32_t at, uint32_t end, bool is_hidden,
                     struct str text)
{
    uint32_t order = (uint32_t)change->edits.count;
    *list_add(change->arena, &change->edits) = (struct edit){at, end, text, is_hidden, order};
}

/* Behind a statement of the file; NULL: at its end. */
static uint32_t place_behind(const struct change *change, const struct statement *statement)
{
    return statement ? line_end(change->text, statement->span.end) : (uint32_t)change->text.len;
}

static const struct statement *last_of(const struct change *change, enum statement_kind kind)
{
    const struct policy_ast *ast = change->sync->ast;
    for (uint32_t i = ast->statement_count; i-- > 0;)
        if (ast->statements[i].kind == kind)
            return &ast->statements[i];
    return NULL;
}

static struct str first_tag(const struct operation *operation)
{
    return operation && operation->tag_count ? operation->tags[0] : (struct str){0};
}

/* New tools stand behind the last one of their tag, else behind the last one. */
static const struct statement *neighbour_of(const struct change *change,
                                            const struct operation *operation)
{
    const struct policy_ast *ast = change->sync->ast;
    const struct statement *last = NULL, *related = NULL;
    for (uint32_t i = 0; i < ast->statement_count; i++) {
        const struct statement *statement = &ast->statements[i];
        if (!is_about_operation(statement))
            continue;
        const struct operation *other =
            api_operation(change->sync->api, statement->method.text, statement->path.text);
        last = statement;
        if (other && str_equal(first_tag(other), first_tag(operation)))
            related = statement;
    }
    return related ? related : last;
}

/* ---- what a new tool brings along ---- */

static void add_scope(struct change *change, struct str name)
{
    static char mark;
    if (map_add(&change->scopes, name, &mark))
        return;
    for (uint32_t i = 0; i < change->fresh.statement_count; i++) {
        const struct statement *statement = &change->fresh.statements[i];
        if (statement->kind != STATEMENT_SCOPE || !str_equal(statement->name.text, name))
            continue;
        const struct statement *after = last_of(change, STATEMENT_SCOPE);
        static const enum statement_kind heads[] = {STATEMENT_ACCEPT, STATEMENT_VERIFIER,
                                                    STATEMENT_BACKEND, STATEMENT_SERVER,
                                                    STATEMENT_API};
        for (size_t head = 0; !after && head < sizeof heads / sizeof *heads; head++)
            after = last_of(change, heads[head]);
        struct str_builder text = {.arena = change->arena};
        policy_format_statement(statement, &text);
        str_add_byte(&text, '\n');
        uint32_t at = place_behind(change, after);
        add_edit(change, at, at, false, str_built(&text));
    }
}

static void add_scopes(struct change *change, const struct condition *condition)
{
    if (!condition)
        return;
    if (condition->kind == CONDITION_SCOPE)
        add_scope(change, condition->word.text);
    add_scopes(change, condition->left);
    add_scopes(change, condition->right);
}

static void add_send_line(struct change *change, const struct statement *statement)
{
    const struct statement *after = last_of(change, STATEMENT_SEND);
    struct str_builder text = {.arena = change->arena};
    policy_format_statement(statement, &text);
    str_add_byte(&text, '\n');
    uint32_t at = place_behind(change, after);
    add_edit(change, at, at, false, str_built(&text));
}

/* The credentials that a `send` names, where the policy does not declare them. */
static void declare_sent(struct change *change, const struct statement *send)
{
    static char mark;
    for (uint32_t i = 0; i < send->sents.count; i++) {
        const struct statement *what = send->sents.at[i].what;
        if (what->send != SEND_NAMED || map_add(&change->declared, what->label.text, &mark))
            continue;
        for (uint32_t j = 0; j < change->fresh.statement_count; j++) {
            const struct statement *statement = &change->fresh.statements[j];
            if (statement->kind == STATEMENT_CREDENTIAL &&
                str_equal(statement->label.text, what->label.text))
                add_send_line(change, statement);
        }
    }
}

/* A credential that is lowered for single tools goes out with the new one too. */
static void add_credentials(struct change *change, struct str lowered_name, struct word name)
{
    for (uint32_t i = 0; i < change->fresh.statement_count; i++) {
        struct statement send = change->fresh.statements[i];
        bool is_for_it = false;
        for (uint32_t at = 0; send.kind == STATEMENT_SEND && at < send.selectors.count; at++)
            is_for_it |= str_equal(send.selectors.at[at].word.text, lowered_name);
        if (!is_for_it)
            continue;
        struct selector selector = {.kind = SELECTOR_NAME, .word = name};
        send.selectors = (struct selectors){&selector, 1};
        declare_sent(change, &send);
        add_send_line(change, &send);
    }
}

/* The name that it would be lowered with, unless another tool of the policy has it. */
static struct str free_name(struct change *change, struct str name)
{
    struct str found = name;
    for (unsigned number = 2; map_get(&change->names, found); number++)
        found = str_format(change->arena, "%.*s_%u", STR_ARG(name), number);
    return found;
}

/* ---- new, gone, moved ---- */

static struct str text_of(struct change *change, const struct statement *statement)
{
    struct str_builder text = {.arena = change->arena};
    policy_format_statement(statement, &text);
    if (statement->comment_at_end.len)
        str_add_format(&text, "  %.*s", STR_ARG(statement->comment_at_end));
    str_add_byte(&text, '\n');
    return str_built(&text);
}

static void add_new(struct change *change, const struct operation *operation)
{
    struct str key = operation_key(change->arena, operation->method, operation->path);
    const struct statement *lowered = map_get(&change->lowered, key);
    if (!lowered)
        return;
    struct statement statement = *lowered;
    const struct statement *before = map_get(&change->moved, key);
    uint32_t at = place_behind(change, before ? before : neighbour_of(change, operation));
    if (statement.kind == STATEMENT_TOOL) {
        statement.name.text = free_name(change, lowered->name.text);
        map_add(&change->names, statement.name.text, arena_new(change->arena, struct statement));
        add_scopes(change, statement.needs);
        add_credentials(change, lowered->name.text, statement.name);
    }
    add_edit(change, at, at, false, text_of(change, &statement));
    if (before)
        return;
    str_add_format(&change->summary, "new: %.*s\n", STR_ARG(key));
    change->changes++;
}

/* An operation that nothing speaks about and that is called as the tool is: it has moved. */
static const struct operation *moved_to(const struct change *change,
                                        const struct statement *statement)
{
    const struct api *api = change->sync->api;
    for (uint32_t i = 0; i < api->operation_count && statement->kind == STATEMENT_TOOL; i++) {
        const struct operation *operation = &api->operations[i];
        if (str_equal(operation->id, statement->name.text) &&
            !map_get(&change->spoken,
                     operation_key(change->arena, operation->method, operation->path)))
            return operation;
    }
    return NULL;
}

static void hide_gone(struct change *change, const struct statement *statement)
{
    struct str key = key_of(change, statement);
    if (api_operation(change->sync->api, statement->method.text, statement->path.text))
        return;
    if (statement->span.source != change->sync->ast->source) {
        diag_error(change->sync->diags, "unknown-operation", statement->span,
                   "the document has no operation %.*s", STR_ARG(key));
        return;
    }
    const struct operation *to = moved_to(change, statement);
    if (to)
        map_add(&change->moved, operation_key(change->arena, to->method, to->path),
                (void *)(uintptr_t)statement);
    struct str now = to ? operation_key(change->arena, to->method, to->path) : (struct str){0};
    struct str reason =
        to ? str_format(change->arena, "# now %.*s in the document:\n", STR_ARG(now))
           : STR("# gone from the document:\n");
    add_edit(change, line_start(change->text, statement->span.start),
             line_end(change->text, statement->span.end), true, reason);
    str_add_format(&change->summary, to ? "moved: %.*s to %.*s\n" : "gone: %.*s%.*s\n",
                   STR_ARG(key), STR_ARG(now));
    change->changes++;
}

/* ---- the new text ---- */

static int by_place(const void *left, const void *right)
{
    const struct edit *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->is_hidden != b->is_hidden) /* what follows the line before comes first */
        return b->is_hidden ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void put_hidden(struct str lines, struct str_builder *out)
{
    while (lines.len) {
        struct str line = str_part(lines, 0, str_find(lines, '\n'));
        str_add_format(out, line.len ? "# %.*s\n" : "#%.*s\n", STR_ARG(line));
        lines = str_from(lines, line.len + 1);
    }
}

static struct str apply(struct change *change)
{
    struct str_builder out = {.arena = change->arena};
    uint32_t at = 0;
    if (change->edits.count)
        qsort(change->edits.at, change->edits.count, sizeof *change->edits.at, by_place);
    for (size_t i = 0; i < change->edits.count; i++) {
        const struct edit *edit = &change->edits.at[i];
        str_add(&out, str_part(change->text, at, edit->at));
        if (out.len && out.at[out.len - 1] != '\n')
            str_add_byte(&out, '\n');
        str_add(&out, edit->text);
        if (edit->is_hidden)
            put_hidden(str_part(change->text, edit->at, edit->end), &out);
        at = edit->end;
    }
    str_add(&out, str_from(change->text, at));
    return str_built(&out);
}

/* A text that was laid out stays so: new lines join the columns of their neighbours. */
static struct str laid_out(struct change *change, struct str text)
{
    struct policy_ast ast;
    struct diag_list unread = {.arena = change->arena};
    struct source *source = source_of(change->arena, change->sync->ast->source->name, text);
    if (!str_equal(policy_format(change->sync->ast, change->arena), change->text) ||
        !policy_parse(source, change->arena, &unread, &ast))
        return text;
    return policy_format(&ast, change->arena);
}

/* ---- all ---- */

static void note_all(struct change *change)
{
    const struct policy_ast *whole = change->sync->whole;
    for (uint32_t i = 0; i < whole->statement_count; i++) {
        const struct statement *statement = &whole->statements[i];
        void *mark = (void *)(uintptr_t)statement;
        if (is_about_operation(statement))
            map_add(&change->spoken, key_of(change, statement), mark);
        if (statement->kind == STATEMENT_TOOL &&
            api_operation(change->sync->api, statement->method.text, statement->path.text))
            map_add(&change->names, statement->name.text, mark);
        if (statement->kind == STATEMENT_SCOPE)
            map_add(&change->scopes, statement->name.text, mark);
        if (statement->kind == STATEMENT_CREDENTIAL)
            map_add(&change->declared, statement->label.text, mark);
    }
    for (uint32_t i = 0; i < change->fresh.statement_count; i++) {
        const struct statement *statement = &change->fresh.statements[i];
        if (is_about_operation(statement))
            map_add(&change->lowered, key_of(change, statement), (void *)(uintptr_t)statement);
    }
}

bool sync_policy(const struct sync *sync, struct synced *out)
{
    struct map none = {.arena = sync->arena};
    struct change change = {.sync = sync,
                            .arena = sync->arena,
                            .text = sync->ast->source->text,
                            .spoken = none,
                            .names = none,
                            .scopes = none,
                            .declared = none,
                            .lowered = none,
                            .moved = none,
                            .summary = {.arena = sync->arena}};
    struct lower_options options = {.api_name = STR("openapi.yaml")};
    struct diag_list lowering = {.arena = sync->arena}; /* was said when it was first lowered */
    uint32_t errors = sync->diags->error_count;
    if (!lower_api(sync->api, &options, sync->arena, &lowering, &change.fresh)) {
        diag_error(sync->diags, "internal-error", (struct span){0},
                   "the document cannot be lowered: 'mcpc %.*s --report text' says why",
                   STR_ARG(sync->api->source->name));
        return false;
    }
    note_all(&change);
    for (uint32_t i = 0; i < sync->whole->statement_count; i++)
        if (is_about_operation(&sync->whole->statements[i]))
            hide_gone(&change, &sync->whole->statements[i]);
    for (uint32_t i = 0; i < sync->api->operation_count; i++) {
        const struct operation *operation = &sync->api->operations[i];
        if (!map_get(&change.spoken,
                     operation_key(sync->arena, operation->method, operation->path)))
            add_new(&change, operation);
    }
    out->text = change.edits.count ? laid_out(&change, apply(&change)) : change.text;
    out->summary = str_built(&change.summary);
    out->changes = change.changes;
    return sync->diags->error_count == errors;
}
