/*
 * The table of options: names, kinds, bounds, help. Shared by options.c (arguments) and
 * options_config.c (the config file); nobody else needs it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_OPTIONS_TABLE_H
#define RUNTIME_OPTIONS_TABLE_H

#include <stdio.h>

#include "runtime/memory/slice.h"
#include "runtime/options.h"

enum option_kind {
    OPTION_FLAG, /* bool; `--no-NAME` turns it off */
    OPTION_TEXT,
    OPTION_URL,
    OPTION_PATH,
    OPTION_NETWORK, /* repeated; adds to a list */
    OPTION_ORIGIN,  /* repeated; adds to a list */
    OPTION_CLAIM,   /* likewise */
    OPTION_PORT,
    OPTION_NUMBER, /* uint32_t */
    OPTION_SIZE,   /* size_t */
    OPTION_TRANSPORT,
    OPTION_LOG_LEVEL,
    OPTION_AUDIT,
    OPTION_CERTIFICATES,
    OPTION_ELSEWHERE, /* --config, --help, --version: no value of struct options */
};

struct option_entry {
    const char *name;  /* without dashes */
    const char *value; /* as --help shows it: "HOST" */
    enum option_kind kind;
    uint64_t min, max; /* of numbers */
    size_t offset;     /* into struct options */
    const char *help;
};

/* What is being read, and the first thing that was wrong. */
struct reading {
    struct options *out;
    const char *program;
    const char *place;       /* before an option's name in messages: "--", or "FILE: key " */
    bool validate_was_given; /* not just taken from the policy */
    char error[512];
};

/* Notes the error; always false. */
bool options_fail(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The option with this name, whose words are joined by `joint` ('-' or '_'), or NULL. *is_on is
 * false for the `no` form of a flag, which the config file does not have. */
const struct option_entry *option_find(struct slice name, char joint, bool *is_on);

/* Whether two have the same value for it. */
bool option_equal(const struct option_entry *entry, const struct options *a,
                  const struct options *b);

void option_copy(const struct option_entry *entry, const struct options *from, struct options *to);

/* The table; *count is its size. */
const struct option_entry *option_entries(size_t *count);

/* Sets the option from its text; the text must stay. */
bool option_set(struct reading *reading, const struct option_entry *entry, const char *text);

void option_print_help(FILE *out, const char *program, const struct mcpp_policy *policy,
                       const struct options *defaults);

#endif
