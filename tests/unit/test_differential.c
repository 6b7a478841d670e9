/*
 * The reference evaluator against what the server runs: random policies, random callers, random
 * calls. A million decisions on the tables in memory, and more on policies that a C compiler has
 * seen. A difference is made smaller, and printed with the seed that makes it again:
 *
 *     build/unit/test_differential SEED
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/emit/emit.h"
#include "compiler/openapi/model.h"
#include "compiler/policy/parse.h"
#include "compiler/tables/judge.h"
#include "compiler/tables/verify.h"
#include "tests/unit/check.h"
#include "tests/unit/random_policy.h"

enum { POLICIES = 2600, TRIALS = 400, COMPILED = 4, COMPILED_TRIALS = 20000 };

struct compiled {
    struct arena arena;
    struct diag_list diags;
    struct document document;
    struct api api;
    struct policy_ast ast;
    struct policy policy;
    struct logic logic;
    struct tables tables;
};

static bool compile(struct compiled *out, struct str text)
{
    *out = (struct compiled){.diags.arena = &out->arena};
    struct source *api = source_of(&out->arena, STR("api.yaml"), str_of(random_api()));
    struct source *source = source_of(&out->arena, STR("random.mcpp"), text);
    return document_read(api, &out->arena, &out->diags, &out->document) &&
           model_build(&out->document, &out->arena, &out->diags, &out->api) &&
           policy_parse(source, &out->arena, &out->diags, &out->ast) &&
           policy_check(&out->ast, &out->api, &out->arena, &out->diags, &out->policy) &&
           logic_build(&out->policy, &out->arena, &out->diags, &out->logic) &&
           tables_build(&out->logic, &out->arena, &out->diags, &out->tables);
}

/* ---- one trial ---- */

static unsigned outcomes[VERDICT_CLAIM + 1];

/* What differs, or an empty text. The list must agree with the call. */
static struct str try_once(const struct compiled *compiled, struct judge *judge,
                           const struct trial *trial, struct arena *arena)
{
    struct caller caller;
    struct verdict verdict =
        evaluate(&compiled->policy, &trial->caller, trial->tool, &trial->arguments);
    struct decision decision = judge_decide(judge, trial, &caller);
    uint64_t shown[(RANDOM_TOOLS + 63) / 64];
    decide_visible(judge->policy, &caller, shown);
    bool is_shown = shown[0] >> trial->tool & 1;
    outcomes[verdict.kind]++;
    if (judge_agrees(&compiled->policy, judge->policy, &verdict, &decision) &&
        is_shown == (verdict.kind != VERDICT_UNKNOWN))
        return (struct str){0};
    return str_format(arena, "%.*s\n  the policy: %.*s\n  the server: %.*s, %s",
                      STR_ARG(trial_text(&compiled->policy, trial, arena)),
                      STR_ARG(verdict_text(&verdict, arena)), STR_ARG(judge_text(&decision, arena)),
                      is_shown ? "shown" : "not shown");
}

static struct str try_many(const struct compiled *compiled, const struct mcpp_policy *policy,
                           uint64_t seed, unsigned trials, struct arena *arena)
{
    struct random random = {seed};
    struct judge judge;
    struct str difference = {0};
    CHECK(judge_open(&judge, policy));
    for (unsigned i = 0; i < trials && !difference.len; i++) {
        struct arena scratch = {0};
        struct trial trial;
        trial_make(&compiled->logic.atoms, i % compiled->policy.tool_count, &random, &scratch,
                   &trial);
        difference = str_copy(arena, try_once(compiled, &judge, &trial, &scratch));
        arena_free(&scratch);
    }
    judge_close(&judge);
    return difference;
}

/* ---- making a failure smaller ---- */

static struct str difference_of(struct str text, uint64_t seed, struct arena *arena)
{
    struct compiled compiled;
    struct str difference = {0};
    if (compile(&compiled, text) && compiled.policy.tool_count)
        difference = try_many(&compiled, &compiled.tables.policy, seed, 10 * TRIALS, arena);
    arena_free(&compiled.arena);
    return difference;
}

/* Leaves out each line that is not needed for some difference. */
static void report(const struct random_policy *policy, uint64_t seed, struct str difference)
{
    uint64_t kept = (UINT64_C(1) << policy->count) - 1;
    bool is_smaller = true;
    while (is_smaller) {
        is_smaller = false;
        for (unsigned i = 0; i < policy->count; i++) {
            uint64_t fewer = kept & ~(UINT64_C(1) << i);
            struct str other = fewer == kept ? (struct str){0}
                                             : difference_of(random_policy_text(policy, fewer),
                                                             seed, policy->arena);
            if (!other.len)
                continue;
            kept = fewer;
            difference = other;
            is_smaller = true;
        }
    }
    struct str text = random_policy_text(policy, kept);
    fprintf(stderr, "seed %llu\n%.*s%.*s\n", (unsigned long long)seed, STR_ARG(text),
            STR_ARG(difference));
}

/* ---- policies ---- */

static uint64_t decided;

