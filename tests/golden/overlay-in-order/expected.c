/* Made by mcpc 0.1.0 from
 *   input.yaml  sha256 d78a6c1b0349517601349021ba17cf01369caaea4a73b89f31c4bce55ab46d90
 *   one.yaml  sha256 d80b14a612607637604e9865f0ef364e6e8e1df7ba4764a424d07eb31adef386
 *   two.yaml  sha256 6459060ef808d717353e7c28f80d84ec94a3027c9403643d7b161622e20de932
 * The statements quoted below are those of input.mcpp. To change the policy, make it
 *   mcpc input.yaml -o input.mcpp
 * with the options that this was made with, and compile that.
 * 6 tools, 1 fact, 0 rules, 1 verifier, 1 credential. */
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
     *     issuer     "https://shop.example"
     *     jwks       "https://shop.example/.well-known/jwks.json"
     *     audience   "backend-api"
     *     algorithms RS256 ES256
     *     leeway     60s
     *     scopes     claim "scope"
     * } */
    [MAIN] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "main",
        .issuer = "https://shop.example",
        .jwks = "https://shop.example/.well-known/jwks.json",
        .audiences = (const char *const[]){"backend-api"},
        .audience_count = 1,
        .scope_claim = "scope",
        .roles_claim = "",
        .algorithms = MCPP_RS256 | MCPP_ES256,
        .leeway_s = 60,
        .origin = {"input.mcpp", 14},
    },
};

/* What goes to the backend; the secrets are read when the server starts. */
enum { BACKEND_API_TOKEN, CREDENTIAL_COUNT };

static const struct mcpp_credential credentials[] = {
    [BACKEND_API_TOKEN] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "BACKEND_API_TOKEN"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 42}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_BACKEND_API_TOKEN, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send bearer env BACKEND_API_TOKEN for * */
    [SEND_BACKEND_API_TOKEN] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){BACKEND_API_TOKEN}, 1},
    }, 1, {"input.mcpp", 42}},
};

enum { LIST_PETS, ADD_PET, GET_PET, DELETE_PET, LIST_ORDERS, TWO, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool listPets GET /pets needs nothing */
    [LIST_PETS] = {
        .name = "listPets",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/pets",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 29},
    },

    /* tool addPet POST /pets needs nothing */
    [ADD_PET] = {
        .name = "addPet",
        .title = "",
        .description = "",
        .method = "POST",
        .path = "/pets",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_DESTRUCTIVE | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 30},
    },

    /* tool getPet GET /pets/{id} needs nothing */
    [GET_PET] = {
        .name = "getPet",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/pets/{id}",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}},\"required\":[\"id\"],\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"id", "id", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true},
        },
        .parameter_count = 1,
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 31},
    },

    /* tool deletePet DELETE /pets/{id} needs nothing */
    [DELETE_PET] = {
        .name = "deletePet",
        .title = "",
        .description = "",
        .method = "DELETE",
        .path = "/pets/{id}",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}},\"required\":[\"id\"],\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"id", "id", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true},
        },
        .parameter_count = 1,
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_DESTRUCTIVE | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 32},
    },

    /* tool listOrders GET /orders needs nothing */
    [LIST_ORDERS] = {
        .name = "listOrders",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/orders",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 35},
    },

    /* tool two GET /health needs nothing */
    [TWO] = {
        .name = "two",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/health",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_BACKEND_API_TOKEN},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 38},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    0, 1
};

static const uint32_t slots[] = {
    LIST_PETS, DELETE_PET, TOOL_COUNT, ADD_PET, LIST_ORDERS, GET_PET, TWO
};

const struct mcpp_policy mcpp_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "shop",
    .title = "Shop",
    .version = "1",
    .compiler = "mcpc 0.1.0",
    .backend = "https://shop.example",
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
        .bucket_count = 2,
        .slot_count = 7,
        .displace = displace,
        .slots = slots,
    },
};
