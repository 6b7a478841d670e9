/*
 * Reading the configuration: a table of its features, each with what becomes of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/lower/config.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/lower/config_reader.h"

enum {
    TIMEOUT_DEFAULT_S = 30, /* of the server, and of the original */
    TIMEOUT_MAX_S = 3600,
    RATE_MAX = 1000000000
};

/* ---- members ---- */

static const struct node *member(struct section section, const char *name)
{
    const struct node *node = node_get(section.node, name);
    return node && node->kind != NODE_NULL ? node : NULL;
}

static struct str path_of(struct config_reader *reader, struct section section, const char *name)
{
    return section.path.len ? str_format(reader->arena, "%.*s.%s", STR_ARG(section.path), name)
                            : str_of(name);
}

static const struct node *member_of_kind(struct config_reader *reader, struct section section,
                                         const char *name, enum node_kind kind)
{
    const struct node *node = member(section, name);
    if (!node || node->kind == kind)
        return node;
    diag_error(reader->diags, "bad-config", node->span, "'%.*s' is %s, not %s",
               STR_ARG(path_of(reader, section, name)), node_kind_name(node->kind),
               node_kind_name(kind));
    return NULL;
}

struct section config_section(struct config_reader *reader, struct section parent, const char *name)
{
    return (struct section){member_of_kind(reader, parent, name, NODE_MAPPING),
                            path_of(reader, parent, name)};
}

struct str config_text(struct config_reader *reader, struct section section, const char *name)
{
    return node_string(member_of_kind(reader, section, name, NODE_STRING));
}

bool config_flag(struct config_reader *reader, struct section section, const char *name,
                 bool otherwise)
{
    return node_boolean(member_of_kind(reader, section, name, NODE_BOOLEAN), otherwise);
}

const struct node *config_number(struct config_reader *reader, struct section section,
                                 const char *name)
{
    return member_of_kind(reader, section, name, NODE_NUMBER);
}

const struct node *config_list(struct config_reader *reader, struct section section,
                               const char *name)
{
    return member_of_kind(reader, section, name, NODE_SEQUENCE);
}

static bool is_word_of(struct str name, const char *words)
{
    while (*words) {
        size_t len = strcspn(words, " ");
        if (len == name.len && memcmp(words, name.at, len) == 0 && len)
            return true;
        words += len + (words[len] == ' ');
    }
    return false;
}

void config_check_keys(struct config_reader *reader, struct section section, const char *known)
{
    for (uint32_t i = 0; section.node && i < section.node->count; i++) {
        const struct member *found = &section.node->members[i];
        if (is_word_of(found->name, known))
            continue;
        diag_error(reader->diags, "unknown-config-key", found->name_span,
                   "'%.*s%s%.*s' is no key that is known", STR_ARG(section.path),
                   section.path.len ? "." : "", STR_ARG(found->name));
    }
}

void config_refuse(struct config_reader *reader, struct section section, const char *key,
                   const char *help)
{
    const struct node *node = member(section, key);
    struct diag *diag =
        diag_error(reader->diags, "unsupported-config", node->span,
                   "'%.*s' cannot be said in a policy", STR_ARG(path_of(reader, section, key)));
    diag_help(reader->diags, diag, "%s", help);
}

void config_report_value(struct config_reader *reader, struct section section,
                         const struct node *value, const char *wanted)
{
    diag_error(reader->diags, "bad-config", value->span, "'%.*s' wants %s", STR_ARG(section.path),
               wanted);
}

/* A whole number from 1 to `most`, or 0, which is reported. */
static uint32_t whole_number(struct config_reader *reader, struct section section,
                             const struct node *node, uint32_t most)
{
    char *end;
    unsigned long value = strtoul(str_text(reader->arena, node->text), &end, 10);
    if (*end == '\0' && node->text.at[0] != '-' && value >= 1 && value <= most)
        return (uint32_t)value;
    config_report_value(reader, section, node, "whole numbers above 0, and no large ones");
    return 0;
}

/* ---- features that become statements ---- */

static void read_timeouts(struct config_reader *reader, struct section features)
{
    struct section section = config_section(reader, features, "tool_timeouts");
    config_check_keys(reader, section, " enabled default_seconds description ");
    const struct node *number = config_number(reader, section, "default_seconds");
    if (!number || !config_flag(reader, section, "enabled", false))
        return;
    uint32_t seconds = whole_number(reader, section, number, TIMEOUT_MAX_S);
    reader->config->timeout_s = seconds == TIMEOUT_DEFAULT_S ? 0 : seconds;
}

/* 2.5 a second is 150 a minute: the first unit in which it is a whole number. */
static bool set_rate(struct rate_limit *limit, double per_second)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double amount = per_second * units[i].seconds;
        if (amount < 1 || amount > (double)RATE_MAX || amount != (double)(uint64_t)amount)
            continue;
        limit->amount = (uint64_t)amount;
        limit->unit = units[i].name;
        return true;
    }
    return false;
}

static void read_rate_limit(struct config_reader *reader, struct section features)
{
    struct section section = config_section(reader, features, "rate_limiting");
    struct rate_limit *limit = &reader->config->limit;
    config_check_keys(reader, section,
                      " enabled max_requests_per_second burst_capacity global_limit description ");
    if (!section.node || !config_flag(reader, section, "enabled", false))
        return;
    const struct node *rate = config_number(reader, section, "max_requests_per_second");
    const struct node *burst = config_number(reader, section, "burst_capacity");
    double per_second = rate ? strtod(str_text(reader->arena, rate->text), NULL) : 10;
    if (!set_rate(limit, per_second))
        config_report_value(reader, section, rate ? rate : section.node,
                            "a rate that is a whole number per second, minute, hour or day");
    limit->burst = burst ? whole_number(reader, section, burst, RATE_MAX) : 0;
    limit->is_for_all = config_flag(reader, section, "global_limit", false);
    limit->span = section.node->span;
}

