/*
 * Options: defaults, arguments, the config file, and one line of reason for what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/options.h"
#include "tests/unit/check.h"

#include <mcpp/policy.h>
#include <stdlib.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 24, TEXT_MAX = 4096 };

static const struct mcpp_tool tools[] = {{.name = "a", .backend = ""}};
static const char *const audiences[] = {"a"};
static const struct mcpp_verifier complete[] = {{.name = "one",
                                                 .issuer = "https://i.example",
                                                 .audiences = audiences,
                                                 .audience_count = 1,
                                                 .jwks = ""}};
static const struct mcpp_verifier no_issuer[] = {
    {.name = "one", .issuer = "", .audiences = audiences, .audience_count = 1, .jwks = ""}};
static const struct mcpp_verifier no_audience[] = {
    {.name = "one", .issuer = "https://i.example", .jwks = ""}};
static const struct mcpp_verifier two[] = {{.name = "one",
                                            .issuer = "https://i.example",
                                            .audiences = audiences,
                                            .audience_count = 1,
                                            .jwks = ""},
                                           {.name = "two",
                                            .issuer = "https://j.example",
                                            .audiences = audiences,
                                            .audience_count = 1,
                                            .jwks = ""}};

static const struct mcpp_policy ready = {.name = "ready",
                                         .title = "",
                                         .version = "1",
                                         .compiler = "mcpc",
                                         .backend = "https://b.example",
                                         .tools = tools,
                                         .tool_count = 1,
                                         .verifiers = complete,
                                         .verifier_count = 1};

static char said[TEXT_MAX]; /* what the last `read` wrote on stderr */

/* Runs options_read on words separated by spaces, with stderr caught in `said`. */
static int read_words(const struct mcpp_policy *policy, const char *words, struct options *out)
{
    static char copy[TEXT_MAX]; /* the options point into it */
    char *arguments[ARGUMENTS_MAX] = {"./server"};
    int count = 1;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok(copy, " "); word && count < ARGUMENTS_MAX; word = strtok(NULL, " "))
        arguments[count++] = word;
    FILE *caught = tmpfile();
    fflush(stderr);
    int real = dup(STDERR_FILENO);
    if (!caught || real < 0 || dup2(fileno(caught), STDERR_FILENO) < 0)
        abort();
    int status = options_read(count, arguments, policy, out);
    fflush(stderr);
    dup2(real, STDERR_FILENO);
    close(real);
    rewind(caught);
    said[fread(said, 1, sizeof said - 1, caught)] = '\0';
    fclose(caught);
    return status;
}

/* Wrong usage: 2, and one line with the words in it. */
static void refuses(const struct mcpp_policy *policy, const char *words, const char *reason)
{
    struct options options;
    int status = read_words(policy, words, &options);
    char *end = strchr(said, '\n');
    if (!CHECK(status == 2) || !CHECK(strstr(said, reason) != NULL) || !CHECK(end && !end[1]))
        fprintf(stderr, "    '%s' -> %d '%s', wanted '%s'\n", words, status, said, reason);
    if (status < 0)
        options_close(&options);
}

static bool accepts(const struct mcpp_policy *policy, const char *words, struct options *out)
{
    int status = read_words(policy, words, out);
    if (!CHECK(status == -1))
        fprintf(stderr, "    '%s' -> %d '%s'\n", words, status, said);
    return status == -1;
}

static void has_defaults(void)
{
    struct options options;
    if (!accepts(&ready, "", &options))
        return;
    CHECK(options.transport == TRANSPORT_STDIO);
    CHECK(strcmp(options.host, "127.0.0.1") == 0 && strcmp(options.path, "/mcp") == 0);
    CHECK_INT(options.port, 8000);
    CHECK(!options.validate_tokens && !options.allow_unauthenticated);
    CHECK(!options.issuer && !options.jwks && !options.audience && !options.backend);
    CHECK(!options.public_url && !options.allow_origins);
    CHECK(options.log_level == LOG_LEVEL_INFO);
    CHECK(options.limits.token_bytes < options.limits.head_bytes);
    options_close(&options);
}

