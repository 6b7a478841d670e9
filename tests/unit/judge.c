/*
 * Judges the lines of a golden `expected.decisions`, "caller | call | outcome", three times: by the
 * reference evaluator, by the tables in memory, and by a compiled policy.c loaded as a library.
 *
 *     judge POLICY LIBRARY < LINES
 *
 * Prints each line with the outcome that all three agree on. A caller is
 *
 *     anonymous|verified|operator|narrowed [over http|stdio] [by VERIFIER] [scopes A B] [roles C]
 *         [claims {…}]
 *
 * and a call a tool's name and its arguments as JSON. Comments and empty lines stay as they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/pipeline.h"
#include "compiler/tables/judge.h"
#include "compiler/tables/layout.h"

struct judging {
    const struct pipeline_answer *answer;
    struct judge tables, library;
    struct arena *arena;
    unsigned line, failures;
};

static void fail(struct judging *judging, const char *what)
{
    fprintf(stderr, "line %u: %s\n", judging->line, what);
    judging->failures++;
}

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = arena_alloc(context, new_size);
    if (old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

static bool scan(struct judging *judging, struct str text, struct evaluate_json *out)
{
    struct json_tape *tape = arena_new(judging->arena, struct json_tape);
    const char *copy = str_text(judging->arena, text);
    *tape = (struct json_tape){.depth_max = JSON_DEPTH_CEILING,
                               .node_max = UINT32_MAX,
                               .grow = grow_nodes,
                               .context = judging->arena};
    *out = (struct evaluate_json){copy, tape, 0};
    return json_scan(copy, text.len, tape, NULL) == JSON_OK && tape->nodes[0].kind == JSON_OBJECT;
}

static struct str next_word(struct str *rest)
{
    *rest = str_trimmed(*rest, " ");
    size_t end = str_find(*rest, ' ');
    struct str word = str_part(*rest, 0, end);
    *rest = str_from(*rest, end);
    return word;
}

static bool is_keyword(struct str word)
{
    return str_is(word, "over") || str_is(word, "by") || str_is(word, "scopes") ||
           str_is(word, "roles") || str_is(word, "claims");
}

static void read_names(struct judging *judging, struct str *rest, const struct str **names,
                       uint32_t *count)
{
    struct str *all = arena_array(judging->arena, rest->len + 1, sizeof *all);
    *names = all;
    for (;;) {
        struct str before = *rest, word = next_word(rest);
        if (!word.len || is_keyword(word)) {
            *rest = before;
            return;
        }
        all[(*count)++] = word;
    }
}

/* The claims with the scopes and roles in the places where a trial has them. */
static struct str claims_with_names(struct judging *judging, const struct evaluate_caller *caller,
                                    struct str claims)
{
    struct str_builder out = {.arena = judging->arena};
    str_add_text(&out, "{\"\\u0001scopes\":[");
    for (uint32_t i = 0; i < caller->scope_count; i++)
        str_add_format(&out, "%s\"%.*s\"", i ? "," : "", STR_ARG(caller->scopes[i]));
    str_add_text(&out, "],\"\\u0001roles\":[");
    for (uint32_t i = 0; i < caller->role_count; i++)
        str_add_format(&out, "%s\"%.*s\"", i ? "," : "", STR_ARG(caller->roles[i]));
    str_add_byte(&out, ']');
    struct str inside = str_trimmed(str_part(claims, 1, claims.len - 1), " ");
    str_add_text(&out, inside.len ? "," : "");
    str_add(&out, inside);
    str_add_byte(&out, '}');
    return str_built(&out);
}

