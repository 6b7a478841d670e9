/*
 * Writing diagnostics for programs. docs/cli.md describes the JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/diag_form.h"

#include "compiler/base/map.h"
#include "compiler/base/utf8.h"
#include "compiler/openapi/json_write.h"

static const char *const severity_names[] = {
    [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};

static void put_member(const char *name, struct str text, const char *end, struct str_builder *out)
{
    str_add_format(out, "\"%s\": ", name);
    json_write_string(out, text);
    str_add_text(out, end);
}

/* ---- JSON ---- */

static void put_place(const char *name, struct span span, struct str_builder *out)
{
    if (!span.source) {
        str_add_format(out, "\"%s\": null", name);
        return;
    }
    struct position at = source_position(span.source, span.start);
    str_add_format(out, "\"%s\": {", name);
    put_member("file", span.source->name, ", ", out);
    str_add_format(out, "\"line\": %u, \"column\": %u}", at.line, at.column);
}

void diag_form_object(const struct diag *diag, struct str_builder *out)
{
    str_add_text(out, "{");
    put_member("severity", str_of(severity_names[diag->severity]), ", ", out);
    put_member("slug", str_of(diag->slug), ", ", out);
    put_member("message", diag->message, ", ", out);
    if (diag->help.len)
        put_member("help", diag->help, ", ", out);
    put_place("at", diag->span, out);
    if (diag->note.len) {
        str_add_text(out, ", \"note\": {");
        put_member("message", diag->note, ", ", out);
        put_place("at", diag->note_span, out);
        str_add_text(out, "}");
    }
    str_add_text(out, "}");
}

void diag_form_json(const struct diag_list *diags, struct str input, struct str_builder *out)
{
    const struct diag *const *sorted = diag_sorted(diags);
    size_t count = diags->items.count;
    str_add_text(out, "{\n  ");
    put_member("mcpc", STR(MCPP_VERSION), ",\n  ", out);
    put_member("input", input, ",\n", out);
    str_add_format(out,
                   "  \"counts\": {\"errors\": %u, \"warnings\": %u, \"notes\": %zu},\n"
                   "  \"diagnostics\": [",
                   diags->error_count, diags->warning_count,
                   count - diags->error_count - diags->warning_count);
    for (size_t i = 0; i < count; i++) {
        str_add_text(out, i ? ",\n    " : "\n    ");
        diag_form_object(sorted[i], out);
    }
    str_add_text(out, count ? "\n  ]\n}\n" : "]\n}\n");
}

/* ---- SARIF ---- */

/* SARIF counts columns in characters, a source position in bytes. */
static uint32_t character_column(struct source *source, struct position at)
{
    struct str line = source_line(source, at.line);
    uint32_t column = 1;
    for (uint32_t i = 0; i + 1 < at.column && i < line.len; i++)
        column += !utf8_is_continuation(line.at[i]);
    return column;
}

/* A file's name as a URI reference (RFC 3986). */
static struct str uri_of(struct str name, struct arena *arena)
{
    struct str_builder out = {.arena = arena};
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = (unsigned char)name.at[i];
        bool stays = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || byte == '/' || byte == '.' || byte == '-' ||
                     byte == '_' || byte == '~';
        if (stays)
            str_add_byte(&out, (char)byte);
        else
            str_add_format(&out, "%%%02X", byte);
    }
    return str_built(&out);
}

static void put_location(struct span span, struct str message, struct str_builder *out)
{
    struct position start = source_position(span.source, span.start);
    struct position end = source_position(span.source, span.end);
    struct str name =
        span.source->url.len ? span.source->url : uri_of(span.source->name, out->arena);
    str_add_text(out, "{\"physicalLocation\": {\"artifactLocation\": {");
    put_member("uri", name, "}, ", out);
    str_add_format(out,
                   "\"region\": {\"startLine\": %u, \"startColumn\": %u, \"endLine\": %u, "
                   "\"endColumn\": %u}}",
                   start.line, character_column(span.source, start), end.line,
                   character_column(span.source, end));
    if (message.len) {
        str_add_text(out, ", \"message\": {");
        put_member("text", message, "}", out);
    }
    str_add_text(out, "}");
}

static void put_result(const struct diag *diag, struct str_builder *out)
{
    struct str text = diag->message;
    if (diag->help.len)
        text = str_format(out->arena, "%.*s (%.*s)", STR_ARG(text), STR_ARG(diag->help));
    str_add_text(out, "        {");
    put_member("ruleId", str_of(diag->slug), ", ", out);
    put_member("level", str_of(severity_names[diag->severity]), ", \"message\": {", out);
    put_member("text", text, "}", out);
    if (diag->span.source) {
        str_add_text(out, ", \"locations\": [");
        put_location(diag->span, (struct str){0}, out);
        str_add_text(out, "]");
    }
    if (diag->note.len && diag->note_span.source) {
        str_add_text(out, ", \"relatedLocations\": [");
        put_location(diag->note_span, diag->note, out);
        str_add_text(out, "]");
    }
    str_add_text(out, "}");
}

void diag_form_sarif(const struct diag_list *diags, struct str_builder *out)
{
    const struct diag *const *sorted = diag_sorted(diags);
    size_t count = diags->items.count;
    struct map seen = {.arena = out->arena};
    const char *joint = "";
    str_add_text(out, "{\n"
                      "  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
                      "  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n"
                      "      \"tool\": {\"driver\": {\"name\": \"mcpc\", ");
    put_member("version", STR(MCPP_VERSION), ", \"rules\": [", out);
    for (size_t i = 0; i < count; i++) {
        if (map_add(&seen, str_of(sorted[i]->slug), (void *)sorted[i]))
            continue;
        str_add_format(out, "%s{\"id\": \"%s\"}", joint, sorted[i]->slug);
        joint = ", ";
    }
    str_add_text(out, "]}},\n      \"columnKind\": \"unicodeCodePoints\",\n"
                      "      \"results\": [");
    for (size_t i = 0; i < count; i++) {
        str_add_text(out, i ? ",\n" : "\n");
        put_result(sorted[i], out);
    }
    str_add_text(out, count ? "\n      ]\n    }\n  ]\n}\n" : "]\n    }\n  ]\n}\n");
}