static void reads_arguments(void)
{
    struct options options;
    if (!accepts(&ready,
                 "--transport http --host=::1 --port 0 --path /x/y --validate-tokens "
                 "--issuer https://i2.example --jwks http://127.0.0.1:1/k --audience a2 "
                 "--backend-url https://b2.example/v1",
                 &options))
        return;
    CHECK(options.transport == TRANSPORT_HTTP && options.validate_tokens);
    CHECK(strcmp(options.host, "::1") == 0 && strcmp(options.path, "/x/y") == 0);
    CHECK_INT(options.port, 0);
    CHECK(strcmp(options.issuer, "https://i2.example") == 0);
    CHECK(strcmp(options.jwks, "http://127.0.0.1:1/k") == 0);
    CHECK(strcmp(options.audience, "a2") == 0);
    CHECK(strcmp(options.backend, "https://b2.example/v1") == 0);
    options_close(&options);
    if (!accepts(&ready,
                 "--log-level debug --allow-origin https://a.example --allow-origin "
                 "http://localhost:5 --public-url https://p.example/mcp",
                 &options))
        return;
    CHECK(options.log_level == LOG_LEVEL_DEBUG);
    CHECK(strcmp(options.allow_origins[0], "https://a.example") == 0);
    CHECK(strcmp(options.allow_origins[1], "http://localhost:5") == 0);
    CHECK(!options.allow_origins[2]);
    options_close(&options);
}

static void reads_every_limit(void)
{
    struct options options;
    if (!accepts(&ready,
                 "--limit-head-bytes=1001 --limit-body-bytes=1002 --limit-json-depth=103 "
                 "--limit-json-nodes=1004 --limit-connections=1005 --limit-idle-ms=1006 "
                 "--limit-read-ms=1007 --limit-write-ms=1008 --limit-backend-bytes=1009",
                 &options))
        return;
    const struct limits *limits = &options.limits;
    CHECK(limits->head_bytes == 1001 && limits->body_bytes == 1002 && limits->json_depth == 103);
    CHECK(limits->json_nodes == 1004 && limits->connections == 1005 && limits->idle_ms == 1006);
    CHECK(limits->read_ms == 1007 && limits->write_ms == 1008 && limits->backend_bytes == 1009);
    options_close(&options);
    if (!accepts(&ready,
                 "--limit-backend-ms=1010 --limit-backend-in-flight=1011 "
                 "--limit-backend-queue=1012 --limit-jwks-bytes=1013 --limit-jwks-ms=1014 "
                 "--limit-token-bytes=1015 --limit-drain-ms=1016",
                 &options))
        return;
    CHECK(limits->backend_ms == 1010 && limits->backend_in_flight == 1011);
    CHECK(limits->backend_queue == 1012 && limits->jwks_bytes == 1013);
    CHECK(limits->jwks_ms == 1014 && limits->token_bytes == 1015 && limits->drain_ms == 1016);
    options_close(&options);
}

