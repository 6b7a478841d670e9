/* Made by mcpc 0.1.0 from
 *   input.json  sha256 c8ea7d5c63af7b2819863d7c0f38f4bd7c88e0a9260a2b6a07dff3f2b2ea3230
 * The statements quoted below are those of input.mcpp. To change the policy, make it
 *   mcpc input.json -o input.mcpp
 * and compile that.
 * 1 tool, 2 facts, 0 rules, 1 verifier, 1 credential. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What can be known about a caller. */
enum { TOKEN, READ, FACT_COUNT };

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
    /* scope "read" "x\357\277\275y" */
    [READ] = {MCPP_FACT_SCOPE, "read", "x\357\277\275y",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(READ)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { A_1, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [A_1] = {READ, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_read[FACT_WORDS] = {BIT(READ)};

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
    /* send bearer env BACKEND_API_TOKEN */
    [BACKEND_API_TOKEN] = {MCPP_SEND_BEARER, "", {MCPP_SECRET_ENV, "BACKEND_API_TOKEN"}, {"input.mcpp", 30}},
};

enum { A, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool a GET /a needs "read" */
    [A] = {
        .name = "a",
        .title = "s\357\277\275t",
        .description = "d\357\277\275",
        .method = "GET",
        .path = "/a",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .credentials = (const uint16_t[]){BACKEND_API_TOKEN},
        .credential_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = {1, needs_read},
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 27},
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
    .name = "a-b",
    .title = "a\357\277\275b",
    .version = "1\357\277\275",
    .compiler = "mcpc 0.1.0",
    .backend = "https://api.example",
    .tools = tools,
    .tool_count = TOOL_COUNT,
    .facts = facts,
    .fact_count = FACT_COUNT,
    .fact_words = FACT_WORDS,
    .nodes = nodes,
    .node_count = NODE_COUNT,
    .verifiers = verifiers,
    .verifier_count = VERIFIER_COUNT,
    .credentials = credentials,
    .credential_count = CREDENTIAL_COUNT,
    .validate_tokens = false,
    .names = {
        .seed = 1,
        .bucket_count = 1,
        .slot_count = 2,
        .displace = displace,
        .slots = slots,
    },
};
