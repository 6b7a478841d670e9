/*
 * The functions that libraries get their memory from. What they do without any is the matter of
 * tests/faults.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "runtime/memory/reserve.h"
#include "tests/unit/check.h"

enum { MANY = 2000, SMALL = 200 };

static void many_pieces_do_not_overlap(void)
{
    static char *pieces[MANY];
    unsigned count = 0;
    for (unsigned i = 0; i < MANY; i++) {
        pieces[i] = reserve_malloc(SMALL);
        if (!CHECK(pieces[i]))
            return;
        memset(pieces[i], (int)(i & 0xff), SMALL);
    }
    for (unsigned i = 0; i < MANY; i++)
        count += (unsigned char)pieces[i][SMALL - 1] == (i & 0xff);
    CHECK(count == MANY);
    for (unsigned i = 0; i < MANY; i++)
        reserve_free(pieces[i]);
}

static void texts_keep_their_content(void)
{
    char *piece = reserve_strdup("text");
    if (!CHECK(piece))
        return;
    CHECK(strcmp(piece, "text") == 0);
    piece = reserve_realloc(piece, 5000);
    CHECK(piece && strcmp(piece, "text") == 0);
    reserve_free(piece);
    reserve_free(NULL);
}

static void zeroed_is_zeroed(void)
{
    unsigned char *piece = reserve_calloc(5, 7);
    unsigned sum = 0;
    if (!CHECK(piece))
        return;
    for (unsigned i = 0; i < 35; i++)
        sum += piece[i];
    CHECK(sum == 0);
    reserve_free(piece);
    piece = reserve_calloc(0, 0);
    CHECK(piece);
    reserve_free(piece);
}

int main(void)
{
    many_pieces_do_not_overlap();
    texts_keep_their_content();
    zeroed_is_zeroed();
    return check_report();
}
