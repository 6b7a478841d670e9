/*
 * Requests from tables and arguments: URLs, headers, cookies, credentials, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <unistd.h>

#include "runtime/backend/credential.h"
#include "runtime/backend/request.h"
#include "runtime/backend/value.h"
#include "tests/unit/check.h"

static struct pool *pool;

#define CREDENTIAL(KIND, NAME, VARIABLE, LINE)                                          \
    {                                                                                   \
        .kind = KIND, .label = "", .name = NAME, .secret = {MCPP_SECRET_ENV, VARIABLE}, \
        .claim = MCPP_NONE, .origin = {                                                 \
            "p.mcpp",                                                                   \
            LINE                                                                        \
        }                                                                               \
    }

static const struct mcpp_credential credentials[] = {
    CREDENTIAL(MCPP_SEND_BEARER, "", "TEST_BEARER", 1),
    CREDENTIAL(MCPP_SEND_BASIC, "", "TEST_BASIC", 2),
    CREDENTIAL(MCPP_SEND_HEADER, "X-Key", "TEST_HEADER", 3),
    CREDENTIAL(MCPP_SEND_QUERY, "api key", "TEST_QUERY", 4),
    CREDENTIAL(MCPP_SEND_COOKIE, "sid", "TEST_COOKIE", 5),
    CREDENTIAL(MCPP_SEND_BEARER, "", "TEST_ABSENT", 6),
    CREDENTIAL(MCPP_SEND_DIGEST, "", "TEST_BASIC", 7),
};

/* All that are there; the absent one or else the basic one; the absent one. */
static const uint16_t all[] = {0, 2, 3, 4}, absent[] = {5}, basic[] = {1}, digest[] = {6};
static const struct mcpp_alternative all_alternative = {all, 4};
static const struct mcpp_alternative fallbacks[] = {{absent, 1}, {basic, 1}, {digest, 1}};
static const struct mcpp_choice choices[] = {{&all_alternative, 1, {"p.mcpp", 1}},
                                             {fallbacks, 3, {"p.mcpp", 2}},
                                             {fallbacks, 1, {"p.mcpp", 3}},
                                             {fallbacks + 2, 1, {"p.mcpp", 4}}};
static const uint16_t choice_indices[] = {0, 1, 2, 3};

static const struct mcpp_policy policy = {.backend = "https://user:pass@api.example:8443/v1/",
                                          .credentials = credentials,
                                          .credential_count =
                                              sizeof credentials / sizeof credentials[0],
                                          .choices = choices,
                                          .choice_count = sizeof choices / sizeof choices[0]};

static struct mcpp_server server = {
    .policy = &policy, .options.limits = {.backend_ms = 30000, .backend_bytes = 1000000}};

static const struct mcpp_parameter parameters[] = {
    {"id", "id", MCPP_IN_PATH, MCPP_STYLE_SIMPLE, false, true, false, NULL, NULL, NULL},
    {"q", "q", MCPP_IN_QUERY, MCPP_STYLE_FORM, true, false, false, NULL, NULL, NULL},
    {"filter", "filter", MCPP_IN_QUERY, MCPP_STYLE_FORM, true, false, false, NULL, NULL, NULL},
    {"url", "url", MCPP_IN_QUERY, MCPP_STYLE_FORM, true, false, true, NULL, NULL, NULL},
    {"trace", "X-Trace", MCPP_IN_HEADER, MCPP_STYLE_SIMPLE, false, false, false, NULL, NULL, NULL},
    {"key", "x-key", MCPP_IN_HEADER, MCPP_STYLE_SIMPLE, false, false, false, NULL, NULL, NULL},
    {"method", "X-Http-Method-Override", MCPP_IN_HEADER, MCPP_STYLE_SIMPLE, false, false, false,
     NULL, NULL, NULL},
    {"host", "HOST", MCPP_IN_HEADER, MCPP_STYLE_SIMPLE, false, false, false, NULL, NULL, NULL},
    {"theme", "theme", MCPP_IN_COOKIE, MCPP_STYLE_FORM, true, false, false, NULL, NULL, NULL},
    {"deep", "deep", MCPP_IN_QUERY, MCPP_STYLE_DEEP_OBJECT, true, false, false, NULL, NULL, NULL},
    {"spread", "spread", MCPP_IN_QUERY, MCPP_STYLE_SPACE_DELIMITED, true, false, false, NULL, NULL,
     NULL},
};

static struct mcpp_tool tool = {.name = "t",
                                .method = "GET",
                                .path = "/pets/{id}",
                                .backend = "",
                                .input_schema = "{\"additionalProperties\":false}",
                                .output_schema = "",
                                .parameters = parameters,
                                .parameter_count = sizeof parameters / sizeof parameters[0],
                                .content_type = "",
                                .accept = "application/json",
                                .choices = choice_indices};

