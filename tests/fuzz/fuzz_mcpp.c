/*
 * Fuzz target: a policy text is refused or means the same after formatting; formatting is stable;
 * including the standard library and checking against a small API never crash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/policy_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void parse(struct fixture *fixture, struct str text)
{
    fixture->diags = (struct diag_list){.arena = &fixture->arena};
    struct source *source =
        source_of(&fixture->arena, STR("fuzz.mcpp"), str_copy(&fixture->arena, text));
    fixture->is_parsed = policy_parse(source, &fixture->arena, &fixture->diags, &fixture->ast);
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fixture fixture = {0};
    parse(&fixture, (struct str){(const char *)bytes, size});
    must(fixture.is_parsed == (fixture.diags.error_count == 0));
    if (fixture.is_parsed) {
        struct str dump = fixture_dump(&fixture);
        struct str once = policy_format(&fixture.ast, &fixture.arena);
        parse(&fixture, once);
        must(fixture.is_parsed && str_equal(fixture_dump(&fixture), dump));
        must(str_equal(policy_format(&fixture.ast, &fixture.arena), once));
        bool is_whole = fixture_include(&fixture);
        bool is_checked = is_whole && policy_check(&fixture.whole, &fixture_api, &fixture.arena,
                                                   &fixture.diags, &fixture.policy);
        must(is_checked == (fixture.diags.error_count == 0));
    }
    arena_free(&fixture.arena);
    return 0;
}
