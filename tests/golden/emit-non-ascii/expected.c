/* Made by mcpc 0.1.0 from
 *   input.yaml  sha256 f9f62e20ed7dde891748b0b4c578bfeea2e059d4e8a51147d9c719ceff0aab76
 * The statements quoted below are those of input.mcpp. To change the policy, make it
 *   mcpc input.yaml -o input.mcpp
 * and compile that.
 * 1 tool, 2 facts, 0 rules, 1 verifier, 1 credential. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What can be known about a caller. */
enum { TOKEN, L_S, FACT_COUNT };

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
    /* scope "l\303\244s" "L\303\244sa" */
    [L_S] = {MCPP_FACT_SCOPE, "l\303\244s", "L\303\244sa",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(L_S)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { GR_E_0AD1B3_1, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [GR_E_0AD1B3_1] = {L_S, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_l_s[FACT_WORDS] = {BIT(L_S)};

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

enum { GR_E_0AD1B3, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool gr_e_0ad1b3 GET /gr\303\266\303\237e/{\345\220\215\345\211\215} needs "l\303\244s" */
    [GR_E_0AD1B3] = {
        .name = "gr_e_0ad1b3",
        .title = "\342\200\256right to left\342\200\254",
        .description = "Gr\303\266\303\237e eines Tiers \345\220\215\345\211\215 \360\237\220\225",
        .method = "GET",
        .path = "/gr\303\266\303\237e/{\345\220\215\345\211\215}",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"argument\":{\"type\":\"string\",\"enum\":[\"\303\251\",\"\303\274\"]}},\"required\":[\"argument\"],\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"argument", "\345\220\215\345\211\215", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true},
        },
        .parameter_count = 1,
        .content_type = "",
        .accept = "",
        .credentials = (const uint16_t[]){BACKEND_API_TOKEN},
        .credential_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = {1, needs_l_s},
        .shown = MCPP_ALLOW,
        .decision = GR_E_0AD1B3_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 27},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    0
};

static const uint32_t slots[] = {
    TOOL_COUNT, GR_E_0AD1B3
};

const struct mcpp_policy mcpp_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "tiere-f-r-zo",
    .title = "Tiere f\303\274r Zo\303\253",
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
