/*
 * Reading styles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/parameter_style.h"

enum {
    OF_PATH = 1 << PLACE_PATH,
    OF_QUERY = 1 << PLACE_QUERY | 1 << PLACE_BODY,
    OF_HEADER = 1 << PLACE_HEADER | 1 << PLACE_PART_HEADER,
    OF_COOKIE = 1 << PLACE_COOKIE,
};

static const struct style_name {
    const char *name;
    enum parameter_style style;
    unsigned places, swagger2_places; /* the latter for collection formats */
} style_names[] = {
    {"simple", STYLE_SIMPLE, OF_PATH | OF_HEADER, 0},
    {"label", STYLE_LABEL, OF_PATH, 0},
    {"matrix", STYLE_MATRIX, OF_PATH, 0},
    {"form", STYLE_FORM, OF_QUERY | OF_COOKIE, 0},
    {"cookie", STYLE_FORM, OF_COOKIE, 0}, /* but for the percent-encoding, which is safe */
    {"spaceDelimited", STYLE_SPACE_DELIMITED, OF_QUERY, OF_PATH | OF_HEADER},
    {"pipeDelimited", STYLE_PIPE_DELIMITED, OF_QUERY, OF_PATH | OF_HEADER},
    {"tabDelimited", STYLE_TAB_DELIMITED, 0, OF_QUERY | OF_PATH | OF_HEADER},
    {"deepObject", STYLE_DEEP_OBJECT, OF_QUERY, 0},
};

static enum parameter_style default_style(enum parameter_place place)
{
    bool is_simple = place == PLACE_PATH || place == PLACE_HEADER || place == PLACE_PART_HEADER;
    return is_simple ? STYLE_SIMPLE : STYLE_FORM;
}

static const struct style_name *find(struct str name)
{
    for (size_t i = 0; i < sizeof style_names / sizeof *style_names; i++)
        if (str_is(name, style_names[i].name))
            return &style_names[i];
    return NULL;
}

void parameter_style_read(struct build *build, const struct node *node, struct argument *argument)
{
    struct str text = build_string(build, node, "style");
    const struct style_name *name = find(text);
    unsigned places = !name                ? 0
                      : build->is_swagger2 ? name->places | name->swagger2_places
                                           : name->places;
    argument->style = default_style(argument->place);
    if (places & 1U << argument->place)
        argument->style = name->style;
    else if (text.len)
        build_diag_warning(build, "unsupported-style", node_get(node, "style")->span,
                           "the style '%.*s' is not for this place; the default is used",
                           STR_ARG(text));
    argument->explode = build_boolean(build, node, "explode", argument->style == STYLE_FORM);
    argument->allow_reserved = build_boolean(build, node, "allowReserved", false);
    if (argument->place == PLACE_HEADER || argument->place == PLACE_PART_HEADER)
        argument->allow_reserved = false; /* nothing is percent-encoded there */
    if (argument->allow_reserved && argument->place != PLACE_QUERY &&
        argument->place != PLACE_BODY) {
        build_diag_warning(build, "unsupported-style", node_get(node, "allowReserved")->span,
                           "'allowReserved' is supported in queries only; reserved characters are "
                           "percent-encoded here");
        argument->allow_reserved = false;
    }
}
