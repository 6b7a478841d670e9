/*
 * The cost of one decision: the runtime's decide() over a compiled policy, beside the same question
 * answered by hand-written C that is given the tool's index (no name to look up) and by the same
 * with a look-up in a sorted array. Linked with a policy.c; prints nanoseconds and ratios.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/decide/decision.h"

enum { CALLERS = 64, QUESTIONS = 1 << 16, ROUNDS = 9, WORDS_MAX = 64 };

static uint64_t facts[CALLERS][WORDS_MAX];
static struct {
    uint32_t caller, tool;
} questions[QUESTIONS];
static uint32_t *sorted; /* tools by name */

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(mcpp_policy.tools[*(const uint32_t *)left].name,
                  mcpp_policy.tools[*(const uint32_t *)right].name);
}

static void make_questions(void)
{
    const struct mcpp_policy *policy = &mcpp_policy;
    for (int i = 0; i < CALLERS; i++) {
        facts[i][0] = 1;
        for (uint32_t fact = 1; fact < policy->fact_count; fact++)
            if (next_random() % 10 == 0)
                for (uint32_t word = 0; word < policy->fact_words; word++)
                    facts[i][word] |= policy->facts[fact].implies[word];
    }
    for (int i = 0; i < QUESTIONS; i++) {
        questions[i].caller = (uint32_t)(next_random() % CALLERS);
        questions[i].tool = (uint32_t)(next_random() % policy->tool_count);
    }
    sorted = calloc(policy->tool_count, sizeof *sorted);
    for (uint32_t i = 0; i < policy->tool_count; i++)
        sorted[i] = i;
    qsort(sorted, policy->tool_count, sizeof *sorted, by_name);
}

static bool by_hand(const struct mcpp_tool *tool, const uint64_t *held, uint32_t words)
{
    for (uint32_t set = 0; set < tool->needs.count; set++) {
        uint64_t missing = 0;
        for (uint32_t word = 0; word < words; word++)
            missing |= tool->needs.sets[set * words + word] & ~held[word];
        if (!missing)
            return true;
    }
    return false;
}

static const struct mcpp_tool *find_by_hand(const char *name)
{
    uint32_t low = 0, high = mcpp_policy.tool_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = strcmp(mcpp_policy.tools[sorted[middle]].name, name);
        if (order == 0)
            return &mcpp_policy.tools[sorted[middle]];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static double time_decide(uint64_t *allowed)
{
    double start = now_ns();
    for (int i = 0; i < QUESTIONS; i++) {
        struct caller caller = {.kind = CALLER_VERIFIED, .facts = facts[questions[i].caller]};
        const char *name = mcpp_policy.tools[questions[i].tool].name;
        *allowed += decide(&mcpp_policy, &caller, slice_of(name)).kind == DECISION_ALLOW;
    }
    return (now_ns() - start) / QUESTIONS;
}

static double time_hand(bool looks_up, uint64_t *allowed)
{
    double start = now_ns();
    for (int i = 0; i < QUESTIONS; i++) {
        const struct mcpp_tool *tool = &mcpp_policy.tools[questions[i].tool];
        if (looks_up)
            tool = find_by_hand(tool->name);
        *allowed += by_hand(tool, facts[questions[i].caller], mcpp_policy.fact_words);
    }
    return (now_ns() - start) / QUESTIONS;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, by_value);
    return values[ROUNDS / 2];
}

int main(void)
{
    double ours[ROUNDS], index[ROUNDS], search[ROUNDS];
    uint64_t allowed[3] = {0};
    if (mcpp_policy.fact_words > WORDS_MAX)
        return 1;
    make_questions();
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = time_decide(&allowed[0]);
        index[i] = time_hand(false, &allowed[1]);
        search[i] = time_hand(true, &allowed[2]);
    }
    if (allowed[0] != allowed[1] || allowed[0] != allowed[2]) {
        fprintf(stderr, "the decisions differ\n");
        return 1;
    }
    printf("%6u tools  decide %6.1f ns   by hand, tool known %6.1f ns   by hand, binary search "
           "%6.1f ns\n",
           mcpp_policy.tool_count, median(ours), median(index), median(search));
    return 0;
}
