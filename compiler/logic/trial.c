/*
 * Making trials.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/logic/trial.h"

#include <string.h>

struct making {
    const struct atoms *atoms;
    struct random *random;
    struct arena *arena;
};

uint32_t random_below(struct random *random, uint32_t bound)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (uint32_t)((random->state >> 32) * bound >> 32);
}

static bool happens(struct making *making, uint32_t one_in)
{
    return random_below(making->random, one_in) == 0;
}

/* ---- values ---- */

static struct str quoted(struct making *making, struct str text)
{
    struct str_builder out = {.arena = making->arena};
    str_add_byte(&out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte < 0x20 || byte == '"' || byte == '\\' || (byte < 0x80 && happens(making, 8)))
            str_add_format(&out, "\\u%04x", byte);
        else
            str_add_byte(&out, (char)byte);
    }
    str_add_byte(&out, '"');
    return str_built(&out);
}

/* A text near the literal; of a glob, one that fits it. */
static struct str near_text(struct making *making, struct str text)
{
    struct str_builder out = {.arena = making->arena};
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '*')
            str_add_byte(&out, text.at[i]);
        else
            str_add_text(&out, happens(making, 2) ? "ab" : "");
    }
    switch (random_below(making->random, 8)) {
    case 0:
        str_add_byte(&out, 'x');
        break;
    case 1: /* without its last character */
        while (out.len && (out.at[out.len - 1] & 0xc0) == 0x80)
            out.len--;
        out.len -= out.len > 0;
        break;
    case 2:
        out.len = 0;
        break;
    default:
        break;
    }
    return quoted(making, str_copy(making->arena, (struct str){out.at, out.len}));
}

static struct str near_number(struct making *making, struct str number)
{
    static const char *const others[] = {"0", "-1", "1e3", "7", "100.5", "9007199254740993"};
    bool has_exponent = memchr(number.at, 'e', number.len) || memchr(number.at, 'E', number.len);
    bool has_point = memchr(number.at, '.', number.len);
    switch (random_below(making->random, 6)) {
    case 0:
        return str_of(others[random_below(making->random, 6)]);
    case 1: /* the same number */
        return has_exponent ? number : str_format(making->arena, "%.*se0", STR_ARG(number));
    case 2:
        return has_exponent
                   ? number
                   : str_format(making->arena, "%.*s%s", STR_ARG(number), has_point ? "1" : ".001");
    case 3: /* ten times and a little, or the last digit gone */
        return has_exponent || has_point || str_is(number, "0")
                   ? number
                   : str_format(making->arena, "%.*s1", STR_ARG(number));
    default:
        return number;
    }
}

static struct str other_value(struct making *making)
{
    static const char *const others[] = {"null", "true",    "false", "{}",        "[]",
                                         "0",    "\"abc\"", "[1]",   "{\"b\":1}", "[null]"};
    return str_of(others[random_below(making->random, 10)]);
}

/* What claims and arguments that are compared with each other are drawn from. */
static struct str common_value(struct making *making)
{
    static const char *const common[] = {"\"alice\"", "\"b\\u006fb\"", "\"bob\"", "\"7\"",
                                         "7",         "7.0",           "true",    "[\"alice\"]"};
    return str_of(common[random_below(making->random, 8)]);
}

static struct str near_literal(struct making *making, const struct condition *test)
{
    if (test->literals.count == 0)
        return test->kind == CONDITION_CLAIM_IS_ARGUMENT ? common_value(making)
                                                         : other_value(making);
    const struct literal *literal =
        &test->literals.at[random_below(making->random, test->literals.count)];
    if (literal->kind == LITERAL_STRING)
        return near_text(making, literal->word.text);
    if (literal->kind == LITERAL_NUMBER)
        return near_number(making, literal->word.text);
    return happens(making, 2) ? STR("true") : STR("false");
}

static struct str value_near(struct making *making, const struct condition *test)
{
    if (happens(making, 12))
        return other_value(making);
    struct str value = near_literal(making, test);
    bool is_array = test->comparison == COMPARE_CONTAINS ? happens(making, 2) : happens(making, 40);
    if (!is_array)
        return value;
    struct str more = happens(making, 4) ? other_value(making) : near_literal(making, test);
    return str_format(making->arena, "[%.*s, %.*s]", STR_ARG(value), STR_ARG(more));
}

/* ---- objects ---- */

struct entry {
    struct path path;
    struct str value;
};

