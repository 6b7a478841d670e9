/* Made by mcpc 0.1.0 from
 *   input.yaml  sha256 f9f62e20ed7dde891748b0b4c578bfeea2e059d4e8a51147d9c719ceff0aab76
 * The statements quoted below are those of input.mcpp. To change the policy, make it
 *   mcpc input.yaml -o input.mcpp
 * and compile that.
 * 1 tool, 2 facts, 0 rules, 1 verifier, 2 credentials. */
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

enum { NEEDS_L_S, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_L_S] = {1, needs_l_s},
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
     *     scopes    "l\303\244s"
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
        .scopes = "l\303\244s",
        .audience = "",
        .resource = "",
        .subject = "",
        .client_id = {MCPP_SECRET_ENV, "AUTH_CLIENT_ID"},
        .client_secret = {MCPP_SECRET_ENV, "AUTH_CLIENT_SECRET"},
        },
        .origin = {"input.mcpp", 31}},
    [BACKEND_API_TOKEN] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "BACKEND_API_TOKEN"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 36}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_AUTH_OR_BACKEND_API_TOKEN, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send "auth" or bearer env BACKEND_API_TOKEN */
    [SEND_AUTH_OR_BACKEND_API_TOKEN] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){AUTH}, 1},
        {(const uint16_t[]){BACKEND_API_TOKEN}, 1},
    }, 2, {"input.mcpp", 36}},
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
        .choices = (const uint16_t[]){SEND_AUTH_OR_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_L_S,
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