static void refuses_wrong_arguments(void)
{
    refuses(&ready, "--bogus", "unknown option '--bogus'");
    refuses(&ready, "--bogus=1", "unknown option '--bogus'");
    refuses(&ready, "--no-port", "unknown option '--no-port'");
    refuses(&ready, "bogus", "unexpected argument 'bogus'");
    refuses(&ready, "--", "unexpected argument '--'");
    refuses(&ready, "-p 1", "unexpected argument '-p'");
    refuses(&ready, "--port", "'--port' needs a value");
    refuses(&ready, "--port 65536", "--port: '65536' is no number from 0 to 65535");
    refuses(&ready, "--port -1", "--port: '-1' is no number");
    refuses(&ready, "--port 0x10", "--port: '0x10' is no number");
    refuses(&ready, "--port=", "--port: '' is no number");
    refuses(&ready, "--limit-body-bytes 99999999999999999999", "is no number");
    refuses(&ready, "--limit-read-ms 0", "is no number from 1");
    refuses(&ready, "--limit-head-bytes 10", "is no number from 256");
    refuses(&ready, "--transport sse", "--transport: 'sse' is none of stdio|http");
    refuses(&ready, "--log-level loud", "--log-level: 'loud' is none of");
    refuses(&ready, "--validate-tokens=yes --transport http", "takes no value");
    refuses(&ready, "--host=", "--host: the value is empty");
    refuses(&ready, "--path mcp", "--path: 'mcp' is no path");
    refuses(&ready, "--path /a?b", "is no path");
    refuses(&ready, "--backend-url ftp://b", "'ftp://b' is no http or https URL");
    refuses(&ready, "--backend-url https://", "is no http or https URL");
    refuses(&ready, "--issuer http:///x", "is no http or https URL");
    refuses(&ready, "--issuer https://i", "'--issuer' has no effect without '--validate-tokens'");
    refuses(&ready, "--jwks https://i", "'--jwks' has no effect without '--validate-tokens'");
    refuses(&ready, "--audience a", "'--audience' has no effect without '--validate-tokens'");
    refuses(&ready, "--jwks https://a\tb", "is no http or https URL");
    refuses(&ready, "--allow-origin https://a.example/", "is no origin");
    refuses(&ready, "--allow-origin *", "is no origin");
    refuses(&ready, "--config", "'--config' needs a value");
    refuses(&ready, "--config a --config b", "'--config' is given twice");
    refuses(&ready, "--config /nonexistent/file", "/nonexistent/file: No such file");
}

/* Without tokens, only this machine may call; and never silently without tokens. */
static void guards_the_open_door(void)
{
    struct options options;
    static const char *const local[] = {"127.0.0.1", "127.9.9.9", "::1", "localhost",
                                        "::ffff:127.0.0.1"};
    static const char *const open[] = {"0.0.0.0",     "::",        "192.0.2.1",
                                       "2001:db8::1", "128.0.0.1", "::ffff:192.0.2.1"};
    char words[200];
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        snprintf(words, sizeof words, "--transport http --host %s", local[i]);
        if (accepts(&ready, words, &options))
            options_close(&options);
    }
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        snprintf(words, sizeof words, "--transport http --host %s", open[i]);
        refuses(&ready, words, "'--allow-unauthenticated'");
        snprintf(words, sizeof words, "--transport http --host %s --validate-tokens", open[i]);
        if (accepts(&ready, words, &options))
            options_close(&options);
        snprintf(words, sizeof words, "--transport http --host %s --allow-unauthenticated",
                 open[i]);
        if (accepts(&ready, words, &options))
            options_close(&options);
    }
    struct mcpp_policy validating = ready;
    validating.validate_tokens = true;
    refuses(&validating, "--transport http --host 0.0.0.0 --no-validate-tokens",
            "'--allow-unauthenticated'");
    if (accepts(&validating, "--transport http --host 0.0.0.0", &options)) {
        CHECK(options.validate_tokens);
        options_close(&options);
    }
    if (accepts(&validating, "", &options)) {
        CHECK(!options.validate_tokens); /* stdio: the operator's own process */
        options_close(&options);
    }
    refuses(&ready, "--validate-tokens", "'--validate-tokens' needs '--transport http'");
    refuses(&ready, "--validate-tokens --transport stdio", "needs '--transport http'");
}

static void asks_for_what_the_policy_lacks(void)
{
    struct options options;
    struct mcpp_policy policy = ready;
    policy.backend = "";
    refuses(&policy, "", "give '--backend-url'");
    if (accepts(&policy, "--backend-url http://127.0.0.1:9", &options))
        options_close(&options);
    policy = ready;
    policy.verifier_count = 0;
    refuses(&policy, "--transport http --validate-tokens", "the policy has no verifier");
    policy = ready;
    policy.verifiers = no_issuer;
    refuses(&policy, "--transport http --validate-tokens", "verifier 'one' has no issuer");
    if (accepts(&policy, "--transport http --validate-tokens --issuer https://i", &options))
        options_close(&options);
    policy.verifiers = no_audience;
    refuses(&policy, "--transport http --validate-tokens", "verifier 'one' has no audience");
    policy.verifiers = two;
    policy.verifier_count = 2;
    refuses(&policy, "--transport http --validate-tokens --jwks https://i/k",
            "'--jwks' needs a policy with one verifier");
}

