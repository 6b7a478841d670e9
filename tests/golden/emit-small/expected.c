/* Made by mcpc 0.1.0 from
 *   input.yaml  sha256 14867695c24cbb2f43b2a9af8f14b06dd1def405ac6096c376eddedbc6b67e4d
 * The statements quoted below are those of input.mcpp. To change the policy, make it
 *   mcpc input.yaml -o input.mcpp
 * and compile that.
 * 3 tools, 3 facts, 0 rules, 1 verifier, 2 credentials. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What can be known about a caller. */
enum { TOKEN, READ_PETS, WRITE_PETS, FACT_COUNT };

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
    /* scope "read:pets" "See pets" */
    [READ_PETS] = {MCPP_FACT_SCOPE, "read:pets", "See pets",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(READ_PETS)}},
    /* scope "write:pets" "Change pets" */
    [WRITE_PETS] = {MCPP_FACT_SCOPE, "write:pets", "Change pets",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(WRITE_PETS)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { GET_PET_BY_ID_1, DELETE_PET_1, DELETE_PET_2, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [GET_PET_BY_ID_1] = {READ_PETS, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
    [DELETE_PET_1] = {READ_PETS, .no = MCPP_NEEDS, .yes = DELETE_PET_2},
    [DELETE_PET_2] = {WRITE_PETS, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_read_pets[FACT_WORDS] = {BIT(READ_PETS)};
static const uint64_t needs_read_pets_and_write_pets[FACT_WORDS] = {BIT(READ_PETS) | BIT(WRITE_PETS)};
static const uint64_t needs_nothing[FACT_WORDS] = {0};

enum { NEEDS_READ_PETS, NEEDS_READ_PETS_AND_WRITE_PETS, NEEDS_NOTHING, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_READ_PETS] = {1, needs_read_pets},
    [NEEDS_READ_PETS_AND_WRITE_PETS] = {1, needs_read_pets_and_write_pets},
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
enum { AUTH, BACKEND_API_TOKEN, CREDENTIAL_COUNT };

static const struct mcpp_credential credentials[] = {
    /* credential "auth" oauth2 client_credentials {
     *     token_url "https://login.example/token"
     *     client    env AUTH_CLIENT_ID secret env AUTH_CLIENT_SECRET
     *     scopes    "read:pets" "write:pets"
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
        .scopes = "read:pets write:pets",
        .audience = "",
        .resource = "",
        .subject = "",
        .client_id = {MCPP_SECRET_ENV, "AUTH_CLIENT_ID"},
        .client_secret = {MCPP_SECRET_ENV, "AUTH_CLIENT_SECRET"},
        },
        .origin = {"input.mcpp", 34}},
    [BACKEND_API_TOKEN] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "BACKEND_API_TOKEN"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 39}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_AUTH_OR_BACKEND_API_TOKEN, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send "auth" or bearer env BACKEND_API_TOKEN */
    [SEND_AUTH_OR_BACKEND_API_TOKEN] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){AUTH}, 1},
        {(const uint16_t[]){BACKEND_API_TOKEN}, 1},
    }, 2, {"input.mcpp", 39}},
};

enum { GET_PET_BY_ID, DELETE_PET, HEALTH, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool getPetById GET /pet/{petId} needs "read:pets" */
    [GET_PET_BY_ID] = {
        .name = "getPetById",
        .title = "Find a pet",
        .description = "Find a pet",
        .method = "GET",
        .path = "/pet/{petId}",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"petId\":{\"type\":\"integer\",\"format\":\"int64\"}},\"required\":[\"petId\"],\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"petId", "petId", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true},
        },
        .parameter_count = 1,
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_AUTH_OR_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_READ_PETS,
        .shown = MCPP_ALLOW,
        .decision = GET_PET_BY_ID_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 28},
    },

    /* tool deletePet DELETE /pet/{petId} needs "write:pets" and "read:pets" */
    [DELETE_PET] = {
        .name = "deletePet",
        .title = "",
        .description = "",
        .method = "DELETE",
        .path = "/pet/{petId}",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"petId\":{\"type\":\"integer\",\"format\":\"int64\"}},\"required\":[\"petId\"],\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"petId", "petId", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true},
        },
        .parameter_count = 1,
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_AUTH_OR_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_DESTRUCTIVE | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_READ_PETS_AND_WRITE_PETS,
        .shown = MCPP_ALLOW,
        .decision = DELETE_PET_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 29},
    },

    /* tool health GET /health needs nothing */
    [HEALTH] = {
        .name = "health",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/health",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
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
    4
};

static const uint32_t slots[] = {
    DELETE_PET, GET_PET_BY_ID, HEALTH, TOOL_COUNT
};

const struct mcpp_policy mcpp_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "pets",
    .title = "Pets",
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
        .slot_count = 4,
        .displace = displace,
        .slots = slots,
    },
};
