/*
 * Running a policy as a server. `cc policy.c -lmcpp` needs nothing of this: the library brings a
 * `main` that calls mcpp_main. A program with a `main` of its own calls it itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPP_SERVER_H
#define MCPP_SERVER_H

#include <mcpp/policy.h>

/*
 * Reads the options (argv as in main; `--help` lists them), serves the policy on stdio or HTTP
 * until the client closes stdin or SIGTERM or SIGINT arrives, and gives the exit status: 0 after a
 * regular stop, 1 when the server could not start or run, 2 after wrong usage.
 *
 * `policy` and `argv` are borrowed and must stay until it returns. To be called once at a time,
 * from one thread: it handles the process's signals, turns core dumps off, raises the limit of open
 * files, and on stdio points file descriptor 1 at standard error, so that only protocol messages
 * reach the real standard output.
 */
int mcpp_main(const struct mcpp_policy *policy, int argc, char **argv);

#endif
