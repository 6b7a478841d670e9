/*
 * The program's entry, in the library: the linker takes it when policy.c is linked without another
 * `main`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <mcpp/server.h>

int main(int argc, char **argv)
{
    return mcpp_main(&mcpp_policy, argc, argv);
}
