/* Made by mcpc 0.1.0 from
 *   input.mcpp  sha256 0ffdbc5c5ef776a1294e8345a0a77571a50ec9ac96cbff5d7c04f7143f4ce647
 *   api.yaml  sha256 f0c4b901512a5877cfecfcd96eff4f0fd3919e697622566be30406312ffb82aa
 * Change the policy, not this file:  mcpc input.mcpp -o policy.c
 * 4 tools, 1 fact, 0 rules, 0 verifiers, 9 credentials. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What is looked at in tokens. */
enum { CLAIM_SUB, CLAIM_COUNT };

static const struct mcpp_claim claims[] = {
    [CLAIM_SUB] = {"sub"},
};

/* What can be known about a caller. */
enum { TOKEN, FACT_COUNT };

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { A_1, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [A_1] = {TOKEN, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_token[FACT_WORDS] = {BIT(TOKEN)};
static const uint64_t needs_nothing[FACT_WORDS] = {0};

enum { NEEDS_TOKEN, NEEDS_NOTHING, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_TOKEN] = {1, needs_token},
    [NEEDS_NOTHING] = {1, needs_nothing},
};

/* What goes to the backend; the secrets are read when the server starts. */
enum { BACKEND_API_TOKEN, KEY, AUTH_Q, ROBOT, LOGIN, KEY2, LOGIN_2, C_PEM, X_USER, CREDENTIAL_COUNT };

static const struct mcpp_credential credentials[] = {
    [BACKEND_API_TOKEN] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "BACKEND_API_TOKEN"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 26}},
    /* credential "key" header "X-Key" env KEY */
    [KEY] = {MCPP_SEND_HEADER, "key", "X-Key", .secret = {MCPP_SECRET_ENV, "KEY"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 9}},
    /* credential "auth \"q\" * /" oauth2 authorization_code {
     *     issuer        "https://id.example"  # found by its metadata
     *     client        env AUTH_ID secret env AUTH_SECRET
     *     client_auth   post
     *     scopes        "read" "write"
     *     redirect_port 8765
     *     owner         everybody
     *     # the end
     * } */
    [AUTH_Q] = {MCPP_SEND_OAUTH2, "auth \"q\" */", "", .claim = MCPP_NONE,
        .oauth2 = &(const struct mcpp_oauth2){
        .flow = MCPP_FLOW_AUTHORIZATION_CODE,
        .client = MCPP_CLIENT_POST,
        .issuer = "https://id.example",
        .metadata = "",
        .authorization_url = "",
        .token_url = "",
        .device_url = "",
        .key_id = "",
        .algorithm = "",
        .scopes = "read write",
        .audience = "",
        .resource = "",
        .subject = "",
        .client_id = {MCPP_SECRET_ENV, "AUTH_ID"},
        .client_secret = {MCPP_SECRET_ENV, "AUTH_SECRET"},
        .is_shared = true,
        .redirect_port = 8765,
        },
        .origin = {"input.mcpp", 10}},
    /* credential "robot" oauth2 client_credentials {
     *     token_url "https://id.example/token"
     *     client    env ROBOT_ID
     *     key       file "robot.pem" id "k1"
     *     audience  "pets"
     * } */
    [ROBOT] = {MCPP_SEND_OAUTH2, "robot", "", .claim = MCPP_NONE,
        .oauth2 = &(const struct mcpp_oauth2){
        .flow = MCPP_FLOW_CLIENT_CREDENTIALS,
        .client = MCPP_CLIENT_JWT,
        .issuer = "",
        .metadata = "",
        .authorization_url = "",
        .token_url = "https://id.example/token",
        .device_url = "",
        .key_id = "k1",
        .algorithm = "",
        .scopes = "",
        .audience = "pets",
        .resource = "",
        .subject = "",
        .client_id = {MCPP_SECRET_ENV, "ROBOT_ID"},
        .key = {MCPP_SECRET_FILE, "robot.pem"},
        },
        .origin = {"input.mcpp", 19}},
    [LOGIN] = {MCPP_SEND_BASIC, "", "", .secret = {MCPP_SECRET_ENV, "LOGIN"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 27}},
    [KEY2] = {MCPP_SEND_QUERY, "", "k", .secret = {MCPP_SECRET_ENV, "KEY2"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 27}},
    [LOGIN_2] = {MCPP_SEND_DIGEST, "", "", .secret = {MCPP_SECRET_ENV, "LOGIN"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 28}},
    [C_PEM] = {MCPP_SEND_CERTIFICATE, "", "", .secret = {MCPP_SECRET_FILE, "c.pem"}, .key = {MCPP_SECRET_FILE, "k.pem"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 28}},
    [X_USER] = {MCPP_SEND_CLAIM, "", "X-User", .claim = 0,
        .origin = {"input.mcpp", 29}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum {
    SEND_BACKEND_API_TOKEN, SEND_KEY_AND_AUTH_Q_OR_ROBOT, SEND_LOGIN_OR_C_PEM, SEND_X_USER,
    CHOICE_COUNT
};

static const struct mcpp_choice choices[] = {
    /* send bearer env BACKEND_API_TOKEN */
    [SEND_BACKEND_API_TOKEN] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){BACKEND_API_TOKEN}, 1},
    }, 1, {"input.mcpp", 26}},
    /* send "key" and "auth \"q\" * /" or "robot" or basic env LOGIN and query "k" env KEY2 for b */
    [SEND_KEY_AND_AUTH_Q_OR_ROBOT] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){KEY, AUTH_Q}, 2},
        {(const uint16_t[]){ROBOT}, 1},
        {(const uint16_t[]){LOGIN, KEY2}, 2},
    }, 3, {"input.mcpp", 27}},
    /* send digest env LOGIN or certificate file "c.pem" key file "k.pem" for c */
    [SEND_LOGIN_OR_C_PEM] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){LOGIN_2}, 1},
        {(const uint16_t[]){C_PEM}, 1},
    }, 2, {"input.mcpp", 28}},
    /* send header "X-User" claim "sub" for a, b */
    [SEND_X_USER] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){X_USER}, 1},
    }, 1, {"input.mcpp", 29}},
};

enum { A, B, C, D, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool a GET /a needs token */
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
        .choices = (const uint16_t[]){SEND_X_USER, SEND_BACKEND_API_TOKEN},
        .choice_count = 2,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_TOKEN,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 4},
    },

    /* tool b GET /b needs token */
    [B] = {
        .name = "b",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/b",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_KEY_AND_AUTH_Q_OR_ROBOT, SEND_X_USER},
        .choice_count = 2,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_TOKEN,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 5},
    },

    /* tool c GET /c needs token */
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
        .choices = (const uint16_t[]){SEND_LOGIN_OR_C_PEM},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_TOKEN,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 6},
    },

    /* tool d GET /d needs nothing */
    [D] = {
        .name = "d",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/d",
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
        .origin = {"input.mcpp", 7},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    0, 4
};

static const uint32_t slots[] = {
    C, TOOL_COUNT, B, A, D
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
    .claims = claims,
    .claim_count = CLAIM_COUNT,
    .nodes = nodes,
    .node_count = NODE_COUNT,
    .challenges = challenges,
    .challenge_count = CHALLENGE_COUNT,
    .credentials = credentials,
    .credential_count = CREDENTIAL_COUNT,
    .choices = choices,
    .choice_count = CHOICE_COUNT,
    .validate_tokens = false,
    .names = {
        .seed = 1,
        .bucket_count = 2,
        .slot_count = 5,
        .displace = displace,
        .slots = slots,
    },
};