static struct sending sending;

static const char *build(const char *json, struct request *out)
{
    struct value value;
    struct text message = {.pool = pool};
    text_add_byte(&message, '[');
    text_add_literal(&message, json);
    text_add_literal(&message, "] ");
    struct slice text = text_slice(&message);
    if (!CHECK(value_scan((struct slice){text.at, text.len - 1}, 100, pool, &value)))
        return "no JSON";
    struct call_arguments arguments = {value.text, value.tape, 1};
    static const struct caller caller = {.kind = CALLER_OPERATOR};
    struct worker worker = {.server = &server};
    struct sending_source sent = {
        .worker = &worker, .tool = &tool, .caller = &caller, .pool = pool};
    CHECK_INT(sending_start(&sent, &sending), SENDING_READY);
    struct call_request call = {.tool = &tool, .arguments = arguments};
    struct request_source source = {&server, &call, &sending, pool};
    return request_build(&source, out);
}

static const char *header(const struct request *request, const char *name)
{
    for (const char *const *line = request->upstream.headers; *line; line++)
        if (strncmp(*line, name, strlen(name)) == 0 && (*line)[strlen(name)] == ':')
            return *line + strlen(name) + 2;
    return "(none)";
}

#define CHECK_URL(json, wanted)                                 \
    do {                                                        \
        struct request request_;                                \
        const char *refusal_ = build(json, &request_);          \
        if (CHECK(!refusal_))                                   \
            CHECK_STR(slice_of(request_.upstream.url), wanted); \
        else                                                    \
            fprintf(stderr, "    refused: %s\n", refusal_);     \
    } while (0)

#define CHECK_REFUSED(json, wanted)                                           \
    do {                                                                      \
        struct request request_;                                              \
        const char *refusal_ = build(json, &request_);                        \
        if (!CHECK(refusal_ && strstr(refusal_, wanted)))                     \
            fprintf(stderr, "    %s\n", refusal_ ? refusal_ : "not refused"); \
    } while (0)

static void test_path(void)
{
    server.options.backend = "http://127.0.0.1:8080/base//";
    CHECK_URL("{\"id\":9223372036854775807}",
              "http://127.0.0.1:8080/base/pets/9223372036854775807");
    CHECK_URL("{\"id\":\"a/b c?d#e\"}", "http://127.0.0.1:8080/base/pets/a%2Fb%20c%3Fd%23e");
    CHECK_URL("{\"id\":\"...\"}", "http://127.0.0.1:8080/base/pets/...");
    CHECK_URL("{\"id\":[1,\"a,b\"]}", "http://127.0.0.1:8080/base/pets/1,a%2Cb");
    static const char *const refused[] = {"\"../admin\"",    "\"..\"",       "\".\"",
                                          "\"%2e%2e\"",      "\"%252e.\"",   "\"a/../b\"",
                                          "\"..\\\\admin\"", "\"a\\u0000b\""};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char json[100];
        snprintf(json, sizeof json, "{\"id\":%s}", refused[i]);
        CHECK_REFUSED(json, "Argument id must not be");
    }
    CHECK_REFUSED("{\"id\":\"\"}", "Argument id must not be empty");
    CHECK_REFUSED("{\"id\":[]}", "Argument id must not be empty");
    CHECK_REFUSED("{}", "a parameter without a value");
    CHECK_REFUSED("{\"id\":null}", "a parameter without a value");
}

/* Values made of what paths are broken with: refused, or exactly one segment that is no dot. */
static void test_any_path(void)
{
    static const char alphabet[] = "././%%22eE5cf;a?#&=+";
    uint32_t random = 1;
    unsigned accepted = 0;
    for (unsigned round = 0; round < 20000; round++) {
        char json[64] = "{\"id\":\"", wanted[32];
        size_t len = strlen(json);
        for (size_t i = 0; i < 1 + round % 12; i++) {
            random = random * 1664525 + 1013904223;
            json[len++] = alphabet[(random >> 16) % (sizeof alphabet - 1)];
        }
        memcpy(json + len, "\"}", 3);
        struct request request;
        struct pool *roomy = pool;
        pool = pool_open(1 << 16);
        if (!build(json, &request)) {
            const char *start = "http://h/pets/";
            const char *segment = request.upstream.url + strlen(start);
            bool is_one = strncmp(request.upstream.url, start, strlen(start)) == 0 && *segment &&
                          !strpbrk(segment, "/?#;&=+\\");
            snprintf(wanted, sizeof wanted, "%s", segment);
            if (!CHECK(is_one && strcmp(wanted, ".") != 0 && strcmp(wanted, "..") != 0))
                fprintf(stderr, "    %s -> %s\n", json, request.upstream.url);
            accepted++;
        }
        pool_close(pool);
        pool = roomy;
    }
    CHECK(accepted > 1000 && accepted < 20000);
}

