/*
 * Tools as C: one entry each, with everything that belongs to it in its place. Fields that are zero
 * are left out; texts never are, because the runtime wants "" rather than NULL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/emit/tool.h"

#include "compiler/emit/c_text.h"
#include "compiler/emit/decisions.h"
#include "compiler/emit/part.h"

static void add_parameter(const struct mcpp_parameter *parameter, struct str_builder *out)
{
    static const char *const places[] = {[MCPP_IN_PATH] = "MCPP_IN_PATH",
                                         [MCPP_IN_QUERY] = "MCPP_IN_QUERY",
                                         [MCPP_IN_HEADER] = "MCPP_IN_HEADER",
                                         [MCPP_IN_COOKIE] = "MCPP_IN_COOKIE",
                                         [MCPP_IN_BODY] = "MCPP_IN_BODY",
                                         [MCPP_IN_WHOLE_BODY] = "MCPP_IN_WHOLE_BODY",
                                         [MCPP_IN_PART_HEADER] = "MCPP_IN_PART_HEADER"};
    static const char *const styles[] = {[MCPP_STYLE_SIMPLE] = "MCPP_STYLE_SIMPLE",
                                         [MCPP_STYLE_LABEL] = "MCPP_STYLE_LABEL",
                                         [MCPP_STYLE_MATRIX] = "MCPP_STYLE_MATRIX",
                                         [MCPP_STYLE_FORM] = "MCPP_STYLE_FORM",
                                         [MCPP_STYLE_SPACE_DELIMITED] =
                                             "MCPP_STYLE_SPACE_DELIMITED",
                                         [MCPP_STYLE_PIPE_DELIMITED] = "MCPP_STYLE_PIPE_DELIMITED",
                                         [MCPP_STYLE_TAB_DELIMITED] = "MCPP_STYLE_TAB_DELIMITED",
                                         [MCPP_STYLE_DEEP_OBJECT] = "MCPP_STYLE_DEEP_OBJECT",
                                         [MCPP_STYLE_JSON] = "MCPP_STYLE_JSON",
                                         [MCPP_STYLE_PART] = "MCPP_STYLE_PART"};
    str_add_text(out, "            {");
    c_text_literal(str_of(parameter->argument), out);
    str_add_text(out, ", ");
    c_text_literal(str_of(parameter->name), out);
    str_add_format(out, ", %s, .style = %s", places[parameter->place], styles[parameter->style]);
    str_add_text(out, parameter->explode ? ", .explode = true" : "");
    str_add_text(out, parameter->is_required ? ", .is_required = true" : "");
    str_add_text(out, parameter->allow_reserved ? ", .allow_reserved = true" : "");
    if (parameter->mcp_header) {
        str_add_text(out, ", .mcp_header = ");
        c_text_literal(str_of(parameter->mcp_header), out);
    }
    if (parameter->content_type) {
        str_add_text(out, ", .content_type = ");
        c_text_literal(str_of(parameter->content_type), out);
    }
    if (parameter->part) {
        str_add_text(out, ", .part = ");
        c_text_literal(str_of(parameter->part), out);
    }
    str_add_text(out, "},\n");
}

static void add_parameters(const struct mcpp_tool *tool, struct str_builder *out)
{
    if (tool->parameter_count == 0)
        return;
    str_add_text(out, "        .parameters = (const struct mcpp_parameter[]){\n");
    for (uint32_t i = 0; i < tool->parameter_count; i++)
        add_parameter(&tool->parameters[i], out);
    str_add_format(out, "        },\n        .parameter_count = %u,\n", tool->parameter_count);
}

static void add_siblings(const struct mcpp_tool *tool, struct str_builder *out)
{
    if (tool->sibling_count == 0)
        return;
    str_add_text(out, "        .siblings = (const char *const[]){\n");
    for (uint32_t i = 0; i < tool->sibling_count; i++) {
        str_add_text(out, "            ");
        c_text_literal(str_of(tool->siblings[i]), out);
        str_add_text(out, ",\n");
    }
    str_add_format(out, "        },\n        .sibling_count = %u,\n", tool->sibling_count);
}

static void add_body(const struct mcpp_tool *tool, struct str_builder *out)
{
    static const char *const bodies[] = {
        [MCPP_BODY_NONE] = "MCPP_BODY_NONE", [MCPP_BODY_JSON] = "MCPP_BODY_JSON",
        [MCPP_BODY_FORM] = "MCPP_BODY_FORM", [MCPP_BODY_MULTIPART] = "MCPP_BODY_MULTIPART",
        [MCPP_BODY_TEXT] = "MCPP_BODY_TEXT", [MCPP_BODY_BASE64] = "MCPP_BODY_BASE64"};
    if (tool->body != MCPP_BODY_NONE)
        str_add_format(out, "        .body = %s,\n", bodies[tool->body]);
    part_text("content_type", tool->content_type, out);
    part_text("accept", tool->accept, out);
}

static void add_choices(const struct tables *tables, const struct mcpp_tool *tool,
                        struct str_builder *out)
{
    if (tool->choice_count == 0)
        return;
    str_add_text(out, "        .choices = (const uint16_t[]){");
    for (uint32_t i = 0; i < tool->choice_count; i++)
        str_add_format(out, "%s%.*s", i ? ", " : "",
                       STR_ARG(tables->choice_identifiers[tool->choices[i]]));
    str_add_format(out, "},\n        .choice_count = %u,\n", tool->choice_count);
}

static void add_hints(uint32_t hints, struct str_builder *out)
{
    static const struct {
        uint32_t hint;
        const char *name;
    } known[] = {{MCPP_HINT_READ_ONLY, "MCPP_HINT_READ_ONLY"},
                 {MCPP_HINT_DESTRUCTIVE, "MCPP_HINT_DESTRUCTIVE"},
                 {MCPP_HINT_IDEMPOTENT, "MCPP_HINT_IDEMPOTENT"},
                 {MCPP_HINT_OPEN_WORLD, "MCPP_HINT_OPEN_WORLD"}};
    if (hints == 0)
        return;
    str_add_text(out, "        .hints = ");
    const char *joint = "";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!(hints & known[i].hint))
            continue;
        str_add_format(out, "%s%s", joint, known[i].name);
        joint = " | ";
    }
    str_add_text(out, ",\n");
}

static void add_challenge(const struct fact_set_group *group, struct str_builder *out)
{
    str_add_format(out, "        .challenge = %.*s,\n", STR_ARG(group->enumerator));
}

static void add_schema(const char *name, const char *schema, struct str_builder *out)
{
    str_add_format(out, "        .%s = ", name);
    c_text_literal(str_of(schema), out);
    str_add_text(out, ",\n");
}

static void add_tool(const struct tables *tables, uint32_t index, struct str_builder *out)
{
    const struct mcpp_tool *tool = &tables->policy.tools[index];
    str_add_format(out, "    [%.*s] = {\n", STR_ARG(tables->tool_identifiers[index]));
    part_text("name", tool->name, out);
    part_text("title", tool->title, out);
    part_text("description", tool->description, out);
    part_text("method", tool->method, out);
    part_text("path", tool->path, out);
    part_text("backend", tool->backend, out);
    add_siblings(tool, out);
    add_schema("input_schema", tool->input_schema, out);
    add_schema("output_schema", tool->output_schema, out);
    if (tool->validate_output)
        str_add_text(out, "        .validate_output = true,\n");
    if (tool->resource)
        part_text("resource", tool->resource, out);
    add_parameters(tool, out);
    add_body(tool, out);
    add_choices(tables, tool, out);
    add_hints(tool->hints, out);
    if (tool->timeout_ms)
        str_add_format(out, "        .timeout_ms = %u,\n", tool->timeout_ms);
    add_challenge(&tables->groups[tables->tool_groups[index]], out);
    emit_tool_decisions(tables, tool, out);
    part_origin(tool->origin, out);
    str_add_text(out, "    },\n");
}

void emit_tools(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    part_enum(tables->tool_identifiers, tables->policy.tool_count, "TOOL_COUNT", out);
    if (tables->policy.tool_count == 0)
        return;
    str_add_text(out, "static const struct mcpp_tool tools[] = {\n");
    for (uint32_t i = 0; i < tables->policy.tool_count; i++) {
        part_statement(emission, tables->source->tools[i].origin, 4, out);
        add_tool(tables, i, out);
        str_add_text(out, i + 1 < tables->policy.tool_count ? "\n" : "");
    }
    str_add_text(out, "};\n\n");
}