static void check_tables(uint64_t seed)
{
    struct arena arena = {0};
    struct random random = {seed};
    struct random_policy policy = {.arena = &arena, .random = &random};
    struct compiled compiled;
    random_policy_make(&policy);
    uint64_t all = (UINT64_C(1) << policy.count) - 1;
    bool is_compiled = compile(&compiled, random_policy_text(&policy, all));
    if (!is_compiled)
        diag_print(&compiled.diags, stderr);
    if (CHECK(is_compiled)) {
        struct str difference = try_many(&compiled, &compiled.tables.policy, seed, TRIALS, &arena);
        decided += TRIALS;
        if (!CHECK(difference.len == 0))
            report(&policy, seed, difference);
    }
    arena_free(&compiled.arena);
    arena_free(&arena);
}

/* ---- through a C compiler ---- */

static bool build_library(const struct compiled *compiled, const char *include)
{
    struct arena arena = {0};
    struct str_builder code = {.arena = &arena};
    struct emission emission = {.tables = &compiled->tables, .ast = &compiled->ast};
    emit_policy(&emission, &code);
    FILE *file = fopen("random_policy.c", "w");
    bool is_written = file && fwrite(code.at, 1, code.len, file) == code.len;
    if (file)
        is_written &= fclose(file) == 0;
    arena_free(&arena);
    pid_t child = is_written ? fork() : -1;
    if (child == 0) {
        execlp("cc", "cc", "-std=c17", "-Wall", "-Wextra", "-Werror", "-O1", "-fPIC", "-shared",
               include, "random_policy.c", "-o", "./random_policy.so", (char *)NULL);
        _exit(127);
    }
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void check_compiled(uint64_t seed, const char *include)
{
    struct arena arena = {0};
    struct random random = {seed};
    struct random_policy policy = {.arena = &arena, .random = &random};
    struct compiled compiled;
    random_policy_make(&policy);
    struct str text = random_policy_text(&policy, (UINT64_C(1) << policy.count) - 1);
    if (CHECK(compile(&compiled, text)) && CHECK(build_library(&compiled, include))) {
        void *library = dlopen("./random_policy.so", RTLD_NOW | RTLD_LOCAL);
        const struct mcpp_policy *loaded = library ? dlsym(library, "mcpp_policy") : NULL;
        if (CHECK(loaded != NULL)) {
            struct str difference = try_many(&compiled, loaded, seed, COMPILED_TRIALS, &arena);
            decided += COMPILED_TRIALS;
            if (!CHECK(difference.len == 0))
                report(&policy, seed, difference);
        }
        if (library)
            dlclose(library);
    }
    arena_free(&compiled.arena);
    arena_free(&arena);
}

/* A table that is wrong must be noticed: one node turned round, in each place. */
static void check_that_it_can_fail(void)
{
    struct arena arena = {0};
    struct compiled compiled;
    struct str text = STR("mcpp 1\napi \"api.yaml\"\nverifier v0 jwt {\n\tissuer \"https://v\"\n\t"
                          "audience \"a\"\n}\naccept v0\nscope \"s0\"\nscope \"s1\"\n"
                          "role r0 when scope \"s1\" and claim \"tier\" == \"x\"\n"
                          "tool t0 POST /t0 needs \"s0\"\ntool t1 POST /t1 needs role r0\n"
                          "tool t2 POST /t2 needs nothing\ntool t3 POST /t3 needs nothing\n"
                          "tool t4 POST /t4 needs nothing\nhide t2 unless role r0\n"
                          "deny t3 when arg a > 7\nallow only t4 when claim \"sub\" == arg b\n");
    if (!CHECK(compile(&compiled, text)))
        diag_print(&compiled.diags, stderr);
    struct mcpp_node *nodes = (struct mcpp_node *)(uintptr_t)compiled.tables.policy.nodes;
    CHECK(tables_verify(&compiled.tables, &compiled.diags));
    CHECK(compiled.tables.policy.node_count >= 6);
    for (uint32_t i = 0; i < compiled.tables.policy.node_count; i++) {
        struct mcpp_node kept = nodes[i];
        nodes[i] = (struct mcpp_node){kept.variable, kept.yes, kept.no};
        CHECK(try_many(&compiled, &compiled.tables.policy, 7, 10 * TRIALS, &arena).len > 0);
        CHECK(!tables_verify(&compiled.tables, &compiled.diags));
        nodes[i] = kept;
    }
    CHECK(try_many(&compiled, &compiled.tables.policy, 7, 10 * TRIALS, &arena).len == 0);
    arena_free(&compiled.arena);
    arena_free(&arena);
}

/* Each outcome must have been seen, often: else the trials ask nothing. */
static void check_coverage(void)
{
    for (unsigned i = 0; i <= VERDICT_CLAIM; i++)
        if (!CHECK(outcomes[i] > decided / 2000))
            fprintf(stderr, "outcome %u: %u of %llu\n", i, outcomes[i],
                    (unsigned long long)decided);
}

int main(int argc, char **argv)
{
    const char *include = getenv("MCPP_INCLUDE");
    if (argc == 2) {
        check_tables(strtoull(argv[1], NULL, 10));
        return check_report();
    }
    check_that_it_can_fail();
    memset(outcomes, 0, sizeof outcomes);
    for (uint64_t seed = 1; seed <= POLICIES && check_failures < 3; seed++)
        check_tables(seed);
    check_coverage();
    for (uint64_t seed = 1; include && seed <= COMPILED; seed++)
        check_compiled(UINT64_C(1000003) * seed, include);
    CHECK(decided >= 1000000);
    fprintf(stderr, "%llu decisions, %s through a C compiler\n", (unsigned long long)decided,
            include ? "some" : "none");
    return check_report();
}