static void test_template(void)
{
    tool.path = "/a b/{id}{id}/x?action=do&v=1#one";
    CHECK_URL("{\"id\":7,\"q\":\"z\"}", "http://127.0.0.1:8080/base/a%20b/77/x?action=do&v=1&q=z");
    tool.path = "/x?a=1&flag&b=2#{id}";
    CHECK_URL("{\"filter\":{\"flag\":1,\"c\":2}}",
              "http://127.0.0.1:8080/base/x?a=1&flag&b=2&flag=1&c=2");
    CHECK_REFUSED("{\"filter\":{\"c\":2,\"b\":3}}", "change the operation");
    CHECK_REFUSED("{\"filter\":{\"a\":2}}", "change the operation");
    tool.path = "/x/.{id}";
    CHECK_URL("{\"id\":\"hidden\"}", "http://127.0.0.1:8080/base/x/.hidden");
    CHECK_REFUSED("{\"id\":\"%2e\"}", "must not be");
    CHECK_REFUSED("{\"id\":\"/b\"}", "change the shape");
    tool.path = "/{nobody}";
    CHECK_REFUSED("{\"id\":1}", "parameter without a value");
    tool.path = "/{id";
    CHECK_REFUSED("{\"id\":1}", "parameter without a value");
    tool.path = "/pets/{id}";
    tool.backend = "https://other.example";
    CHECK_URL("{\"id\":1}", "http://127.0.0.1:8080/base/pets/1"); /* --backend-url is for all */
    server.options.backend = NULL;
    CHECK_URL("{\"id\":1}", "https://other.example/pets/1");
    tool.backend = "";
    struct request request;
    CHECK(!build("{\"id\":1}", &request));
    CHECK_STR(request.host, "api.example:8443");
    server.options.backend = "http://h";
}

static void test_query(void)
{
    CHECK_URL("{\"id\":1,\"q\":\"a&b=c d\"}", "http://h/pets/1?q=a%26b%3Dc%20d");
    CHECK_URL("{\"id\":1,\"q\":[1,2],\"url\":\"http://x/?a=b&c\"}",
              "http://h/pets/1?q=1&q=2&url=http://x/?a=b%26c");
    CHECK_URL("{\"id\":1,\"q\":null,\"filter\":{\"a\":1,\"b\":2}}", "http://h/pets/1?a=1&b=2");
    CHECK_URL("{\"id\":1,\"q\":[]}", "http://h/pets/1");
    CHECK_URL("{\"id\":1,\"deep\":{\"x\":{\"y\":1}}}", "http://h/pets/1?deep%5Bx%5D%5By%5D=1");
    CHECK_REFUSED("{\"id\":1,\"deep\":3}", "Argument deep must be an object");
    /* a spread object cannot set what another argument sets */
    CHECK_REFUSED("{\"id\":1,\"filter\":{\"q\":1}}", "named as another parameter");
    CHECK_REFUSED("{\"id\":1,\"spread\":{\"q\":1}}", "named as another parameter");
    CHECK_URL("{\"id\":1,\"deep\":{\"q\":1}}", "http://h/pets/1?deep%5Bq%5D=1");
}

static void test_headers(void)
{
    struct request request;
    CHECK(!build("{\"id\":1,\"trace\":\"a b\",\"theme\":[\"x;y\",2]}", &request));
    CHECK_STR(slice_of(header(&request, "X-Trace")), "a b");
    CHECK_STR(slice_of(header(&request, "Cookie")), "theme=x%3By; theme=2");
    CHECK_STR(slice_of(header(&request, "Accept")), "application/json");
    CHECK_STR(slice_of(header(&request, "Content-Type")), "(none)");
    CHECK_REFUSED("{\"id\":1,\"trace\":\"a\\r\\nX-Evil: 1\"}", "must not have line ends");
    CHECK_REFUSED("{\"id\":1,\"trace\":\"a\\u0000b\"}", "must not have line ends");
    CHECK_REFUSED("{\"id\":1,\"trace\":[\"a\\nb\"]}", "must not have line ends");
    CHECK_REFUSED("{\"id\":1,\"host\":\"evil\"}", "cannot be sent as a header");
    CHECK_REFUSED("{\"id\":1,\"method\":\"DELETE\"}", "cannot be sent as a header");
}