static void read_output(struct config_reader *reader, struct section features)
{
    reader->config->validates_output = config_flag(reader, features, "validate_output", false);
}

static void read_visibility(struct config_reader *reader, struct section features)
{
    struct section section = config_section(reader, features, "dynamic_visibility");
    config_check_keys(reader, section, " enabled description ");
    if (section.node && config_flag(reader, section, "enabled", false))
        reader->config->hides = section.node->span;
}

/* ---- what the server is told when it starts ---- */

static void read_response_limit(struct config_reader *reader, struct section features)
{
    struct section section = config_section(reader, features, "response_limiting");
    config_check_keys(reader, section, " enabled max_size_bytes description ");
    const struct node *number = config_number(reader, section, "max_size_bytes");
    if (!number || !config_flag(reader, section, "enabled", false))
        return;
    uint32_t bytes = whole_number(reader, section, number, UINT32_MAX);
    if (!bytes)
        return;
    struct str option = str_format(reader->arena, "--limit-backend-bytes %u", bytes);
    *list_add(reader->arena, &reader->config->server_options) = option;
    diag_warning(reader->diags, "config-of-the-server", number->span,
                 "'%.*s' is for the server: start it with %.*s", STR_ARG(section.path),
                 STR_ARG(option));
}

/* ---- the rest ---- */

/* What there is nothing to do for, on or off; a switch that mcpc always has on may not be off where
 * that would change what is served. */
static bool is_met(struct str name)
{
    static const char *const names[] = {"tool_tags", "ping_middleware", "component_versioning"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

static const char *refusal_of(struct str name)
{
    static const struct {
        const char *name, *help;
    } refused[] = {
        {"search_tools", "make fewer tools: --include and --exclude select operations"},
        {"code_mode", "make fewer tools: --include and --exclude select operations"},
        {"version_filter", "select operations with --include and --exclude, or write omit "
                           "statements"},
        {"opentelemetry", "the server passes the trace context of _meta on; measure it by its log"},
        {"oauth_proxy", "clients get their tokens from the issuer itself: write a verifier for "
                        "its tokens, and register the clients there"},
        {"apps", "the server has the tools of the document only"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (str_is(name, refused[i].name))
            return refused[i].help;
    return NULL;
}

/* A feature is on when it is true, or an object that is enabled. */
static bool is_on(const struct node *feature)
{
    return feature->kind == NODE_MAPPING   ? node_boolean(node_get(feature, "enabled"), true)
           : feature->kind == NODE_BOOLEAN ? feature->is_true
                                           : feature->kind != NODE_NULL;
}

static void read_features(struct config_reader *reader, struct section root)
{
    static const struct {
        const char *name;
        void (*read)(struct config_reader *reader, struct section features);
    } readers[] = {
        {"tool_timeouts", read_timeouts},           {"rate_limiting", read_rate_limit},
        {"dynamic_visibility", read_visibility},    {"validate_output", read_output},
        {"response_limiting", read_response_limit}, {"multi_auth", config_read_multi_auth},
        {"keycloak", config_read_keycloak},         {"propelauth", config_read_propelauth}};
    struct section features = config_section(reader, root, "features");
    for (uint32_t i = 0; features.node && i < features.node->count; i++) {
        const struct member *found = &features.node->members[i];
        const char *help = refusal_of(found->name);
        bool is_read = false;
        for (size_t at = 0; at < sizeof readers / sizeof *readers; at++) {
            if (!str_is(found->name, readers[at].name))
                continue;
            readers[at].read(reader, features);
            is_read = true;
        }
        if (help && is_on(found->value))
            config_refuse(reader, features, str_text(reader->arena, found->name), help);
        else if (!help && !is_read && !is_met(found->name))
            diag_error(reader->diags, "unknown-config-key", found->name_span,
                       "'features.%.*s' is no key that is known", STR_ARG(found->name));
    }
}

/* `composition` is about the parts that the original's server is put together from. */
static void read_root(struct config_reader *reader, struct section root)
{
    config_check_keys(reader, root, " $schema composition middleware features ");
    struct section middleware = config_section(reader, root, "middleware");
    config_check_keys(reader, middleware, " config ");
    struct section config = config_section(reader, middleware, "config");
    config_check_keys(reader, config, " authentication ");
    struct section authentication = config_section(reader, config, "authentication");
    config_check_keys(reader, authentication, " validate_tokens ");
    reader->config->validate_tokens = config_flag(reader, authentication, "validate_tokens", false);
    read_features(reader, root);
}

bool config_read(const struct document *document, struct arena *arena, struct diag_list *diags,
                 struct config *out)
{
    uint32_t errors_before = diags->error_count;
    *out = (struct config){.name = document->source->name};
    struct config_reader reader = {arena, diags, out};
    if (!document->root)
        return false;
    if (document->root->kind == NODE_MAPPING)
        read_root(&reader, (struct section){document->root, {0}});
    else
        diag_error(diags, "bad-config", document->root->span, "the configuration is %s, not %s",
                   node_kind_name(document->root->kind), node_kind_name(NODE_MAPPING));
    return diags->error_count == errors_before;
}
