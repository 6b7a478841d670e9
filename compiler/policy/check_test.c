/*
 * Tests of a policy and what its operator holds: the names in them, and that each expectation has
 * something to speak about. What a test comes to is found out by running it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/checker.h"

#include "compiler/policy/text.h"

/* ---- what a caller holds ---- */

static const uint32_t *resolve_all(struct checker *checker, enum name_kind kind, struct words words,
                                   uint32_t *count)
{
    uint32_t *indices = arena_array(checker->arena, words.count, sizeof *indices);
    *count = 0;
    for (uint32_t i = 0; i < words.count; i++) {
        const struct declared *found = resolve_name(&checker->names, kind, words.at[i]);
        if (found)
            indices[(*count)++] = found->index;
    }
    return indices;
}

static bool is_inside(struct path outer, struct path inner)
{
    for (uint32_t i = 0; i < outer.count && i < inner.count; i++)
        if (!str_equal(outer.names[i], inner.names[i]))
            return false;
    return true;
}

/* Two values for one claim, or one in another, make no object. */
static void check_claims(struct checker *checker, const struct holdings *holdings)
{
    for (uint32_t i = 0; i < holdings->claim_count; i++) {
        struct word path = holdings->claims[i].path;
        if (path.text.len == 0 || !text_is_printable(path.text))
            diag_error(checker->diags, "bad-value", path.span, "'%.*s' is no path of a claim",
                       STR_ARG(path.text));
        for (uint32_t before = 0; before < i; before++) {
            struct word other = holdings->claims[before].path;
            if (!is_inside(policy_claim_path(other, checker->arena),
                           policy_claim_path(path, checker->arena)))
                continue;
            struct diag *diag = diag_error(checker->diags, "duplicate", path.span,
                                           "claim '%.*s' given twice", STR_ARG(path.text));
            diag_note(checker->diags, diag, other.span, "first given here");
            break;
        }
    }
}

static void read_operator(struct checker *checker)
{
    const struct statement *statement = check_only(checker, STATEMENT_OPERATOR);
    struct operator_holdings *out = &checker->policy->operator_holdings;
    if (!statement)
        return;
    check_claims(checker, &statement->holdings);
    out->is_narrowed = true;
    out->scopes = resolve_all(checker, NAME_SCOPE, statement->holdings.scopes, &out->scope_count);
    out->roles = resolve_all(checker, NAME_ROLE, statement->holdings.roles, &out->role_count);
    out->claims = statement->holdings.claims;
    out->claim_count = statement->holdings.claim_count;
    out->origin = statement->span;
    if (statement->holdings.verifier.text.len)
        diag_error(checker->diags, "misplaced-condition", statement->holdings.verifier.span,
                   "the operator shows no token that a verifier could accept");
}

/* ---- tests ---- */

struct scene {
    struct checker *checker;
    const struct test_line *asked; /* the last call or list */
    bool has_expectation;
};

static void check_token(struct checker *checker, const struct holdings *holdings)
{
    uint32_t count;
    resolve_all(checker, NAME_SCOPE, holdings->scopes, &count);
    resolve_all(checker, NAME_ROLE, holdings->roles, &count);
    check_claims(checker, holdings);
    if (holdings->verifier.text.len)
        check_condition(checker, USE_RULE,
                        &(struct condition){.kind = CONDITION_VERIFIER,
                                            .word = holdings->verifier,
                                            .span = holdings->verifier.span});
}

static void check_expectation(struct scene *scene, const struct test_line *line)
{
    struct diag_list *diags = scene->checker->diags;
    uint32_t count;
    bool is_of_list = line->list.count && line->outcome != EXPECT_DENY;
    scene->has_expectation = true;
    if (!scene->asked) {
        diag_error(diags, "bad-test", line->span, "nothing is called before this expectation");
        return;
    }
    if (is_of_list != (scene->asked->kind == TEST_LIST)) {
        struct diag *diag = diag_error(diags, "bad-test", line->span, "%s",
                                       is_of_list ? "a call shows and hides no other tools"
                                                  : "a list shows or hides tools, by name");
        diag_note(diags, diag, scene->asked->span, "what is asked is here");
    }
    resolve_all(scene->checker, line->outcome == EXPECT_DENY ? NAME_SCOPE : NAME_TOOL, line->list,
                &count);
}

static void check_line(struct scene *scene, const struct test_line *line)
{
    switch (line->kind) {
    case TEST_TOKEN:
        check_token(scene->checker, &line->holdings);
        break;
    case TEST_TRANSPORT:
        check_condition(scene->checker, USE_RULE,
                        &(struct condition){
                            .kind = CONDITION_TRANSPORT, .word = line->name, .span = line->span});
        break;
    case TEST_CALL: /* of a tool that there is not, too: that is hidden */
    case TEST_LIST:
        scene->asked = line;
        break;
    case TEST_EXPECT:
        check_expectation(scene, line);
        break;
    }
}

static void check_test(struct checker *checker, const struct statement *statement)
{
    struct scene scene = {.checker = checker};
    for (uint32_t i = 0; i < statement->lines.count; i++)
        check_line(&scene, &statement->lines.at[i]);
    if (scene.has_expectation)
        return;
    struct diag *diag = diag_error(checker->diags, "bad-test", statement->name.span,
                                   "a test that expects nothing cannot fail");
    diag_help(checker->diags, diag, "add: expect allow, or: expect deny");
}

void check_tests(struct checker *checker)
{
    LIST(const struct statement *) tests = {0};
    const struct statement *statement = NULL;
    read_operator(checker);
    while ((statement = check_next(checker, statement, STATEMENT_TEST))) {
        check_test(checker, statement);
        *list_add(checker->arena, &tests) = statement;
    }
    checker->policy->tests = tests.at;
    checker->policy->test_count = (uint32_t)tests.count;
}