static bool read_caller(struct judging *judging, struct str text, struct trial *trial)
{
    static const char *const kinds[] = {[EVALUATE_ANONYMOUS] = "anonymous",
                                        [EVALUATE_VERIFIED] = "verified",
                                        [EVALUATE_OPERATOR] = "operator",
                                        [EVALUATE_NARROWED] = "narrowed"};
    struct evaluate_caller *caller = &trial->caller;
    const struct policy *policy = judging->answer->tables->source;
    struct str kind = next_word(&text), word, claims = STR("{}");
    unsigned index = 0;
    while (index < 4 && !str_is(kind, kinds[index]))
        index++;
    if (index == 4)
        return false;
    caller->kind = (enum evaluate_caller_kind)index;
    bool is_local = index >= EVALUATE_OPERATOR;
    caller->transport = is_local ? STR("stdio") : STR("http");
    if (caller->kind == EVALUATE_VERIFIED && policy->verifier_count)
        caller->verifier = policy->verifiers[0].name;
    while ((word = next_word(&text)).len) {
        if (str_is(word, "over"))
            caller->transport = next_word(&text);
        else if (str_is(word, "by"))
            caller->verifier = next_word(&text);
        else if (str_is(word, "scopes"))
            read_names(judging, &text, &caller->scopes, &caller->scope_count);
        else if (str_is(word, "roles"))
            read_names(judging, &text, &caller->roles, &caller->role_count);
        else if (str_is(word, "claims")) {
            claims = str_trimmed(text, " ");
            text = (struct str){0};
        } else
            return false;
    }
    if (caller->kind == EVALUATE_VERIFIED)
        claims = claims_with_names(judging, caller, claims);
    return scan(judging, claims, &caller->claims);
}

static bool read_call(struct judging *judging, struct str text, struct trial *trial)
{
    const struct policy *policy = judging->answer->tables->source;
    struct str name = next_word(&text);
    text = str_trimmed(text, " ");
    trial->tool = policy_tool(policy, name);
    return trial->tool < policy->tool_count &&
           (!text.len || scan(judging, text, &trial->arguments));
}

static void judge_line(struct judging *judging, struct str line)
{
    const struct tables *tables = judging->answer->tables;
    size_t first = str_find(line, '|');
    struct str rest = str_from(line, first + 1);
    struct str call = str_part(rest, 0, str_find(rest, '|'));
    struct trial trial = {0};
    struct caller caller;
    if (!read_caller(judging, str_part(line, 0, first), &trial) ||
        !read_call(judging, call, &trial)) {
        fail(judging, "is no caller | call | outcome");
        return;
    }
    struct verdict verdict = evaluate(tables->source, &trial.caller, trial.tool, &trial.arguments);
    struct decision decision = judge_decide(&judging->tables, &trial, &caller);
    if (!judge_agrees(tables->source, judging->tables.policy, &verdict, &decision))
        fail(judging, "the tables decide otherwise");
    decision = judge_decide(&judging->library, &trial, &caller);
    if (!judge_agrees(tables->source, judging->library.policy, &verdict, &decision))
        fail(judging, "the compiled policy decides otherwise");
    struct str caller_text = str_trimmed(str_part(line, 0, first), " ");
    struct str call_text = str_trimmed(call, " ");
    struct str outcome = verdict_text(&verdict, judging->arena);
    printf("%.*s | %.*s | %.*s\n", STR_ARG(caller_text), STR_ARG(call_text), STR_ARG(outcome));
}

static void judge_all(void *context, const struct pipeline_answer *answer)
{
    struct judging *judging = context;
    struct arena arena = {0};
    char line[4096];
    judging->answer = answer;
    judging->arena = &arena;
    if (!judge_open(&judging->tables, &answer->tables->policy) ||
        !judge_open(&judging->library, judging->library.policy))
        exit(3);
    while (fgets(line, sizeof line, stdin)) {
        struct str text = str_trimmed(str_of(line), "\n");
        judging->line++;
        if (!text.len || text.at[0] == '#')
            printf("%.*s\n", STR_ARG(text));
        else
            judge_line(judging, text);
    }
    judge_close(&judging->tables);
    judge_close(&judging->library);
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    struct judging judging = {0};
    if (argc != 3) {
        fprintf(stderr, "usage: judge POLICY LIBRARY\n");
        return 2;
    }
    void *library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
    judging.library.policy = library ? dlsym(library, "mcpp_policy") : NULL;
    if (!judging.library.policy) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    struct pipeline_request request = {.input = argv[1],
                                       .output = "-",
                                       .max_tools = PIPELINE_MAX_TOOLS,
                                       .ask = judge_all,
                                       .context = &judging};
    int status = pipeline_run(&request);
    dlclose(library);
    return status ? status : judging.failures > 0;
}