static void test_limits(void)
{
    struct request request;
    CHECK(!build("{\"id\":1}", &request));
    CHECK_INT(request.upstream.timeout_ms, 30000);
    CHECK_INT(request.upstream.response_max, 1000000);
    CHECK(!request.upstream.has_body);
    tool.timeout_ms = 500;
    CHECK(!build("{\"id\":1}", &request));
    CHECK_INT(request.upstream.timeout_ms, 500);
    tool.timeout_ms = 0;
}

static void test_credentials(void)
{
    struct request request;
    setenv("TEST_BEARER", "token-1\r\n", 1);
    setenv("TEST_BASIC", "user:pa ss", 1);
    setenv("TEST_HEADER", "key-1", 1);
    setenv("TEST_QUERY", "a&b=c/d", 1);
    setenv("TEST_COOKIE", "session-1", 1);
    unsetenv("TEST_ABSENT");
    server.credentials = credentials_open(&policy, NULL);
    if (!CHECK(server.credentials != NULL))
        return;
    CHECK(getenv("TEST_BEARER") == NULL && getenv("TEST_COOKIE") == NULL);
    CHECK(credential_text(server.credentials, 5) == NULL);
    tool.choice_count = 1;
    CHECK(!build("{\"id\":1,\"q\":\"x\",\"theme\":\"dark\"}", &request));
    CHECK_STR(slice_of(request.upstream.url), "http://h/pets/1?q=x&api%20key=a%26b%3Dc%2Fd");
    CHECK_STR(slice_of(header(&request, "Authorization")), "Bearer token-1");
    CHECK_STR(slice_of(header(&request, "X-Key")), "key-1");
    CHECK_STR(slice_of(header(&request, "Cookie")), "theme=dark; sid=session-1");
    request_wipe(&request);
    CHECK_STR(slice_of(request.upstream.url), "");
    CHECK(!build("{\"id\":1}", &request));
    CHECK_STR(slice_of(request.upstream.url), "http://h/pets/1?api%20key=a%26b%3Dc%2Fd");
    CHECK_STR(slice_of(header(&request, "Cookie")), "sid=session-1");
    /* no argument can stand where a credential does */
    CHECK_REFUSED("{\"id\":1,\"key\":\"mine\"}", "cannot be sent as a header");
    CHECK_REFUSED("{\"id\":1,\"filter\":{\"api key\":\"mine\"}}", "set by the server");
    CHECK_REFUSED("{\"id\":1,\"theme\":{\"sid\":\"mine\"}}", "set by the server");
    /* the second alternative, since the first has no secret */
    tool.choices = choice_indices + 1;
    CHECK(!build("{\"id\":1}", &request));
    CHECK_STR(slice_of(header(&request, "Authorization")), "Basic dXNlcjpwYSBzcw==");
    CHECK_STR(slice_of(header(&request, "Cookie")), "(none)");
    /* nothing, when none is there */
    tool.choices = choice_indices + 2;
    CHECK(!build("{\"id\":1}", &request));
    CHECK_STR(slice_of(header(&request, "Authorization")), "(none)");
    /* Digest is the client library's to answer */
    tool.choices = choice_indices + 3;
    CHECK(!build("{\"id\":1}", &request));
    CHECK_STR(slice_of(header(&request, "Authorization")), "(none)");
    CHECK_STR(slice_of(request.upstream.digest), "user:pa ss");
    tool.choice_count = 0;
    credentials_close(server.credentials);
    server.credentials = NULL;
}

static void test_bad_secrets(void)
{
    static const char *const bad[] = {"a\nb", "a\rb", "a\tb", "\x01", "\n"};
    struct mcpp_policy one = policy;
    one.credential_count = 1;
    one.choice_count = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        setenv("TEST_BEARER", bad[i], 1);
        CHECK(credentials_open(&one, NULL) == NULL);
    }
    struct mcpp_credential from_file = credentials[0];
    from_file.secret = (struct mcpp_secret){MCPP_SECRET_FILE, "no-such-file"};
    one.credentials = &from_file;
    CHECK(credentials_open(&one, NULL) == NULL);
    char path[] = "secret-XXXXXX";
    int file = mkstemp(path);
    CHECK(file >= 0 && write(file, "from-a-file\n", 12) == 12);
    from_file.secret.name = path;
    struct credentials *found = credentials_open(&one, NULL);
    if (CHECK(found != NULL))
        CHECK_STR(slice_of(credential_text(found, 0)), "Authorization: Bearer from-a-file");
    credentials_close(found);
    close(file);
    unlink(path);
}

int main(void)
{
    pool = pool_open(1 << 20);
    test_path();
    test_template();
    test_any_path();
    test_query();
    test_headers();
    test_limits();
    test_credentials();
    test_bad_secrets();
    pool_close(pool);
    return check_report();
}