struct entries {
    struct making *making;
    LIST(struct entry) list;
};

static bool shares(struct path a, struct path b, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++)
        if (i >= a.count || i >= b.count || !str_equal(a.names[i], b.names[i]))
            return false;
    return true;
}

/* Neither path may go through the other's value. */
static bool has_place(const struct entries *entries, struct path path)
{
    for (size_t i = 0; i < entries->list.count; i++) {
        struct path other = entries->list.at[i].path;
        uint32_t common = other.count < path.count ? other.count : path.count;
        if (shares(other, path, common))
            return false;
    }
    return true;
}

static void add_entry(struct entries *entries, struct path path, struct str value)
{
    if (has_place(entries, path))
        *list_add(entries->making->arena, &entries->list) = (struct entry){path, value};
}

/* The object that the first `depth` names of the entry's path lead to. */
static void write_object(const struct entries *entries, size_t first, uint32_t depth,
                         struct str_builder *out)
{
    const char *joint = "{";
    for (size_t i = first; i < entries->list.count; i++) {
        struct path path = entries->list.at[i].path;
        bool is_inside = shares(path, entries->list.at[first].path, depth);
        for (size_t j = first; is_inside && j < i; j++)
            is_inside = !shares(entries->list.at[j].path, path, depth + 1);
        if (!is_inside)
            continue;
        struct str name = quoted(entries->making, path.names[depth]);
        str_add_format(out, "%s%.*s:", joint, STR_ARG(name));
        if (path.count == depth + 1)
            str_add(out, entries->list.at[i].value);
        else
            write_object(entries, i, depth + 1, out);
        joint = ",";
    }
    str_add_byte(out, '}');
}

static struct str object_of(const struct entries *entries)
{
    struct str_builder out = {.arena = entries->making->arena};
    if (entries->list.count == 0)
        return STR("{}");
    write_object(entries, 0, 0, &out);
    return str_built(&out);
}

static void *grow_nodes(void *context, void *nodes, size_t old_size, size_t new_size)
{
    void *larger = arena_alloc(context, new_size);
    if (old_size)
        memcpy(larger, nodes, old_size);
    return larger;
}

static struct evaluate_json scan(struct arena *arena, struct str text)
{
    struct json_tape *tape = arena_new(arena, struct json_tape);
    const char *copy = str_text(arena, text);
    *tape = (struct json_tape){.depth_max = JSON_DEPTH_CEILING,
                               .node_max = UINT32_MAX,
                               .grow = grow_nodes,
                               .context = arena};
    if (json_scan(copy, text.len, tape, NULL) != JSON_OK)
        return (struct evaluate_json){0}; /* never: all of it was written here */
    return (struct evaluate_json){copy, tape, 0};
}

/* ---- callers ---- */

static void add_names(struct making *making, const char *name, const struct str *names,
                      uint32_t count, struct entries *entries)
{
    struct str_builder out = {.arena = making->arena};
    struct str *path = arena_new(making->arena, struct str);
    *path = str_of(name);
    for (uint32_t i = 0; i < count; i++) {
        struct str one = quoted(making, names[i]);
        str_add_format(&out, "%s%.*s", i ? "," : "[", STR_ARG(one));
    }
    str_add_text(&out, count ? "]" : "[]");
    add_entry(entries, (struct path){path, 1}, str_built(&out));
}

static void draw_names(struct making *making, struct evaluate_caller *caller)
{
    const struct policy *policy = making->atoms->policy;
    struct str *scopes = arena_array(making->arena, policy->scope_count, sizeof *scopes);
    struct str *roles = arena_array(making->arena, policy->role_count, sizeof *roles);
    uint32_t one_in = 1 + random_below(making->random, 4);
    for (uint32_t i = 0; i < policy->scope_count; i++)
        if (happens(making, one_in))
            scopes[caller->scope_count++] = policy->scopes[i].name;
    for (uint32_t i = 0; i < policy->role_count; i++)
        if (happens(making, one_in))
            roles[caller->role_count++] = policy->roles[i].name;
    caller->scopes = scopes;
    caller->roles = roles;
}

static const struct condition *test_of(const struct making *making, uint32_t atom)
{
    enum atom_kind kind = making->atoms->at[atom].kind;
    return kind == ATOM_CLAIM || kind == ATOM_ARGUMENT ? making->atoms->at[atom].test : NULL;
}

