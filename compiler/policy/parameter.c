/*
 * Binding parameters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/parameter.h"

struct binding {
    const struct statement *statement; /* the include or verifier */
    struct arena *arena;
    struct diag_list *diags;
    struct map declared; /* name -> struct statement */
    LIST(struct str) names;
    struct mcpp_parameters *out;
};

static void declare(struct binding *binding, const struct statement *parameter)
{
    struct str name = parameter->name.text;
    const struct statement *first = map_add(&binding->declared, name, (void *)(uintptr_t)parameter);
    if (!first) {
        *list_add(binding->arena, &binding->names) = name;
        return;
    }
    struct diag *diag = diag_error(binding->diags, "duplicate", parameter->name.span,
                                   "parameter '%.*s' declared twice", STR_ARG(name));
    diag_note(binding->diags, diag, first->name.span, "first declared here");
}

static void set(struct binding *binding, struct word name, struct word value)
{
    if (!map_get(&binding->declared, name.text)) {
        struct diag *diag =
            diag_error(binding->diags, "unknown-parameter", name.span,
                       "the included file has no parameter '%.*s'", STR_ARG(name.text));
        diag_suggest(binding->diags, diag, "parameter", name.text, binding->names.at,
                     binding->names.count);
        return;
    }
    struct word *kept = arena_new(binding->arena, struct word);
    *kept = value;
    const struct word *first = map_add(&binding->out->values, name.text, kept);
    if (!first)
        return;
    struct diag *diag = diag_error(binding->diags, "duplicate", name.span,
                                   "parameter '%.*s' given twice", STR_ARG(name.text));
    diag_note(binding->diags, diag, first->span, "first given here");
}

/* `claim "org" argument orgId` on one line are two parameters. */
static void set_from(struct binding *binding, const struct setting *setting)
{
    struct words values = setting->values;
    bool is_include = binding->statement->kind == STATEMENT_INCLUDE;
    if (!is_include && !map_get(&binding->declared, setting->name.text))
        return;
    if (values.count % 2 == 0 || (!is_include && values.count != 1)) {
        diag_error(binding->diags, "bad-value", setting->span, "a parameter takes one value");
        return;
    }
    set(binding, setting->name, values.at[0]);
    for (uint32_t i = 1; i < values.count; i += 2)
        set(binding, values.at[i], values.at[i + 1]);
}

static void use_default(struct binding *binding, const struct statement *parameter)
{
    struct str name = parameter->name.text;
    if (map_get(&binding->out->values, name))
        return;
    struct word *kept = arena_new(binding->arena, struct word);
    *kept = parameter->description;
    map_add(&binding->out->values, name, kept);
    if (parameter->description.is_string)
        return;
    const struct statement *from = binding->statement;
    struct word file = from->kind == STATEMENT_INCLUDE ? from->name : from->verifier_kind;
    struct diag *diag = diag_error(binding->diags, "missing-parameter", file.span,
                                   "the parameter '%.*s' is not given", STR_ARG(name));
    diag_note(binding->diags, diag, parameter->span, "it is declared here, without a default");
}

bool parameters_bind(const struct policy_ast *file, const struct statement *statement,
                     struct arena *arena, struct diag_list *diags, struct mcpp_parameters *out)
{
    uint32_t errors = diags->error_count;
    *out = (struct mcpp_parameters){.values = {.arena = arena}};
    struct binding binding = {.statement = statement,
                              .arena = arena,
                              .diags = diags,
                              .declared = {.arena = arena},
                              .out = out};
    for (uint32_t i = 0; i < file->statement_count; i++)
        if (file->statements[i].kind == STATEMENT_PARAMETER)
            declare(&binding, &file->statements[i]);
    for (uint32_t i = 0; i < statement->settings.count; i++)
        set_from(&binding, &statement->settings.at[i]);
    for (uint32_t i = 0; i < file->statement_count; i++)
        if (file->statements[i].kind == STATEMENT_PARAMETER)
            use_default(&binding, &file->statements[i]);
    out->names = binding.names.at;
    out->name_count = binding.names.count;
    return diags->error_count == errors;
}

bool parameters_have(const struct mcpp_parameters *parameters, struct str name)
{
    return map_get(&parameters->values, name) != NULL;
}
