/*
 * Conditions as alternatives of sets: absorption, implication, order, the limit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"
#include "tests/unit/sample_policy.h"

#include "compiler/tables/needs.h"

/* "{a b} {c}": the alternatives by the names of their facts. */
static struct str show(struct sample *sample, const struct condition *condition)
{
    struct facts facts;
    struct mcpp_any_of any_of;
    struct str_builder out = {.arena = &sample->arena};
    struct atoms atoms;
    atoms_collect(&sample->policy, &sample->arena, &atoms);
    facts_build(&atoms, 0, &sample->arena, &facts);
    if (!needs_build(&facts, condition, &sample->arena, &any_of))
        return STR("too many");
    for (uint32_t i = 0; i < any_of.count; i++) {
        const char *space = "";
        str_add_text(&out, i ? " {" : "{");
        for (uint32_t fact = 0; fact < facts.count; fact++) {
            if (!fact_set_has(any_of.sets + (size_t)i * facts.words, fact))
                continue;
            str_add_format(&out, "%s%s", space, facts.at[fact].name);
            space = " ";
        }
        str_add_byte(&out, '}');
    }
    return str_built(&out);
}

static void check_without_implication(void)
{
    struct sample *s = sample_open();
    for (const char *const *name = (const char *const[]){"a", "b", "c", "d", NULL}; *name; name++)
        sample_scope(s, *name, NULL, 0);
    const struct condition *a = sample_has(s, "a"), *b = sample_has(s, "b");
    const struct condition *c = sample_has(s, "c"), *d = sample_has(s, "d");
    const struct condition *token = sample_condition(s, CONDITION_TOKEN, NULL, NULL);
    const struct condition *nothing = sample_condition(s, CONDITION_NOTHING, NULL, NULL);
    CHECK_STR(show(s, a), "{a}");
    CHECK_STR(show(s, nothing), "{}");
    CHECK_STR(show(s, token), "{token}");
    CHECK_STR(show(s, sample_and(s, b, a)), "{a b}");
    CHECK_STR(show(s, sample_or(s, b, a)), "{b} {a}");
    /* a scope comes with a token */
    CHECK_STR(show(s, sample_and(s, token, a)), "{a}");
    CHECK_STR(show(s, sample_or(s, token, a)), "{token}");
    CHECK_STR(show(s, sample_or(s, a, nothing)), "{}");
    CHECK_STR(show(s, sample_and(s, a, nothing)), "{a}");
    /* absorption, both ways */
    CHECK_STR(show(s, sample_or(s, a, sample_and(s, a, b))), "{a}");
    CHECK_STR(show(s, sample_or(s, sample_and(s, a, b), a)), "{a}");
    CHECK_STR(show(s, sample_or(s, a, a)), "{a}");
    /* smallest first, else as written */
    CHECK_STR(show(s, sample_or(s, sample_and(s, c, d), sample_or(s, b, a))), "{b} {a} {c d}");
    CHECK_STR(show(s, sample_and(s, sample_or(s, a, b), sample_or(s, c, d))),
              "{a c} {a d} {b c} {b d}");
    CHECK_STR(show(s, sample_and(s, sample_or(s, a, b), sample_or(s, a, c))), "{a} {b c}");
    sample_close(s);
}

static void check_implication(void)
{
    struct sample *s = sample_open();
    uint32_t read = sample_scope(s, "read", NULL, 0);
    uint32_t write = sample_scope(s, "write", &read, 1);
    sample_scope(s, "admin", &write, 1);
    sample_scope(s, "other", NULL, 0);
    const struct condition *reads = sample_has(s, "read"), *writes = sample_has(s, "write");
    const struct condition *admin = sample_has(s, "admin"), *other = sample_has(s, "other");
    CHECK_STR(show(s, sample_and(s, reads, writes)), "{write}");
    CHECK_STR(show(s, sample_or(s, admin, sample_or(s, writes, reads))), "{read}");
    CHECK_STR(show(s, sample_or(s, sample_and(s, admin, other), writes)), "{write}");
    CHECK_STR(show(s, sample_and(s, sample_and(s, reads, admin), other)), "{admin other}");
    sample_close(s);
}

/* Two scopes that imply each other are one: the first in the policy speaks for both. */
static void check_mutual_implication(void)
{
    struct sample *s = sample_open();
    uint32_t old = sample_scope(s, "old", NULL, 0);
    uint32_t renamed = sample_scope(s, "new", &old, 1);
    const uint32_t both[] = {old, renamed};
    s->scopes[old].implies = both;
    s->scopes[old].implies_count = 2;
    const struct condition *either = sample_or(s, sample_has(s, "new"), sample_has(s, "old"));
    CHECK_STR(show(s, either), "{old}");
    CHECK_STR(show(s, sample_and(s, sample_has(s, "new"), sample_has(s, "old"))), "{old}");
    sample_close(s);
}

/* (a0 or b0) and (a1 or b1) and …: 2^n alternatives, none covering another. */
static void check_limit(void)
{
    struct sample *s = sample_open();
    const struct condition *all = NULL;
    for (uint32_t i = 0; i < 10; i++) {
        const char *left = str_format(&s->arena, "a%u", i).at;
        const char *right = str_format(&s->arena, "b%u", i).at;
        sample_scope(s, left, NULL, 0);
        sample_scope(s, right, NULL, 0);
        const struct condition *pair = sample_or(s, sample_has(s, left), sample_has(s, right));
        all = all ? sample_and(s, all, pair) : pair;
        struct facts facts;
        struct mcpp_any_of any_of = {0};
        struct atoms atoms;
        atoms_collect(&s->policy, &s->arena, &atoms);
        facts_build(&atoms, 0, &s->arena, &facts);
        bool fits = needs_build(&facts, all, &s->arena, &any_of);
        CHECK_INT(fits, i < 8);
        if (fits)
            CHECK_INT(any_of.count, 2 << i);
    }
    sample_close(s);
}

static void check_wide_sets(void)
{
    struct sample *s = sample_open();
    for (uint32_t i = 0; i < 200; i++)
        sample_scope(s, str_format(&s->arena, "s%u", i).at, NULL, 0);
    CHECK_STR(show(s, sample_or(s, sample_and(s, sample_has(s, "s199"), sample_has(s, "s0")),
                                sample_and(s, sample_has(s, "s63"), sample_has(s, "s62")))),
              "{s0 s199} {s62 s63}");
    sample_close(s);
}

int main(void)
{
    check_without_implication();
    check_implication();
    check_mutual_implication();
    check_limit();
    check_wide_sets();
    return check_report();
}
