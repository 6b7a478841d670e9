/*
 * Conditions: the names in them, and whether they may look at what they look at. Also the claims
 * that a policy reads, each path once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/glob.h"
#include "compiler/policy/checker.h"
#include "compiler/policy/text.h"

/* ---- paths ---- */

static struct path path_of(struct str text, bool is_whole, struct arena *arena)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '.' && !is_whole;
    struct str *names = arena_array(arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = is_whole ? text : str_part(text, 0, str_find(text, '.'));
        text = str_from(text, names[i].len + 1);
    }
    return (struct path){names, (uint32_t)count};
}

struct path policy_argument_path(struct word argument, struct arena *arena)
{
    return path_of(argument.text, argument.is_string, arena);
}

struct path policy_claim_path(struct word claim, struct arena *arena)
{
    return path_of(claim.text, str_find(claim.text, ':') < claim.text.len, arena);
}

/* A claim's path has a name between any two dots. */
static bool is_claim_path(struct str text)
{
    bool is_whole = str_find(text, ':') < text.len;
    for (size_t i = 0; i + 1 < text.len && !is_whole; i++)
        if (text.at[i] == '.' && text.at[i + 1] == '.')
            return false;
    return text.len > 0 && text_is_printable(text) &&
           (is_whole || (!str_starts(text, ".") && !str_ends(text, ".")));
}

/* ---- claims ---- */

uint32_t check_claim(struct checker *checker, struct word word)
{
    struct map *index = &checker->policy->claim_index;
    struct claim *known = map_get(index, word.text);
    for (size_t i = 0; known && i < checker->claims.count; i++)
        if (checker->claims.at[i] == known)
            return (uint32_t)i;
    if (!is_claim_path(word.text))
        diag_error(checker->diags, "bad-value", word.span, "'%.*s' is no path of a claim",
                   STR_ARG(word.text));
    struct claim *claim = arena_new(checker->arena, struct claim);
    *claim = (struct claim){word.text, policy_claim_path(word, checker->arena), word.span};
    map_add(index, word.text, claim);
    *list_add(checker->arena, &checker->claims) = claim;
    return (uint32_t)checker->claims.count - 1;
}

void check_finish_claims(struct checker *checker)
{
    size_t count = checker->claims.count;
    struct claim *claims = arena_array(checker->arena, count, sizeof *claims);
    checker->policy->claim_index = (struct map){.arena = checker->arena};
    for (size_t i = 0; i < count; i++) {
        claims[i] = *checker->claims.at[i];
        map_add(&checker->policy->claim_index, claims[i].text, &claims[i]);
    }
    checker->policy->claims = claims;
    checker->policy->claim_count = (uint32_t)count;
}

/* ---- what a condition may look at ---- */

static const char *atom_name(enum condition_kind kind)
{
    switch (kind) {
    case CONDITION_NOT:
        return "'not'";
    case CONDITION_CLAIM:
        return "a claim";
    case CONDITION_VERIFIER:
        return "a verifier";
    case CONDITION_TRANSPORT:
        return "a transport";
    default:
        return "an argument";
    }
}

/* `needs` names what a caller lacks, so it only ever asks for more of scopes and roles. */
static void check_needs_atom(struct checker *checker, const struct condition *condition)
{
    enum condition_kind kind = condition->kind;
    if (kind <= CONDITION_ROLE || kind == CONDITION_AND || kind == CONDITION_OR)
        return;
    struct diag *diag =
        diag_error(checker->diags, "misplaced-condition", condition->span,
                   "what a tool needs are scopes and roles, not %s", atom_name(kind));
    diag_help(checker->diags, diag, "write a rule of its own: deny TOOL unless …");
}

static void check_caller_atom(struct checker *checker, enum condition_use use,
                              const struct condition *condition)
{
    static const char *const subjects[] = {[USE_ROLE] = "a role is held",
                                           [USE_GRANTED] = "a scope is granted",
                                           [USE_HIDE] = "a tool is hidden"};
    if (condition->kind != CONDITION_ARGUMENT && condition->kind != CONDITION_CLAIM_IS_ARGUMENT)
        return;
    struct diag *diag = diag_error(checker->diags, "misplaced-condition", condition->span,
                                   "%s before there are arguments to look at", subjects[use]);
    diag_help(checker->diags, diag, "write a rule about calls: deny TOOL when arg …");
}

