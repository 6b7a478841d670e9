/*
 * Writing reports. docs/cli.md describes the members of the JSON form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/report.h"

#include "compiler/diag_form.h"
#include "compiler/openapi/json_write.h"
#include "compiler/policy/format.h"
#include "compiler/policy/text.h"

/* What the policy says about one operation. */
struct fate {
    const struct operation *operation;
    LIST(const struct tool *) tools;
    const struct statement *omit;
};

struct fates {
    struct fate *all;
    uint32_t count, omit_count;
};

static const char *const severity_names[] = {
    [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};

static struct fates collect(const struct report *report, struct arena *arena)
{
    const struct api *api = report->policy->api;
    struct fates fates = {.count = api->operation_count};
    struct map index = {.arena = arena};
    fates.all = arena_array(arena, api->operation_count + 1, sizeof *fates.all);
    for (uint32_t i = 0; i < api->operation_count; i++) {
        const struct operation *operation = &api->operations[i];
        fates.all[i].operation = operation;
        map_add(
            &index,
            str_format(arena, "%.*s %.*s", STR_ARG(operation->method), STR_ARG(operation->path)),
            &fates.all[i]);
    }
    for (uint32_t i = 0; i < report->policy->tool_count; i++) {
        const struct tool *tool = &report->policy->tools[i];
        struct fate *fate = &fates.all[tool->operation - api->operations];
        *list_add(arena, &fate->tools) = tool;
    }
    for (uint32_t i = 0; i < report->ast->statement_count; i++) {
        const struct statement *statement = &report->ast->statements[i];
        if (statement->kind != STATEMENT_OMIT)
            continue;
        struct str name = str_format(arena, "%.*s %.*s", STR_ARG(statement->method.text),
                                     STR_ARG(statement->path.text));
        ((struct fate *)map_get(&index, name))->omit = statement;
        fates.omit_count++;
    }
    return fates;
}

/* An operationId that the tool does not go by. */
static bool is_renamed(const struct operation *operation, const struct tool *tool)
{
    return operation->id.len && !str_equal(operation->id, tool->name);
}

/* ---- text ---- */

static void put_count(struct str_builder *out, uint32_t count, const char *noun, const char *end)
{
    str_add_format(out, "%u %s%s%s", count, noun, count == 1 ? "" : "s", end);
}

static uint32_t note_count(const struct diag_list *diags)
{
    return (uint32_t)diags->items.count - diags->warning_count - diags->error_count;
}

static void put_text_tool(const struct fate *fate, const struct tool *tool, size_t column,
                          struct str_builder *out)
{
    str_add_format(out, "  %.*s", STR_ARG(tool->name));
    for (size_t width = tool->name.len; width < column + 1; width++)
        str_add_byte(out, ' ');
    str_add_format(out, "%.*s %.*s  needs ", STR_ARG(fate->operation->method),
                   STR_ARG(fate->operation->path));
    policy_format_condition(tool->needs, out);
    if (is_renamed(fate->operation, tool)) {
        str_add_text(out, ", operationId ");
        text_quote(fate->operation->id, out);
    }
    str_add_text(out, fate->operation->is_deprecated ? ", deprecated\n" : "\n");
}

static void put_text_tools(const struct report *report, const struct fates *fates,
                           struct str_builder *out)
{
    size_t column = 0;
    for (uint32_t i = 0; i < report->policy->tool_count; i++)
        if (report->policy->tools[i].name.len > column)
            column = report->policy->tools[i].name.len;
    if (report->policy->tool_count)
        str_add_text(out, "\ntools\n");
    for (uint32_t i = 0; i < fates->count; i++)
        for (size_t at = 0; at < fates->all[i].tools.count; at++)
            put_text_tool(&fates->all[i], fates->all[i].tools.at[at], column, out);
}

static void put_text_omits(const struct fates *fates, struct str_builder *out)
{
    if (fates->omit_count)
        str_add_text(out, "\nleft out\n");
    for (uint32_t i = 0; i < fates->count; i++) {
        const struct fate *fate = &fates->all[i];
        if (!fate->omit)
            continue;
        str_add_format(out, "  %.*s %.*s", STR_ARG(fate->operation->method),
                       STR_ARG(fate->operation->path));
        if (fate->omit->description.text.len) {
            str_add_text(out, "  ");
            text_quote(fate->omit->description.text, out);
        }
        str_add_byte(out, '\n');
    }
}

static void put_text_diags(const struct report *report, struct str_builder *out)
{
    const struct diag *const *sorted = diag_sorted(report->diags);
    if (report->diags->items.count)
        str_add_text(out, "\nwarnings and notes\n");
    for (size_t i = 0; i < report->diags->items.count; i++) {
        const struct diag *diag = sorted[i];
        struct str_builder message = {.arena = out->arena};
        text_quote(diag->message, &message); /* whatever it holds stays on its line */
        str_add_text(out, "  ");
        if (diag->span.source) {
            struct position at = source_position(diag->span.source, diag->span.start);
            str_add_format(out, "%.*s:%u:%u: ", STR_ARG(diag->span.source->name), at.line,
                           at.column);
        }
        struct str quoted = str_built(&message);
        bool is_plain = text_is_printable(diag->message);
        str_add_format(out, "%s: %.*s [%s]\n", severity_names[diag->severity],
                       STR_ARG(is_plain ? diag->message : quoted), diag->slug);
    }
}

void report_text(const struct report *report, struct str_builder *out)
{
    struct fates fates = collect(report, out->arena);
    str_add_format(out, "%.*s: ", STR_ARG(report->document->source->name));
    put_count(out, fates.count, "operation", ", ");
    put_count(out, report->policy->tool_count, "tool", ", ");
    str_add_format(out, "%u left out; ", fates.omit_count);
    put_count(out, report->diags->warning_count, "warning", ", ");
    put_count(out, note_count(report->diags), "note", "\n");
    put_text_tools(report, &fates, out);
    put_text_omits(&fates, out);
    put_text_diags(report, out);
}

/* ---- JSON ---- */

static void put_member(const char *name, struct str text, const char *end, struct str_builder *out)
{
    str_add_format(out, "\"%s\": ", name);
    json_write_string(out, text);
    str_add_text(out, end);
}

static void put_place(struct span span, struct str_builder *out)
{
    if (!span.source) {
        str_add_text(out, "\"at\": null");
        return;
    }
    struct position at = source_position(span.source, span.start);
    str_add_text(out, "\"at\": {");
    put_member("file", span.source->name, ", ", out);
    str_add_format(out, "\"line\": %u, \"column\": %u}", at.line, at.column);
}

static void put_json_head(const struct report *report, const struct fates *fates,
                          struct str_builder *out)
{
    const struct api *api = report->policy->api;
    const struct document *document = report->document;
    str_add_text(out, "{\n  ");
    put_member("mcpc", STR(MCPP_VERSION), ",\n  ", out);
    put_member("document", document->source->name, ",\n  ", out);
    str_add_text(out, "\"overlays\": [");
    for (uint32_t i = 0; i < document->overlay_count; i++) {
        str_add_text(out, i ? ", " : "");
        json_write_string(out, document->overlays[i]->name);
    }
    str_add_text(out, "],\n  ");
    put_member("openapi", api->openapi, ",\n  ", out);
    put_member("title", api->title, ",\n  ", out);
    put_member("version", api->version, ",\n", out);
    str_add_format(out,
                   "  \"counts\": {\"operations\": %u, \"tools\": %u, \"omitted\": %u, "
                   "\"warnings\": %u, \"notes\": %u},\n",
                   fates->count, report->policy->tool_count, fates->omit_count,
                   report->diags->warning_count, note_count(report->diags));
}

static void put_json_tools(const struct fate *fate, struct str_builder *out)
{
    str_add_text(out, "\"tools\": [");
    for (size_t i = 0; i < fate->tools.count; i++) {
        const struct tool *tool = fate->tools.at[i];
        struct str_builder needs = {.arena = out->arena};
        policy_format_condition(tool->needs, &needs);
        str_add_text(out, i ? ", {" : "{");
        put_member("name", tool->name, ", ", out);
        str_add_format(out, "\"renamed\": %s, ",
                       is_renamed(fate->operation, tool) ? "true" : "false");
        put_member("needs", str_built(&needs), "}", out);
    }
    str_add_text(out, "]");
}

static void put_json_operation(const struct fate *fate, struct str_builder *out)
{
    const struct operation *operation = fate->operation;
    str_add_text(out, "    {");
    put_member("method", operation->method, ", ", out);
    put_member("path", operation->path, ", ", out);
    if (operation->id.len)
        put_member("operationId", operation->id, ", ", out);
    else
        str_add_text(out, "\"operationId\": null, ");
    str_add_text(out, "\"tags\": [");
    for (uint32_t i = 0; i < operation->tag_count; i++) {
        str_add_text(out, i ? ", " : "");
        json_write_string(out, operation->tags[i]);
    }
    str_add_format(out, "], \"deprecated\": %s, ", operation->is_deprecated ? "true" : "false");
    put_json_tools(fate, out);
    str_add_text(out, ", ");
    if (fate->omit)
        put_member("omitted", fate->omit->description.text, ", ", out);
    else
        str_add_text(out, "\"omitted\": null, ");
    put_place(operation->span, out);
    str_add_text(out, "}");
}

void report_json(const struct report *report, struct str_builder *out)
{
    struct fates fates = collect(report, out->arena);
    const struct diag *const *sorted = diag_sorted(report->diags);
    put_json_head(report, &fates, out);
    str_add_text(out, "  \"operations\": [");
    for (uint32_t i = 0; i < fates.count; i++) {
        str_add_text(out, i ? ",\n" : "\n");
        put_json_operation(&fates.all[i], out);
    }
    str_add_text(out, "\n  ],\n  \"diagnostics\": [");
    for (size_t i = 0; i < report->diags->items.count; i++) {
        str_add_text(out, i ? ",\n" : "\n");
        str_add_text(out, "    ");
        diag_form_object(sorted[i], out);
    }
    str_add_text(out, "\n  ]\n}\n");
}
