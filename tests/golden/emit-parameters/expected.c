/* Made by mcpc 0.1.0 from
 *   input.yaml  sha256 b3e42e29c051cf0edb1e02393bf397beed9cb3f1a496119c9fa959caf8f900ad
 * The statements quoted below are those of input.mcpp. To change the policy, make it
 *   mcpc input.yaml -o input.mcpp
 * and compile that.
 * 2 tools, 1 fact, 0 rules, 1 verifier, 1 credential. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What can be known about a caller. */
enum { TOKEN, FACT_COUNT };

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_nothing[FACT_WORDS] = {0};

enum { NEEDS_NOTHING, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_NOTHING] = {1, needs_nothing},
};

enum { MAIN, VERIFIER_COUNT };

static const struct mcpp_verifier verifiers[] = {
    /* verifier main jwt {
     *     issuer     "https://api.example"
     *     jwks       "https://api.example/.well-known/jwks.json"
     *     audience   "backend-api"
     *     algorithms RS256 ES256
     *     leeway     60s
     *     scopes     claim "scope"
     * } */
    [MAIN] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "main",
        .issuer = "https://api.example",
        .jwks = "https://api.example/.well-known/jwks.json",
        .audiences = (const char *const[]){"backend-api"},
        .audience_count = 1,
        .scope_claim = "scope",
        .roles_claim = "",
        .algorithms = MCPP_RS256 | MCPP_ES256,
        .leeway_s = 60,
        .origin = {"input.mcpp", 12},
    },
};

/* What goes to the backend; the secrets are read when the server starts. */
enum { BACKEND_API_TOKEN, CREDENTIAL_COUNT };

static const struct mcpp_credential credentials[] = {
    [BACKEND_API_TOKEN] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "BACKEND_API_TOKEN"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 29}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_BACKEND_API_TOKEN, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send bearer env BACKEND_API_TOKEN */
    [SEND_BACKEND_API_TOKEN] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){BACKEND_API_TOKEN}, 1},
    }, 1, {"input.mcpp", 29}},
};

enum { PUT_ITEM, ADD_NOTE, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool putItem PUT /items/{id}/{matrix} needs nothing */
    [PUT_ITEM] = {
        .name = "putItem",
        .title = "",
        .description = "",
        .method = "PUT",
        .path = "/items/{id}/{matrix}",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"matrix\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"pipes\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"deep\":{\"type\":\"object\"},\"raw\":{\"type\":\"string\"},\"filter\":{\"type\":\"object\"},\"X-Trace\":{\"type\":\"string\"},\"theme\":{\"type\":\"string\"},\"body\":{\"type\":\"object\",\"required\":[\"name\"],\"properties\":{\"name\":{\"type\":\"string\"},\"id\":{\"type\":\"integer\"}}}},\"required\":[\"id\",\"matrix\",\"body\"],\"additionalProperties\":false}",
        .output_schema = "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}}}",
        .parameters = (const struct mcpp_parameter[]){
            {"id", "id", MCPP_IN_PATH, .style = MCPP_STYLE_LABEL, .is_required = true},
            {"matrix", "matrix", MCPP_IN_PATH, .style = MCPP_STYLE_MATRIX, .explode = true, .is_required = true},
            {"tags", "tags", MCPP_IN_QUERY, .style = MCPP_STYLE_FORM, .explode = true},
            {"pipes", "pipes", MCPP_IN_QUERY, .style = MCPP_STYLE_PIPE_DELIMITED},
            {"deep", "deep", MCPP_IN_QUERY, .style = MCPP_STYLE_DEEP_OBJECT, .explode = true},
            {"raw", "raw", MCPP_IN_QUERY, .style = MCPP_STYLE_FORM, .explode = true, .allow_reserved = true},
            {"filter", "filter", MCPP_IN_QUERY, .style = MCPP_STYLE_JSON},
            {"X-Trace", "X-Trace", MCPP_IN_HEADER, .style = MCPP_STYLE_SIMPLE},
            {"theme", "theme", MCPP_IN_COOKIE, .style = MCPP_STYLE_FORM, .explode = true},
            {"body", "body", MCPP_IN_WHOLE_BODY, .style = MCPP_STYLE_JSON, .is_required = true},
        },
        .parameter_count = 10,
        .body = MCPP_BODY_JSON,
        .content_type = "application/json",
        .accept = "application/json",
        .hints = MCPP_HINT_DESTRUCTIVE | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 24},
    },

    /* tool addNote POST /notes needs nothing */
    [ADD_NOTE] = {
        .name = "addNote",
        .title = "",
        .description = "",
        .method = "POST",
        .path = "/notes",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"body\":{\"type\":\"string\"}},\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"body", "body", MCPP_IN_WHOLE_BODY, .style = MCPP_STYLE_JSON},
        },
        .parameter_count = 1,
        .body = MCPP_BODY_TEXT,
        .content_type = "text/plain",
        .accept = "",
        .hints = MCPP_HINT_DESTRUCTIVE | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 25},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    0
};

static const uint32_t slots[] = {
    PUT_ITEM, ADD_NOTE, TOOL_COUNT
};

const struct mcpp_policy mcpp_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "places",
    .title = "Places",
    .version = "1",
    .compiler = "mcpc 0.1.0",
    .backend = "https://api.example",
    .tools = tools,
    .tool_count = TOOL_COUNT,
    .facts = facts,
    .fact_count = FACT_COUNT,
    .fact_words = FACT_WORDS,
    .challenges = challenges,
    .challenge_count = CHALLENGE_COUNT,
    .verifiers = verifiers,
    .verifier_count = VERIFIER_COUNT,
    .credentials = credentials,
    .credential_count = CREDENTIAL_COUNT,
    .choices = choices,
    .choice_count = CHOICE_COUNT,
    .validate_tokens = false,
    .names = {
        .seed = 1,
        .bucket_count = 1,
        .slot_count = 3,
        .displace = displace,
        .slots = slots,
    },
};