static void draw_claims(struct making *making, struct entries *entries)
{
    const struct policy *policy = making->atoms->policy;
    for (uint32_t i = 0; i < making->atoms->count; i++) {
        const struct condition *test = test_of(making, i);
        if (!test || test->kind == CONDITION_ARGUMENT || happens(making, 3))
            continue;
        uint32_t claim = policy_claim(policy, test->word.text);
        add_entry(entries, policy->claims[claim].path, value_near(making, test));
    }
    for (uint32_t i = 0; i < policy->claim_count; i++) /* what fills are made of */
        if (happens(making, 2))
            add_entry(entries, policy->claims[i].path, common_value(making));
}

static void draw_caller(struct making *making, struct trial *out)
{
    static const enum evaluate_caller_kind kinds[] = {
        EVALUATE_ANONYMOUS, EVALUATE_VERIFIED, EVALUATE_VERIFIED, EVALUATE_VERIFIED,
        EVALUATE_VERIFIED,  EVALUATE_OPERATOR, EVALUATE_NARROWED};
    const struct policy *policy = making->atoms->policy;
    struct entries entries = {.making = making};
    struct evaluate_caller *caller = &out->caller;
    caller->kind = kinds[random_below(making->random, 7)];
    caller->transport = happens(making, 2) ? STR("stdio") : STR("http");
    out->claims = STR("{}");
    if (caller->kind == EVALUATE_ANONYMOUS || caller->kind == EVALUATE_OPERATOR)
        return;
    draw_names(making, caller);
    draw_claims(making, &entries);
    if (caller->kind == EVALUATE_VERIFIED) {
        if (policy->verifier_count)
            caller->verifier =
                policy->verifiers[random_below(making->random, policy->verifier_count)].name;
        add_names(making, TRIAL_SCOPES, caller->scopes, caller->scope_count, &entries);
        add_names(making, TRIAL_ROLES, caller->roles, caller->role_count, &entries);
    }
    out->claims = object_of(&entries);
    caller->claims = scan(making->arena, out->claims);
}

/* ---- calls ---- */

static void draw_arguments(struct making *making, const struct tool *tool, struct trial *out)
{
    struct entries entries = {.making = making};
    if (happens(making, 16))
        return;
    for (uint32_t i = making->atoms->fact_count; i < making->atoms->count; i++) {
        const struct condition *test = making->atoms->at[i].test;
        if (!happens(making, 4))
            add_entry(&entries, policy_argument_path(test->argument, making->arena),
                      value_near(making, test));
    }
    for (uint32_t i = 0; i < tool->fill_count; i++) {
        struct str *name = arena_new(making->arena, struct str);
        *name = tool->operation->arguments[tool->fills[i].argument].name;
        if (happens(making, 6))
            add_entry(&entries, (struct path){name, 1}, common_value(making));
    }
    out->arguments_text = object_of(&entries);
    out->arguments = scan(making->arena, out->arguments_text);
}

void trial_make(const struct atoms *atoms, uint32_t tool, struct random *random,
                struct arena *arena, struct trial *out)
{
    struct making making = {atoms, random, arena};
    *out = (struct trial){.tool = tool};
    draw_caller(&making, out);
    draw_arguments(&making, &atoms->policy->tools[tool], out);
}

struct str trial_text(const struct policy *policy, const struct trial *trial, struct arena *arena)
{
    static const char *const kinds[] = {[EVALUATE_ANONYMOUS] = "anonymous",
                                        [EVALUATE_VERIFIED] = "verified",
                                        [EVALUATE_OPERATOR] = "operator",
                                        [EVALUATE_NARROWED] = "narrowed"};
    const struct evaluate_caller *caller = &trial->caller;
    struct str_builder out = {.arena = arena};
    str_add_format(&out, "%s over %.*s", kinds[caller->kind], STR_ARG(caller->transport));
    if (caller->verifier.len)
        str_add_format(&out, " by %.*s", STR_ARG(caller->verifier));
    for (uint32_t i = 0; i < caller->scope_count; i++)
        str_add_format(&out, "%s%.*s", i ? " " : " scopes ", STR_ARG(caller->scopes[i]));
    for (uint32_t i = 0; i < caller->role_count; i++)
        str_add_format(&out, "%s%.*s", i ? " " : " roles ", STR_ARG(caller->roles[i]));
    str_add_format(&out, " claims %.*s | %.*s %.*s", STR_ARG(trial->claims),
                   STR_ARG(policy->tools[trial->tool].name), STR_ARG(trial->arguments_text));
    return str_built(&out);
}
