/*
 * What every subcommand of mcpc exports: usage, --help and docs/cli.md come from this table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

/* Exit statuses. */
enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_SYSTEM = 3 };

struct option_help {
    const char *option; /* "-o, --output FILE" */
    const char *text;   /* one sentence without a full stop */
};

struct command {
    const char *name;                  /* "keygen" */
    const char *summary;               /* one line for the list of commands */
    const char *usage;                 /* "mcpc keygen [OPTIONS] NAME" */
    const struct option_help *options; /* ends with {0} */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; gives the exit status */
};

extern const struct command command_compile, command_check, command_test, command_explain,
    command_doc, command_sync, command_keygen, command_token, command_format;

/* Prints usage, summary and options to stdout. */
void command_help(const struct command *command);

/* "mcpc keygen: MESSAGE", then where to find help, on stderr; gives EXIT_USAGE. */
int command_usage_error(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
