/*
 * Values in policies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/policy/value.h"

#include <string.h>
#include <strings.h>

#include "compiler/policy/text.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_alphanumeric(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* ---- URLs ---- */

static bool starts_as(struct str text, const char *prefix)
{
    return text.len >= strlen(prefix) && strncasecmp(text.at, prefix, strlen(prefix)) == 0;
}

/* What stands between "//" and the path. */
static struct str authority_of(struct str url)
{
    struct str rest = str_from(url, starts_as(url, "https://") ? 8 : 7);
    size_t end = 0;
    while (end < rest.len && !strchr("/?#", rest.at[end]))
        end++;
    return str_part(rest, 0, end);
}

/* Splits "[::1]:80" or "host:80"; the port is empty when there is none. */
static struct str split_port(struct str authority, struct str *port)
{
    size_t colon =
        str_starts(authority, "[") ? str_find(authority, ']') + 1 : str_find(authority, ':');
    *port = str_from(authority, colon);
    return str_part(authority, 0, colon);
}

static const char *authority_problem(struct str authority)
{
    struct str port;
    struct str host = split_port(authority, &port);
    if (str_find(authority, '@') < authority.len)
        return "a URL with user information";
    if (host.len == 0 || (str_starts(host, "[") && !str_ends(host, "]")))
        return "a URL without a host";
    if (port.len == 0)
        return NULL;
    uint32_t number = 0;
    for (size_t i = 1; i < port.len; i++)
        number = is_digit(port.at[i]) && number < 65536 ? number * 10 + (uint32_t)(port.at[i] - '0')
                                                        : 65536;
    return port.at[0] == ':' && port.len > 1 && number > 0 && number < 65536
               ? NULL
               : "a URL with a bad port";
}

const char *value_url_problem(struct str url, bool may_have_query)
{
    for (size_t i = 0; i < url.len; i++) {
        unsigned char byte = (unsigned char)url.at[i];
        if (byte <= 0x20 || byte >= 0x7f || strchr("\"<>\\^`{|}", byte))
            return "a URL with a character that a URL cannot have";
    }
    if (!starts_as(url, "http://") && !starts_as(url, "https://"))
        return "not an http or https URL";
    if (str_find(url, '#') < url.len)
        return "a URL with a fragment";
    if (!may_have_query && str_find(url, '?') < url.len)
        return "a URL with a query";
    return authority_problem(authority_of(url));
}

bool value_url_is_insecure(struct str url)
{
    struct str port;
    struct str host = split_port(authority_of(url), &port);
    bool is_here = (host.len == 9 && starts_as(host, "localhost")) || str_is(host, "[::1]") ||
                   str_ends(host, ".localhost");
    bool is_address = str_starts(host, "127.");
    for (size_t i = 0; i < host.len; i++)
        is_address = is_address && (is_digit(host.at[i]) || host.at[i] == '.');
    return starts_as(url, "http://") && !is_here && !is_address;
}

bool value_check_url(struct diag_list *diags, struct word word, bool may_have_query)
{
    const char *problem = value_url_problem(word.text, may_have_query);
    if (problem) {
        diag_error(diags, "bad-url", word.span, "%s: '%.*s'", problem, STR_ARG(word.text));
        return false;
    }
    if (value_url_is_insecure(word.text)) {
        struct diag *diag = diag_warning(diags, "insecure-url", word.span,
                                         "tokens and keys would travel in clear text");
        diag_help(diags, diag, "write https:// outside of this machine");
    }
    return true;
}

/* ---- durations and names ---- */

/* Gives how many digits there are. */
static size_t read_digits(struct str text, uint64_t *number)
{
    size_t digits = 0;
    *number = 0;
    while (digits < text.len && digits < 9 && is_digit(text.at[digits]))
        *number = *number * 10 + (uint64_t)(text.at[digits++] - '0');
    return digits;
}

bool value_number(struct str text, uint64_t *number)
{
    return read_digits(text, number) == text.len && text.len > 0;
}

bool value_is_method(struct str text)
{
    static const char *const names[] = {"GET",     "HEAD",  "POST",  "PUT",  "DELETE",
                                        "OPTIONS", "TRACE", "PATCH", "QUERY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(text, names[i]))
            return true;
    return false;
}

bool value_duration_ms(struct str text, uint64_t *ms)
{
    uint64_t number;
    size_t digits = read_digits(text, &number);
    struct str unit = str_from(text, digits);
    uint64_t factor = str_is(unit, "ms")  ? 1
                      : str_is(unit, "s") ? 1000
                      : str_is(unit, "m") ? 60000
                                          : 0;
    *ms = number * factor;
    return digits > 0 && factor > 0;
}

bool value_is_http_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_alphanumeric(text.at[i]) && (!text.at[i] || !strchr("!#$%&'*+-.^_`|~", text.at[i])))
            return false;
    return text.len > 0;
}

const char *value_scope_problem(struct str scope)
{
    if (scope.len == 0)
        return "an empty scope";
    if (!text_is_printable(scope) || str_find(scope, ' ') < scope.len)
        return "a scope with a space or a control character";
    return NULL;
}

enum { TOOL_NAME_MAX = 64, SERVER_NAME_MAX = 64 };

bool value_is_tool_name(struct str name)
{
    return text_is_word(name) && name.len <= TOOL_NAME_MAX;
}

struct str value_server_name(struct arena *arena, struct str title)
{
    struct str_builder out = {.arena = arena};
    for (size_t i = 0; i < title.len && out.len < SERVER_NAME_MAX; i++) {
        char byte = title.at[i];
        if (is_alphanumeric(byte))
            str_add_byte(&out, byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte);
        else if (out.len && out.at[out.len - 1] != '-')
            str_add_byte(&out, '-');
    }
    struct str name = str_built(&out);
    while (str_ends(name, "-"))
        name.len--;
    return name.len ? name : STR("api");
}

/* ---- settings ---- */

enum { SETTING_MAX = 16 };

int value_setting_kind(struct diag_list *diags, const struct setting *setting,
                       const char *const *names)
{
    struct str all[SETTING_MAX];
    size_t count = 0;
    for (; count < SETTING_MAX && names[count]; count++) {
        all[count] = str_of(names[count]);
        if (str_equal(all[count], setting->name.text))
            return (int)count;
    }
    struct diag *diag = diag_error(diags, "unknown-setting", setting->name.span,
                                   "no setting is called '%.*s' here", STR_ARG(setting->name.text));
    diag_suggest(diags, diag, "setting", setting->name.text, all, count);
    return -1;
}

bool value_is_single(struct diag_list *diags, const struct setting *setting, bool is_string)
{
    if (setting->values.count == 1 && setting->values.at[0].is_string == is_string)
        return true;
    diag_error(diags, "bad-value", setting->span, "'%.*s' takes one %s",
               STR_ARG(setting->name.text), is_string ? "string" : "word");
    return false;
}
