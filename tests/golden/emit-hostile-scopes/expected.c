/* Made by mcpc 0.1.0 from
 *   input.yaml  sha256 82fb8e420b69ac7b424e6c9a3c3ae5f2ea1daae304362672af24fa00766408ed
 * The statements quoted below are those of input.mcpp. To change the policy, make it
 *   mcpc input.yaml -o input.mcpp
 * and compile that.
 * 1 tool, 8 facts, 0 rules, 1 verifier, 2 credentials. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What can be known about a caller. */
enum {
    TOKEN, SCOPE, SCOPE_2, S, SCOPE_INT, HTTPS_API_EXAMPLE_AUTH_READ_ONLY, SCOPE_3, SCOPE_4,
    FACT_COUNT
};

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
    /* scope "* /" "* / ends a comment" */
    [SCOPE] = {MCPP_FACT_SCOPE, "*/", "*/ ends a comment",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(SCOPE)}},
    /* scope "? ?/" "a trigraph ? ?/" */
    [SCOPE_2] = {MCPP_FACT_SCOPE, "?\?/", "a trigraph ?\?/",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(SCOPE_2)}},
    /* scope "%s" "%s" */
    [S] = {MCPP_FACT_SCOPE, "%s", "%s",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(S)}},
    /* scope "int" "a keyword" */
    [SCOPE_INT] = {MCPP_FACT_SCOPE, "int", "a keyword",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(SCOPE_INT)}},
    /* scope "https://api.example/auth/read.only" "a URL" */
    [HTTPS_API_EXAMPLE_AUTH_READ_ONLY] = {MCPP_FACT_SCOPE, "https://api.example/auth/read.only", "a URL",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(HTTPS_API_EXAMPLE_AUTH_READ_ONLY)}},
    /* scope "-" "no letter" */
    [SCOPE_3] = {MCPP_FACT_SCOPE, "-", "no letter",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(SCOPE_3)}},
    /* scope "_" "nor here" */
    [SCOPE_4] = {MCPP_FACT_SCOPE, "_", "nor here",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(SCOPE_4)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { A_1, A_2, A_3, A_4, A_5, A_6, A_7, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [A_1] = {SCOPE, .no = MCPP_NEEDS, .yes = A_2},
    [A_2] = {SCOPE_2, .no = MCPP_NEEDS, .yes = A_3},
    [A_3] = {S, .no = MCPP_NEEDS, .yes = A_4},
    [A_4] = {SCOPE_INT, .no = MCPP_NEEDS, .yes = A_5},
    [A_5] = {HTTPS_API_EXAMPLE_AUTH_READ_ONLY, .no = MCPP_NEEDS, .yes = A_6},
    [A_6] = {SCOPE_3, .no = MCPP_NEEDS, .yes = A_7},
    [A_7] = {SCOPE_4, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_1[FACT_WORDS] = {BIT(SCOPE) | BIT(SCOPE_2) | BIT(S) | BIT(SCOPE_INT) | BIT(HTTPS_API_EXAMPLE_AUTH_READ_ONLY) |
        BIT(SCOPE_3) | BIT(SCOPE_4)};

enum { NEEDS_1, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_1] = {1, needs_1},
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
enum { AUTH, BACKEND_API_TOKEN, CREDENTIAL_COUNT };

static const struct mcpp_credential credentials[] = {
    /* credential "auth" oauth2 client_credentials {
     *     token_url "https://login.example/token"
     *     client    env AUTH_CLIENT_ID secret env AUTH_CLIENT_SECRET
     *     scopes    "* /" "? ?/" "%s" "int" "https://api.example/auth/read.only" "-" "_"
     * } */
    [AUTH] = {MCPP_SEND_OAUTH2, "auth", "", .claim = MCPP_NONE,
        .oauth2 = &(const struct mcpp_oauth2){
        .flow = MCPP_FLOW_CLIENT_CREDENTIALS,
        .client = MCPP_CLIENT_BASIC,
        .issuer = "",
        .metadata = "",
        .authorization_url = "",
        .token_url = "https://login.example/token",
        .device_url = "",
        .key_id = "",
        .algorithm = "",
        .scopes = "*/ ?\?/ %s int https://api.example/auth/read.only - _",
        .audience = "",
        .resource = "",
        .subject = "",
        .client_id = {MCPP_SECRET_ENV, "AUTH_CLIENT_ID"},
        .client_secret = {MCPP_SECRET_ENV, "AUTH_CLIENT_SECRET"},
        },
        .origin = {"input.mcpp", 37}},
    [BACKEND_API_TOKEN] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "BACKEND_API_TOKEN"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 42}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_AUTH_OR_BACKEND_API_TOKEN, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send "auth" or bearer env BACKEND_API_TOKEN */
    [SEND_AUTH_OR_BACKEND_API_TOKEN] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){AUTH}, 1},
        {(const uint16_t[]){BACKEND_API_TOKEN}, 1},
    }, 2, {"input.mcpp", 42}},
};

enum { A, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool a GET /a needs "* /" and "? ?/" and "%s" and "int" and "https://api.example/auth/read.only" and "-" and "_" */
    [A] = {
        .name = "a",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/a",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_AUTH_OR_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_1,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 33},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    0
};

static const uint32_t slots[] = {
    TOOL_COUNT, A
};

const struct mcpp_policy mcpp_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "scopes",
    .title = "Scopes",
    .version = "1",
    .compiler = "mcpc 0.1.0",
    .backend = "https://api.example",
    .tools = tools,
    .tool_count = TOOL_COUNT,
    .facts = facts,
    .fact_count = FACT_COUNT,
    .fact_words = FACT_WORDS,
    .nodes = nodes,
    .node_count = NODE_COUNT,
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
        .slot_count = 2,
        .displace = displace,
        .slots = slots,
    },
};