/* Writes a config file and gives its name. */
static const char *config_of(const char *text)
{
    static char name[] = "mcpp-options-XXXXXX";
    memcpy(name + sizeof name - 7, "XXXXXX", 6);
    int fd = mkstemp(name);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
    close(fd);
    return name;
}

static void refuses_config(const char *text, const char *reason)
{
    char words[200];
    const char *name = config_of(text);
    snprintf(words, sizeof words, "--config %s", name);
    refuses(&ready, words, reason);
    unlink(name);
}

static void reads_the_config_file(void)
{
    struct options options;
    char words[200];
    const char *name =
        config_of("{\"transport\": \"http\", \"port\": 8001, \"path\": \"\\/c\",\n"
                  " \"validate_tokens\": true, \"allow_unauthenticated\": false,\n"
                  " \"limit_read_ms\": 77, \"allow_origin\": [\"https://a.example\",\n"
                  " \"https://b.example\"], \"log_level\": \"error\"}");
    snprintf(words, sizeof words, "--port 8002 --config=%s --no-validate-tokens", name);
    if (accepts(&ready, words, &options)) {
        CHECK(options.transport == TRANSPORT_HTTP && options.log_level == LOG_LEVEL_ERROR);
        CHECK_INT(options.port, 8002); /* arguments win, wherever --config stands */
        CHECK(strcmp(options.path, "/c") == 0);
        CHECK(!options.validate_tokens);
        CHECK_INT(options.limits.read_ms, 77);
        CHECK(strcmp(options.allow_origins[1], "https://b.example") == 0);
        CHECK(!options.allow_origins[2]);
        options_close(&options);
    }
    unlink(name);
}

static void refuses_wrong_config_files(void)
{
    refuses_config("{\n\"prot\": 1}", ":2: unknown key 'prot'");
    refuses_config("{\"no_validate_tokens\": true}", "unknown key 'no_validate_tokens'");
    refuses_config("{\"validate-tokens\": true}", "unknown key 'validate-tokens'");
    refuses_config("{\"config\": \"x\"}", "unknown key 'config'");
    refuses_config("{\"p\\u006frt\": 1}", "unknown key");
    refuses_config("{\"Port\": 1}", "unknown key 'Port'");
    refuses_config("{\"port\": \"1\"}", "port: the value is of the wrong kind");
    refuses_config("{\"port\": 1.5}", "port: '1.5' is no number");
    refuses_config("{\"port\": 1e2}", "port: '1e2' is no number");
    refuses_config("{\"port\": 4294967296}", "is no number from 0 to 65535");
    refuses_config("{\"host\": null}", "host: the value is of the wrong kind");
    refuses_config("{\"host\": \"127.0.0.1\\u0000x\"}", "host: the value is of the wrong kind");
    refuses_config("{\"validate_tokens\": \"true\"}", "wrong kind");
    refuses_config("{\"validate_tokens\": true}", "needs '--transport http'");
    refuses_config("{\"allow_origin\": [1]}", "wrong kind");
    refuses_config("{\"port\": 1, \"port\": 2}", "duplicate");
    refuses_config("{\"port\": 1} x", ":1: ");
    refuses_config("[]", "not a JSON object");
    refuses_config("", ":1: ");
    refuses_config("{\"port\": 1,}", ":1: ");
}

int main(void)
{
    has_defaults();
    reads_arguments();
    reads_every_limit();
    refuses_wrong_arguments();
    guards_the_open_door();
    asks_for_what_the_policy_lacks();
    reads_the_config_file();
    refuses_wrong_config_files();
    return check_report();
}
