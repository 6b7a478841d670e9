/*
 * Expanding includes and presets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/include.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/file.h"
#include "compiler/policy/parameter.h"
#include "compiler/policy/parse.h"
#include "compiler/policy/stdlib.h"
#include "compiler/policy/version.h"

enum { INCLUDE_DEPTH_MAX = 20, INCLUDE_COUNT_MAX = 1000 };

/* A file that is being read because a statement names it. */
struct opened {
    struct str name; /* "<rbac>", or the path */
    struct span named_at;
};

struct includer {
    const struct include_files *files;
    struct arena *arena;
    struct diag_list *diags;
    struct opened opened[INCLUDE_DEPTH_MAX];
    uint32_t depth;
    LIST(struct statement) statements;
    LIST(const struct source *) sources;
};

/* ---- finding files ---- */

static struct source *open_stdlib(struct includer *includer, struct word word)
{
    LIST(struct str) names = {0};
    for (const struct stdlib_file *file = stdlib_files; file->name; file++) {
        if (str_is(word.text, file->name))
            return source_of(includer->arena, str_format(includer->arena, "<%s>", file->name),
                             str_of(file->text));
        *list_add(includer->arena, &names) = str_of(file->name);
    }
    struct diag *diag = diag_error(includer->diags, "unknown-include", word.span,
                                   "the standard library has no '%.*s'", STR_ARG(word.text));
    diag_suggest(includer->diags, diag, "file", word.text, names.at, names.count);
    if (diag->help.len == 0)
        diag_help(includer->diags, diag, "'mcpc doc' lists what there is");
    return NULL;
}

static struct str path_of(struct includer *includer, struct word word)
{
    struct str folder = STR("");
    if (!str_starts(word.text, "/"))
        folder = file_folder(word.span.source->name);
    return str_format(includer->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(word.text));
}

static struct source *open_file(struct includer *includer, struct word word)
{
    const char *error = NULL;
    struct str path = path_of(includer, word);
    if (str_starts(word.text, "http://") || str_starts(word.text, "https://")) {
        struct diag *diag =
            diag_error(includer->diags, "remote-policy", word.span, "policies are not fetched");
        diag_help(includer->diags, diag, "save it, read it, and include the file");
        return NULL;
    }
    if (str_starts(word.span.source->name, "<")) {
        diag_error(includer->diags, "unknown-include", word.span,
                   "the standard library includes no files");
        return NULL;
    }
    struct source *source =
        includer->files->read(includer->files->context, str_text(includer->arena, path), &error);
    if (!source)
        diag_error(includer->diags, "cannot-read", word.span, "cannot read '%.*s': %s",
                   STR_ARG(path), error);
    /* cppcheck-suppress returnDanglingLifetime ; it is not the error's text that is kept */
    return source;
}

/* False: the file is being read already, or too many are. */
static bool enter(struct includer *includer, struct str name, struct span named_at)
{
    for (uint32_t i = 0; i < includer->depth; i++) {
        if (!str_equal(includer->opened[i].name, name))
            continue;
        struct diag *diag = diag_error(includer->diags, "circular-include", named_at,
                                       "'%.*s' includes itself", STR_ARG(name));
        if (includer->opened[i].named_at.source)
            diag_note(includer->diags, diag, includer->opened[i].named_at,
                      "it was included here first");
        return false;
    }
    if (includer->depth == INCLUDE_DEPTH_MAX || includer->sources.count == INCLUDE_COUNT_MAX) {
        diag_error(includer->diags, "too-long", named_at, "more files included than %s",
                   includer->depth == INCLUDE_DEPTH_MAX ? "20 inside each other" : "1000");
        return false;
    }
    includer->opened[includer->depth++] = (struct opened){name, named_at};
    return true;
}

/* ---- reading files ---- */

/* The file that a statement names, read twice: for its parameters, and with their values. */
static bool read_file(struct includer *includer, const struct statement *statement,
                      struct word word, struct source *source, struct mcpp_parameters *parameters,
                      struct policy_ast *out)
{
    struct policy_ast plain;
    source->included_at = word.span;
    *list_add(includer->arena, &includer->sources) = source;
    return policy_parse(source, includer->arena, includer->diags, &plain) &&
           version_check(&plain, includer->diags) &&
           parameters_bind(&plain, statement, includer->arena, includer->diags, parameters) &&
           policy_parse_with(source, parameters, includer->arena, includer->diags, out);
}

