/*
 * The cost of one decision: the runtime's decide() over a compiled policy, beside the same question
 * answered by C written by hand for this very policy (bench.py's `policy_of`), which is given the
 * tool's index (no name to look up), and by the same with a look-up in a sorted array. Then the
 * cost of finding out which tools a caller sees, and how large the tables are. Linked with a
 * policy.c; prints nanoseconds and bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/decide/decision.h"
#include "runtime/decide/facts.h"

enum {
    CALLERS = 64,
    QUESTIONS = 1 << 16,
    ROUNDS = 9,
    ROLES = 10,
    BOUND = 1000,
    WORDS = 4, /* of 200 scopes */
    ARGUMENTS = 64,
};

static struct caller callers[CALLERS];
static struct json_place arguments[ARGUMENTS];
static struct {
    uint32_t caller, tool, argument;
    char name[32]; /* as in a message that was just read */
    uint32_t name_size;
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

/* ---- the same by hand ---- */

struct hand_caller {
    uint64_t scopes[WORDS];
    uint32_t blocked; /* bit of each role */
    bool is_staff;
};

struct hand_tool {
    uint64_t scopes[WORDS];
    uint32_t blocked; /* a caller with this role is denied */
    bool is_hidden, is_bounded;
};

static struct hand_caller hand_callers[CALLERS];
static struct hand_tool *hand_tools;

/* `s017` is bit 17. */
static uint32_t scope_number(const char *name)
{
    return (uint32_t)strtoul(name + 1, NULL, 10);
}

static void make_hand_tools(void)
{
    const struct mcpp_policy *policy = &mcpp_policy;
    hand_tools = calloc(policy->tool_count, sizeof *hand_tools);
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        struct hand_tool *tool = &hand_tools[i];
        uint32_t number = (uint32_t)strtoul(policy->tools[i].name + 14, NULL, 10);
        for (uint32_t j = 0; j < 1 + number % 3; j++) {
            uint32_t scope = (number * 7 + j * 61) % 200;
            tool->scopes[scope / 64] |= UINT64_C(1) << scope % 64;
        }
        tool->blocked = number % 3 == 0 ? UINT32_C(1) << number % ROLES : 0;
        tool->is_bounded = number % 10 == 0;
        tool->is_hidden = number % 20 == 7;
    }
}

static bool is_above_bound(const struct json_place *call)
{
    uint32_t id = json_place_member(call, SLICE("id"));
    return id && strtol(call->text + call->nodes[id].start, NULL, 10) > BOUND;
}

static bool by_hand(uint32_t index, const struct hand_caller *caller, const struct json_place *call)
{
    const struct hand_tool *tool = &hand_tools[index];
    uint64_t missing = 0;
    for (uint32_t word = 0; word < WORDS; word++)
        missing |= tool->scopes[word] & ~caller->scopes[word];
    return !missing && !(tool->blocked & caller->blocked) &&
           (!tool->is_hidden || caller->is_staff) && !(tool->is_bounded && is_above_bound(call));
}

