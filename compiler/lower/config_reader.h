/*
 * What the files that read a configuration share. For config*.c only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LOWER_CONFIG_READER_H
#define LOWER_CONFIG_READER_H

#include "compiler/lower/config.h"

struct config_reader {
    struct arena *arena;
    struct diag_list *diags;
    struct config *config;
};

/* One object of the file and its place in it: "features.keycloak". */
struct section {
    const struct node *node;
    struct str path;
};

/* The member as a section; without a node when it is not there, null, or no object (reported). */
struct section config_section(struct config_reader *reader, struct section parent,
                              const char *name);

/* Values of members; absent and null count as not said, others of a wrong kind are reported. */
struct str config_text(struct config_reader *reader, struct section section, const char *name);
bool config_flag(struct config_reader *reader, struct section section, const char *name,
                 bool otherwise);
const struct node *config_number(struct config_reader *reader, struct section section,
                                 const char *name);
const struct node *config_list(struct config_reader *reader, struct section section,
                               const char *name);

/* Reports members that are not in `known` (words with a space before and after each). */
void config_check_keys(struct config_reader *reader, struct section section, const char *known);

/* `KEY` of the section says something that no policy can say; `help`: what to do instead. */
void config_refuse(struct config_reader *reader, struct section section, const char *key,
                   const char *help);

/* A value that cannot be: "a number above 0", say, is wanted. */
void config_report_value(struct config_reader *reader, struct section section,
                         const struct node *value, const char *wanted);

/* config_provider.c: features.multi_auth, keycloak, propelauth */
void config_read_multi_auth(struct config_reader *reader, struct section features);
void config_read_keycloak(struct config_reader *reader, struct section features);
void config_read_propelauth(struct config_reader *reader, struct section features);

#endif