static void report_misplaced(struct includer *includer, const struct statement *statement,
                             const char *problem)
{
    diag_error(includer->diags, "misplaced-statement", statement->span, "%s", problem);
}

static void add_all(struct includer *includer, const struct policy_ast *ast, bool is_main);

static void add_include(struct includer *includer, const struct statement *statement)
{
    struct word word = statement->name;
    struct str name = statement->is_stdlib
                          ? str_format(includer->arena, "<%.*s>", STR_ARG(word.text))
                          : path_of(includer, word);
    if (!enter(includer, name, statement->span))
        return;
    struct source *source =
        statement->is_stdlib ? open_stdlib(includer, word) : open_file(includer, word);
    struct mcpp_parameters parameters;
    struct policy_ast file;
    if (source && read_file(includer, statement, word, source, &parameters, &file))
        add_all(includer, &file, false);
    includer->depth--;
}

/* ---- presets ---- */

/* The file's preset; what else there is in the file is reported. */
static const struct statement *find_preset(struct includer *includer, const struct policy_ast *file,
                                           struct word word)
{
    const struct statement *preset = NULL;
    for (uint32_t i = 0; i < file->statement_count; i++) {
        const struct statement *statement = &file->statements[i];
        if (statement->kind == STATEMENT_PRESET && !preset)
            preset = statement;
        else if (statement->kind != STATEMENT_VERSION && statement->kind != STATEMENT_PARAMETER &&
                 preset)
            report_misplaced(includer, statement, "a file with a preset holds nothing else");
    }
    if (!preset)
        diag_error(includer->diags, "unknown-include", word.span, "'%.*s' is no preset",
                   STR_ARG(word.text));
    return preset;
}

static bool is_overridden(const struct statement *verifier, const struct setting *setting)
{
    for (uint32_t i = 0; i < verifier->settings.count; i++)
        if (str_equal(verifier->settings.at[i].name.text, setting->name.text))
            return true;
    return false;
}

/* The preset's settings, then the verifier's own; one of its own replaces the preset's. */
static struct settings merge(struct includer *includer, const struct statement *preset,
                             const struct statement *verifier,
                             const struct mcpp_parameters *parameters)
{
    struct setting *settings =
        arena_array(includer->arena, (size_t)preset->settings.count + verifier->settings.count,
                    sizeof *settings);
    uint32_t count = 0;
    for (uint32_t i = 0; i < preset->settings.count; i++)
        if (!is_overridden(verifier, &preset->settings.at[i]) ||
            parameters_have(parameters, preset->settings.at[i].name.text))
            settings[count++] = preset->settings.at[i];
    for (uint32_t i = 0; i < verifier->settings.count; i++)
        if (!parameters_have(parameters, verifier->settings.at[i].name.text))
            settings[count++] = verifier->settings.at[i];
    return (struct settings){settings, count};
}

static void add_from_preset(struct includer *includer, const struct statement *statement)
{
    struct word word = statement->verifier_kind;
    struct source *source =
        word.is_string ? open_file(includer, word) : open_stdlib(includer, word);
    struct mcpp_parameters parameters;
    struct policy_ast file;
    if (!source || !read_file(includer, statement, word, source, &parameters, &file))
        return;
    const struct statement *preset = find_preset(includer, &file, word);
    if (!preset)
        return;
    struct statement *verifier = list_add(includer->arena, &includer->statements);
    *verifier = *statement;
    verifier->is_from_preset = false;
    verifier->verifier_kind = preset->verifier_kind;
    verifier->settings = merge(includer, preset, statement, &parameters);
}

/* ---- statements ---- */