static uint32_t find_by_hand(const char *name)
{
    uint32_t low = 0, high = mcpp_policy.tool_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = strcmp(mcpp_policy.tools[sorted[middle]].name, name);
        if (order == 0)
            return sorted[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    abort();
}

/* ---- callers and questions ---- */

static void *grow(void *context, void *nodes, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old_size;
    return realloc(nodes, new_size);
}

static struct json_place scan(const char *text)
{
    struct json_tape tape = {.depth_max = 9, .node_max = 9999, .grow = grow};
    char *copy = strdup(text);
    if (json_scan(copy, strlen(copy), &tape, NULL) != JSON_OK)
        abort();
    return (struct json_place){copy, tape.nodes, 0};
}

static int by_name(const void *left, const void *right)
{
    return strcmp(mcpp_policy.tools[*(const uint32_t *)left].name,
                  mcpp_policy.tools[*(const uint32_t *)right].name);
}

/* Half of the scopes each, so that about every third question is let through. */
static void make_caller(const struct fact_index *index, struct pool *pool, int i)
{
    static char text[200 * 8];
    size_t used = (size_t)sprintf(text, "{\"scope\":\"");
    struct hand_caller *hand = &hand_callers[i];
    for (uint32_t scope = 0; scope < 200; scope++) {
        if (next_random() % 2)
            continue;
        used += (size_t)sprintf(text + used, "s%03u ", scope);
        hand->scopes[scope / 64] |= UINT64_C(1) << scope % 64;
    }
    sprintf(text + used, "\"}");
    struct json_place claims = scan(text);
    if (!facts_of_token(index, &mcpp_policy.verifiers[0], &claims, pool, &callers[i]))
        abort();
    for (uint32_t role = 0; role < ROLES; role++)
        hand->blocked |=
            (uint32_t)(hand->scopes[0] >> (role * 3) & hand->scopes[0] >> (role * 3 + 1) & 1)
            << role;
    hand->is_staff = hand->scopes[0] >> 40 & 1;
}

static void make_questions(void)
{
    const struct mcpp_policy *policy = &mcpp_policy;
    struct pool *pool = pool_open(SIZE_MAX / 2);
    struct fact_index index;
    char text[64];
    if (!pool || !fact_index_open(&index, policy, "http"))
        abort();
    for (int i = 0; i < CALLERS; i++)
        make_caller(&index, pool, i);
    for (int i = 0; i < ARGUMENTS; i++) {
        sprintf(text, "{\"id\":%u}", (unsigned)(next_random() % (2 * BOUND)));
        arguments[i] = scan(text);
    }
    for (int i = 0; i < QUESTIONS; i++) {
        questions[i].caller = (uint32_t)(next_random() % CALLERS);
        questions[i].tool = (uint32_t)(next_random() % policy->tool_count);
        questions[i].argument = (uint32_t)(next_random() % ARGUMENTS);
        questions[i].name_size = (uint32_t)snprintf(questions[i].name, sizeof questions[i].name,
                                                    "%s", policy->tools[questions[i].tool].name);
    }
    sorted = calloc(policy->tool_count, sizeof *sorted);
    for (uint32_t i = 0; i < policy->tool_count; i++)
        sorted[i] = i;
    qsort(sorted, policy->tool_count, sizeof *sorted, by_name);
    make_hand_tools();
}

/* ---- measuring ---- */

static double time_decide(uint64_t *allowed)
{
    double start = now_ns();
    for (int i = 0; i < QUESTIONS; i++) {
        struct slice name = {questions[i].name, questions[i].name_size};
        *allowed += decide(&mcpp_policy, &callers[questions[i].caller], name,
                           &arguments[questions[i].argument])
                        .kind == DECISION_ALLOW;
    }
    return (now_ns() - start) / QUESTIONS;
}

static double time_hand(bool looks_up, uint64_t *allowed)
{
    double start = now_ns();
    for (int i = 0; i < QUESTIONS; i++) {
        uint32_t tool = questions[i].tool;
        if (looks_up)
            tool = find_by_hand(questions[i].name);
        *allowed +=
            by_hand(tool, &hand_callers[questions[i].caller], &arguments[questions[i].argument]);
    }
    return (now_ns() - start) / QUESTIONS;
}

/* For each tool: is it shown. */
static double time_list(uint64_t *bits, uint64_t *shown)
{
    double start = now_ns();
    for (int i = 0; i < CALLERS; i++) {
        decide_visible(&mcpp_policy, &callers[i], bits);
        *shown += bits[0];
    }
    return (now_ns() - start) / CALLERS / mcpp_policy.tool_count;
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

/* What deciding takes for each tool, beyond its name and its schemas: the fields of struct
 * mcpp_tool that decide, nodes, sets of scopes, and the perfect hash. */
static double table_bytes(void)
{
    const struct mcpp_policy *policy = &mcpp_policy;
    size_t total = policy->node_count * sizeof *policy->nodes +
                   policy->names.bucket_count * sizeof *policy->names.displace +
                   policy->names.slot_count * sizeof *policy->names.slots;
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct mcpp_tool *tool = &policy->tools[i];
        total += offsetof(struct mcpp_tool, title) - offsetof(struct mcpp_tool, shown) +
                 tool->test_count * sizeof *tool->tests + tool->fill_count * sizeof *tool->fills +
                 tool->limit_count * sizeof *tool->limits;
    }
    for (uint32_t i = 0; i < policy->challenge_count; i++)
        total += sizeof *policy->challenges +
                 policy->challenges[i].count * policy->fact_words * sizeof(uint64_t);
    return (double)total / policy->tool_count;
}

int main(void)
{
    double ours[ROUNDS], index[ROUNDS], search[ROUNDS], list[ROUNDS];
    uint64_t allowed[3] = {0}, shown = 0;
    uint64_t *bits = calloc(mcpp_policy.tool_count / 64 + 1, sizeof *bits);
    make_questions();
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = time_decide(&allowed[0]);
        index[i] = time_hand(false, &allowed[1]);
        search[i] = time_hand(true, &allowed[2]);
        list[i] = time_list(bits, &shown);
    }
    if (allowed[0] != allowed[1] || allowed[0] != allowed[2]) {
        fprintf(stderr, "the decisions differ\n");
        return 1;
    }
    printf("%6u tools  decide %6.1f ns   by hand, tool known %6.1f ns   by hand, binary search "
           "%6.1f ns   allowed %2.0f %%   list %4.2f ns a tool   tables %5.1f bytes a tool\n",
           mcpp_policy.tool_count, median(ours), median(index), median(search),
           100.0 * (double)allowed[0] / QUESTIONS / ROUNDS, median(list), table_bytes());
    return shown == 0;
}
