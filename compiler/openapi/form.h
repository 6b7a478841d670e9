/*
 * Bodies that are made of an object's properties: forms, with the Encoding Objects (OpenAPI 3.2,
 * section 4.15) that say how each property is sent, and what they share with JSON objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OPENAPI_FORM_H
#define OPENAPI_FORM_H

#include "compiler/openapi/argument.h"
#include "compiler/openapi/object.h"

/* A request body that is being read. */
struct body {
    struct build *build;
    struct operation *operation;
    struct draft_list *drafts;
    const struct node *media; /* the Media Type Object that was chosen */
    const struct node *schema;
    struct str type, description;
    struct span span;
    bool is_required;
};

/* An argument for the property, sent as a form's. */
struct draft form_property_draft(const struct property *property);

/* Required properties are required even when the body as a whole is not: documents that demand them
 * seldom mean that a request without a body is right as well. */
void form_note_optional(struct body *body, const struct object *object);

/* Makes arguments of the properties of a form or multipart body. */
void form_add(struct body *body, bool is_multipart);

#endif