/* The statements of the policy itself may include; those of included files may do less. */
static void add_statement(struct includer *includer, const struct statement *statement,
                          bool is_main)
{
    switch (statement->kind) {
    case STATEMENT_INCLUDE:
        add_include(includer, statement);
        return;
    case STATEMENT_PARAMETER:
        if (is_main)
            report_misplaced(includer, statement, "parameters are for files that are included");
        return;
    case STATEMENT_PRESET:
        report_misplaced(includer, statement, "a preset is for: verifier NAME from FILE");
        return;
    case STATEMENT_API:
    case STATEMENT_OVERLAY:
        if (!is_main)
            report_misplaced(includer, statement, "the policy itself names its document");
        break;
    case STATEMENT_VERSION:
        if (!is_main)
            return;
        break;
    case STATEMENT_VERIFIER:
        if (statement->is_from_preset) {
            add_from_preset(includer, statement);
            return;
        }
        break;
    default:
        break;
    }
    *list_add(includer->arena, &includer->statements) = *statement;
}

static void add_all(struct includer *includer, const struct policy_ast *ast, bool is_main)
{
    for (uint32_t i = 0; i < ast->statement_count; i++)
        add_statement(includer, &ast->statements[i], is_main);
}

/* ---- roles ---- */

static bool is_listed_role(const struct statement *statement)
{
    return statement->kind == STATEMENT_ROLE && !statement->guard.when && !statement->guard.unless;
}

/* A role that an included file only names is held when the policy itself says so, if it does. */
static void drop_named_roles(struct includer *includer, const struct source *main)
{
    struct map said = {.arena = includer->arena};
    size_t kept = 0;
    for (size_t i = 0; i < includer->statements.count; i++) {
        struct statement *statement = &includer->statements.at[i];
        if (statement->kind == STATEMENT_ROLE && statement->span.source == main)
            map_add(&said, statement->name.text, statement);
    }
    for (size_t i = 0; i < includer->statements.count; i++) {
        struct statement *statement = &includer->statements.at[i];
        if (!is_listed_role(statement) || statement->span.source == main ||
            !map_get(&said, statement->name.text))
            includer->statements.at[kept++] = *statement;
    }
    includer->statements.count = kept;
}

/* ---- all ---- */

static int by_place(const void *left, const void *right)
{
    const struct span *a = &(*(const struct statement *const *)left)->span;
    const struct span *b = &(*(const struct statement *const *)right)->span;
    if (a->source != b->source)
        return (uintptr_t)a->source < (uintptr_t)b->source ? -1 : 1;
    return a->start < b->start ? -1 : a->start > b->start;
}

static const struct statement *const *sorted(const struct includer *includer)
{
    size_t count = includer->statements.count;
    const struct statement **all = arena_array(includer->arena, count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = &includer->statements.at[i];
    if (count)
        qsort(all, count, sizeof *all, by_place);
    return all;
}

/* `${…}` in names of the policy itself stands for nothing; most policies hold none. */
static void check_main(struct includer *includer, const struct policy_ast *ast)
{
    struct mcpp_parameters none = {.values = {.arena = includer->arena}, .is_main = true};
    struct policy_ast again;
    struct str text = ast->source ? ast->source->text : (struct str){0};
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] == '$' && text.at[i + 1] == '{') {
            policy_parse_with(ast->source, &none, includer->arena, includer->diags, &again);
            return;
        }
    }
}

bool policy_include(const struct policy_ast *ast, const struct include_files *files,
                    struct arena *arena, struct diag_list *diags, struct policy_ast *out)
{
    uint32_t errors = diags->error_count;
    struct includer includer = {.files = files, .arena = arena, .diags = diags};
    if (ast->source) {
        *list_add(arena, &includer.sources) = ast->source;
        includer.opened[includer.depth++] = (struct opened){ast->source->name, {0}};
    }
    check_main(&includer, ast);
    add_all(&includer, ast, true);
    drop_named_roles(&includer, ast->source);
    *out = (struct policy_ast){.source = ast->source,
                               .statements = includer.statements.at,
                               .statement_count = (uint32_t)includer.statements.count,
                               .by_place = sorted(&includer),
                               .sources = includer.sources.at,
                               .source_count = (uint32_t)includer.sources.count,
                               .comments_at_end = ast->comments_at_end};
    return diags->error_count == errors;
}
