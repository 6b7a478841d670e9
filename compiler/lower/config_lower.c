/*
 * Lowering a configuration's rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/config_lower.h"

static const struct condition *new_condition(struct lowering *lowering, struct condition condition)
{
    struct condition *copy = arena_new(lowering->arena, struct condition);
    *copy = condition;
    return copy;
}

static const struct condition *atom(struct lowering *lowering, enum condition_kind kind,
                                    struct word word)
{
    return new_condition(lowering,
                         (struct condition){.kind = kind, .span = word.span, .word = word});
}

static struct selectors all_tools(struct lowering *lowering, struct span span)
{
    struct selector *selector = arena_new(lowering->arena, struct selector);
    *selector = (struct selector){
        .kind = SELECTOR_ALL, .word = lowering_name(STR("*"), span), .span = span};
    return (struct selectors){selector, 1};
}

/* ---- required scopes ---- */

static const struct condition *all_scopes(struct lowering *lowering, const struct node *names)
{
    const struct condition *all = NULL;
    for (uint32_t i = 0; i < names->count; i++) {
        struct word word = lowering_string(names->items[i]->text, names->items[i]->span);
        const struct condition *scope = atom(lowering, CONDITION_SCOPE, word);
        all = all ? new_condition(lowering, (struct condition){.kind = CONDITION_AND,
                                                               .span = word.span,
                                                               .left = all,
                                                               .right = scope})
                  : scope;
    }
    return all;
}

/* Whoever comes by this provider must hold all of them, whatever the tool needs. */
static void lower_required_scopes(struct lowering *lowering, const struct provider *provider)
{
    struct word verifier = lowering_name(provider->name, provider->span);
    if (!provider->required_scopes)
        return;
    struct statement *deny = lowering_add(lowering, STATEMENT_DENY, provider->span);
    deny->selectors = all_tools(lowering, provider->span);
    deny->guard.when = atom(lowering, CONDITION_VERIFIER, verifier);
    deny->guard.unless = all_scopes(lowering, provider->required_scopes);
}

/* ---- visibility ---- */

/* Tools that need the same. */
struct alike {
    const struct condition *needs;
    LIST(struct selector) tools;
};

struct alikes {
    struct map index; /* the condition as text -> struct alike */
    LIST(struct alike *) all;
};

static void add_key(const struct condition *condition, struct str_builder *key)
{
    str_add_format(key, "%d(", (int)condition->kind);
    str_add(key, condition->word.text);
    str_add_byte(key, ' ');
    if (condition->left)
        add_key(condition->left, key);
    if (condition->right)
        add_key(condition->right, key);
    str_add_byte(key, ')');
}

static void add_tool(struct lowering *lowering, const struct statement *tool, struct alikes *alikes)
{
    struct str_builder key = {.arena = lowering->arena};
    add_key(tool->needs, &key);
    struct alike *alike = map_get(&alikes->index, str_built(&key));
    if (!alike) {
        alike = arena_new(lowering->arena, struct alike);
        alike->needs = tool->needs;
        map_add(&alikes->index, str_built(&key), alike);
        *list_add(lowering->arena, &alikes->all) = alike;
    }
    *list_add(lowering->arena, &alike->tools) =
        (struct selector){SELECTOR_NAME, tool->name, tool->span};
}

/* Callers who are not known yet see everything, so that they are asked for a token when they call.
 */
static void lower_visibility(struct lowering *lowering)
{
    struct span span = lowering->config->hides;
    struct alikes alikes = {.index = {.arena = lowering->arena}};
    for (size_t i = 0; i < lowering->statements.count; i++) {
        const struct statement *tool = &lowering->statements.at[i];
        bool is_open = tool->kind != STATEMENT_TOOL || tool->needs->kind == CONDITION_NOTHING ||
                       tool->needs->kind == CONDITION_TOKEN;
        if (!is_open)
            add_tool(lowering, tool, &alikes);
    }
    for (size_t i = 0; i < alikes.all.count; i++) {
        const struct alike *alike = alikes.all.at[i];
        struct statement *hide = lowering_add(lowering, STATEMENT_HIDE, span);
        hide->selectors = (struct selectors){alike->tools.at, (uint32_t)alike->tools.count};
        hide->guard.when = atom(lowering, CONDITION_TOKEN, lowering_name(STR("token"), span));
        hide->guard.unless = alike->needs;
    }
}

/* ---- limits ---- */

static void lower_limit(struct lowering *lowering, const struct rate_limit *rate)
{
    struct statement *limit = lowering_add(lowering, STATEMENT_LIMIT, rate->span);
    limit->selectors = all_tools(lowering, rate->span);
    limit->amount = lowering_name(
        str_format(lowering->arena, "%llu", (unsigned long long)rate->amount), rate->span);
    limit->unit = lowering_name(str_of(rate->unit), rate->span);
    limit->per = lowering_name(rate->is_for_all ? STR("all") : STR("client"), rate->span);
    if (rate->burst)
        limit->burst = lowering_name(
            str_format(lowering->arena, "%llu", (unsigned long long)rate->burst), rate->span);
}

static bool has_rules(const struct config *config)
{
    bool has_required = false;
    for (size_t i = 0; i < config->providers.count; i++)
        has_required = has_required || config->providers.at[i].required_scopes;
    return has_required || config->hides.source || config->limit.unit;
}

void config_lower_rules(struct lowering *lowering)
{
    const struct config *config = lowering->config;
    if (!config)
        return;
    for (size_t i = 0; i < config->server_options.count; i++) {
        lowering_gap(lowering);
        lowering_comment(lowering, "%.*s says: start the server with %.*s.", STR_ARG(config->name),
                         STR_ARG(config->server_options.at[i]));
    }
    if (has_rules(config)) {
        lowering_gap(lowering);
        lowering_comment(lowering, "Rules, from %.*s.", STR_ARG(config->name));
    }
    for (size_t i = 0; i < config->providers.count; i++)
        lower_required_scopes(lowering, &config->providers.at[i]);
    if (config->hides.source)
        lower_visibility(lowering);
    if (config->limit.unit)
        lower_limit(lowering, &config->limit);
}
