/*
 * The standard library: policies that are part of mcpc. The files stand in stdlib/; the Makefile
 * makes a table of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_STDLIB_H
#define POLICY_STDLIB_H

struct stdlib_file {
    const char *name; /* "rbac", for `include <rbac>` */
    const char *text;
};

/* In the order of their names; the last one has no name. */
extern const struct stdlib_file stdlib_files[];

#endif
