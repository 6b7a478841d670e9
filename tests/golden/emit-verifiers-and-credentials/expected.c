/* Made by mcpc 0.1.0 from
 *   input.mcpp  sha256 235adaef58810fce2b0cf51fefb790a7b4f40ad4bbd0d9ddbc60bc266c8abac6
 *   api.yaml  sha256 161877d1b18dc15f1b3e12ee2e826d0678ac92e3500bf19fced4d5d4d8c3f611
 * Change the policy, not this file:  mcpc input.mcpp -o policy.c
 * 3 tools, 2 facts, 0 rules, 2 verifiers, 3 credentials. */
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
    /* scope "read" "Read * / things" */
    [READ] = {MCPP_FACT_SCOPE, "read", "Read */ things",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(READ)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { A_1, B_1, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [A_1] = {READ, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
    [B_1] = {TOKEN, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_read[FACT_WORDS] = {BIT(READ)};
static const uint64_t needs_token[FACT_WORDS] = {BIT(TOKEN)};
static const uint64_t needs_nothing[FACT_WORDS] = {0};

enum { NEEDS_READ, NEEDS_TOKEN, NEEDS_NOTHING, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_READ] = {1, needs_read},
    [NEEDS_TOKEN] = {1, needs_token},
    [NEEDS_NOTHING] = {1, needs_nothing},
};

enum { PARTNER, STAFF, VERIFIER_COUNT };

static const struct mcpp_verifier verifiers[] = {
    /* verifier partner jwt {
     *     issuer   "https://partner.example"
     *     audience "things"
     * } */
    [PARTNER] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "partner",
        .issuer = "https://partner.example",
        .jwks = "",
        .audiences = (const char *const[]){"things"},
        .audience_count = 1,
        .scope_claim = "scope",
        .roles_claim = "",
        .algorithms = MCPP_RS256 | MCPP_ES256,
        .leeway_s = 60,
        .origin = {"input.mcpp", 16},
    },
    /* verifier staff jwt {
     *     issuer     "https://staff.example"
     *     jwks       "https://staff.example/keys"
     *     audience   "things"
     *     algorithms ES256
     *     leeway     5s
     *     scopes     claim "scp"
     * } */
    [STAFF] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "staff",
        .issuer = "https://staff.example",
        .jwks = "https://staff.example/keys",
        .audiences = (const char *const[]){"things"},
        .audience_count = 1,
        .scope_claim = "scp",
        .roles_claim = "",
        .algorithms = MCPP_ES256,
        .leeway_s = 5,
        .origin = {"input.mcpp", 8},
    },
};

/* What goes to the backend; the secrets are read when the server starts. */
enum { MAIN_KEY, OTHER_KEY, SECRETS_QUERY_KEY, CREDENTIAL_COUNT };

static const struct mcpp_credential credentials[] = {
    [MAIN_KEY] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "MAIN_KEY"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 33}},
    [OTHER_KEY] = {MCPP_SEND_HEADER, "", "X-API-Key", .secret = {MCPP_SECRET_ENV, "OTHER_KEY"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 34}},
    [SECRETS_QUERY_KEY] = {MCPP_SEND_QUERY, "", "key", .secret = {MCPP_SECRET_FILE, "secrets/query key"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 35}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_MAIN_KEY, SEND_OTHER_KEY, SEND_SECRETS_QUERY_KEY, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send bearer env MAIN_KEY */
    [SEND_MAIN_KEY] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){MAIN_KEY}, 1},
    }, 1, {"input.mcpp", 33}},
    /* send header "X-API-Key" env OTHER_KEY for b */
    [SEND_OTHER_KEY] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){OTHER_KEY}, 1},
    }, 1, {"input.mcpp", 34}},
    /* send query "key" file "secrets/query key" for c */
    [SEND_SECRETS_QUERY_KEY] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){SECRETS_QUERY_KEY}, 1},
    }, 1, {"input.mcpp", 35}},
};

enum { A, B, C, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool a GET /a needs "read" */
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
        .choices = (const uint16_t[]){SEND_MAIN_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_READ,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 24},
    },

    /* tool b GET /b needs token {
     *     title       "Second \"b\""
     *     description "Said in the policy. * /"
     *     timeout     2s
     * } */
    [B] = {
        .name = "b",
        .title = "Second \"b\"",
        .description = "Said in the policy. */",
        .method = "GET",
        .path = "/b",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_OTHER_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .timeout_ms = 2000,
        .challenge = NEEDS_TOKEN,
        .shown = MCPP_ALLOW,
        .decision = B_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 25},
    },

    /* tool c GET /c needs nothing */
    [C] = {
        .name = "c",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/c",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_SECRETS_QUERY_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 30},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    1
};

static const uint32_t slots[] = {
    A, B, TOOL_COUNT, C
};

const struct mcpp_policy mcpp_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "by-hand",
    .title = "By hand",
    .version = "1",
    .compiler = "mcpc 0.1.0",
    .backend = "https://other.example/v1",
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
    .validate_tokens = true,
    .names = {
        .seed = 1,
        .bucket_count = 1,
        .slot_count = 4,
        .displace = displace,
        .slots = slots,
    },
};