/* ---- names ---- */

static void check_verifier_name(struct checker *checker, struct word word)
{
    struct declared *found = resolve_name(&checker->names, NAME_VERIFIER, word);
    if (!found || map_get(&checker->policy->verifier_index, word.text))
        return;
    struct diag *diag = diag_error(checker->diags, "unaccepted-verifier", word.span,
                                   "verifier '%.*s' is never accepted, so it recognises nobody",
                                   STR_ARG(word.text));
    diag_help(checker->diags, diag, "add it to the accept statement");
}

static void check_transport(struct checker *checker, struct word word)
{
    static const struct str names[] = {STR_INIT("stdio"), STR_INIT("http")};
    if (str_equal(word.text, names[0]) || str_equal(word.text, names[1]))
        return;
    struct diag *diag = diag_error(checker->diags, "bad-value", word.span,
                                   "no transport is called '%.*s'", STR_ARG(word.text));
    diag_help(checker->diags, diag, "the transports are stdio and http");
}

static void check_pattern(struct checker *checker, const struct condition *condition)
{
    if (condition->comparison != COMPARE_MATCHES)
        return;
    struct word pattern = condition->literals.at[0].word;
    if (pattern.text.len > GLOB_PATTERN_MAX)
        diag_error(checker->diags, "too-long", pattern.span, "a pattern of more than %d characters",
                   GLOB_PATTERN_MAX);
}

static void check_order(struct checker *checker, const struct condition *condition)
{
    bool is_order =
        condition->comparison >= COMPARE_LESS && condition->comparison <= COMPARE_GREATER_OR_EQUAL;
    if (!is_order || condition->literals.at[0].kind == LITERAL_NUMBER)
        return;
    diag_error(checker->diags, "type-mismatch", condition->literals.at[0].word.span,
               "only numbers are less or greater");
}

static void check_atom(struct checker *checker, const struct condition *condition)
{
    switch (condition->kind) {
    case CONDITION_SCOPE:
        resolve_name(&checker->names, NAME_SCOPE, condition->word);
        break;
    case CONDITION_ROLE:
        resolve_name(&checker->names, NAME_ROLE, condition->word);
        break;
    case CONDITION_VERIFIER:
        check_verifier_name(checker, condition->word);
        break;
    case CONDITION_TRANSPORT:
        check_transport(checker, condition->word);
        break;
    case CONDITION_CLAIM:
    case CONDITION_ARGUMENT:
        check_pattern(checker, condition);
        check_order(checker, condition);
        if (condition->kind == CONDITION_CLAIM)
            check_claim(checker, condition->word);
        break;
    case CONDITION_CLAIM_IS_ARGUMENT:
        check_claim(checker, condition->word);
        break;
    case CONDITION_NOTHING:
    case CONDITION_TOKEN:
    case CONDITION_NOT:
    case CONDITION_AND:
    case CONDITION_OR:
        break;
    }
}

void check_condition(struct checker *checker, enum condition_use use,
                     const struct condition *condition)
{
    if (!condition)
        return;
    if (use == USE_NEEDS)
        check_needs_atom(checker, condition);
    else if (use != USE_RULE)
        check_caller_atom(checker, use, condition);
    check_atom(checker, condition);
    check_condition(checker, use, condition->left);
    check_condition(checker, use, condition->right);
}

/* ---- questions ---- */

bool condition_mentions_argument(const struct condition *condition)
{
    return condition && (condition->kind == CONDITION_ARGUMENT ||
                         condition->kind == CONDITION_CLAIM_IS_ARGUMENT ||
                         condition_mentions_argument(condition->left) ||
                         condition_mentions_argument(condition->right));
}

static bool is_about_caller(enum condition_kind kind)
{
    return kind == CONDITION_TOKEN || kind == CONDITION_SCOPE || kind == CONDITION_ROLE ||
           kind == CONDITION_VERIFIER || kind == CONDITION_CLAIM ||
           kind == CONDITION_CLAIM_IS_ARGUMENT;
}

bool condition_mentions_caller(const struct condition *condition)
{
    return condition &&
           (is_about_caller(condition->kind) || condition_mentions_caller(condition->left) ||
            condition_mentions_caller(condition->right));
}
