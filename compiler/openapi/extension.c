/*
 * Reading extensions. The plain name is taken before Google's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/openapi/extension.h"

/* Google's is a list, comma-separated or a sequence; a verifier has one audience. */
static struct str first_audience(struct build *build, const struct node *node)
{
    bool is_sequence = node->kind == NODE_SEQUENCE && node->count > 0;
    struct str all = node_string(is_sequence ? node->items[0] : node);
    size_t comma = str_find(all, ',');
    struct str first = str_trimmed(str_part(all, 0, comma), " ");
    if (comma < all.len || (is_sequence && node->count > 1))
        build_diag_warning(build, "several-audiences", node->span,
                           "of several audiences only the first is used: '%.*s'", STR_ARG(first));
    return first;
}

static void read_text(struct build *build, const struct node *node, const char *name,
                      struct str *out)
{
    const struct node *value = node_get(node, name);
    if (!value || out->len)
        return;
    bool is_audience = str_ends(str_of(name), "audience") || str_ends(str_of(name), "audiences");
    *out = is_audience ? first_audience(build, value) : str_trimmed(node_string(value), " ");
    if (out->len == 0)
        build_diag_warning(build, "bad-value", value->span,
                           "'%s' is %s, not a string with something in it; it is left out", name,
                           node_kind_name(value->kind));
}

void extension_read(struct build *build, const struct node *node,
                    struct token_extensions *extensions)
{
    read_text(build, node, "x-issuer", &extensions->issuer);
    read_text(build, node, "x-google-issuer", &extensions->issuer);
    read_text(build, node, "x-jwks-uri", &extensions->jwks);
    read_text(build, node, "x-google-jwks_uri", &extensions->jwks);
    read_text(build, node, "x-audience", &extensions->audience);
    read_text(build, node, "x-google-audiences", &extensions->audience);
}
