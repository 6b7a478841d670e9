/* Made by mcpc 0.1.0 from
 *   input.mcpp  sha256 4dc0da69fba2bd05a8b85a22ad4736bc3d41ae2a4d488e0836b556ed34eaeaa9
 *   api.yaml  sha256 161877d1b18dc15f1b3e12ee2e826d0678ac92e3500bf19fced4d5d4d8c3f611
 * Change the policy, not this file:  mcpc input.mcpp -o policy.c
 * 4 tools, 5 facts, 0 rules, 1 verifier, 1 credential. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What can be known about a caller. */
enum { TOKEN, READ, WRITE, ADMIN, AUDIT, FACT_COUNT };

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
    /* scope "read" */
    [READ] = {MCPP_FACT_SCOPE, "read", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(READ)}},
    /* scope "write" implies "read" */
    [WRITE] = {MCPP_FACT_SCOPE, "write", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(READ) | BIT(WRITE)}},
    /* scope "admin" "Everything" implies "write" */
    [ADMIN] = {MCPP_FACT_SCOPE, "admin", "Everything",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(READ) | BIT(WRITE) | BIT(ADMIN)}},
    /* scope "audit" */
    [AUDIT] = {MCPP_FACT_SCOPE, "audit", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(AUDIT)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { A_1, A_2, B_1, C_1, C_2, D_1, D_2, D_3, B_2, D_4, C_3, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [A_1] = {READ, .no = MCPP_NEEDS, .yes = A_2},
    [A_2] = {WRITE, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
    [B_1] = {READ, .no = B_2, .yes = MCPP_ALLOW},
    [C_1] = {READ, .no = MCPP_NEEDS, .yes = C_2},
    [C_2] = {ADMIN, .no = MCPP_NEEDS, .yes = C_3},
    [D_1] = {READ, .no = D_2, .yes = D_3},
    [D_2] = {WRITE, .no = MCPP_NEEDS, .yes = C_3},
    [D_3] = {WRITE, .no = B_2, .yes = D_4},
    [B_2] = {ADMIN, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
    [D_4] = {ADMIN, .no = C_3, .yes = MCPP_ALLOW},
    [C_3] = {AUDIT, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_write[FACT_WORDS] = {BIT(WRITE)};
static const uint64_t needs_read[FACT_WORDS] = {BIT(READ)};
static const uint64_t needs_admin_and_audit[FACT_WORDS] = {BIT(ADMIN) | BIT(AUDIT)};
static const uint64_t needs_admin_or_write_and_audit[2 * FACT_WORDS] = {
    BIT(ADMIN),
    BIT(WRITE) | BIT(AUDIT),
};

enum {
    NEEDS_WRITE, NEEDS_READ, NEEDS_ADMIN_AND_AUDIT, NEEDS_ADMIN_OR_WRITE_AND_AUDIT, CHALLENGE_COUNT
};

static const struct mcpp_any_of challenges[] = {
    [NEEDS_WRITE] = {1, needs_write},
    [NEEDS_READ] = {1, needs_read},
    [NEEDS_ADMIN_AND_AUDIT] = {1, needs_admin_and_audit},
    [NEEDS_ADMIN_OR_WRITE_AND_AUDIT] = {2, needs_admin_or_write_and_audit},
};

enum { MAIN, VERIFIER_COUNT };

static const struct mcpp_verifier verifiers[] = {
    /* verifier main jwt {
     *     issuer   "https://login.example"
     *     audience "things"
     * } */
    [MAIN] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "main",
        .issuer = "https://login.example",
        .jwks = "",
        .audiences = (const char *const[]){"things"},
        .audience_count = 1,
        .scope_claim = "scope",
        .roles_claim = "",
        .algorithms = MCPP_RS256 | MCPP_ES256,
        .leeway_s = 60,
        .origin = {"input.mcpp", 4},
    },
};

/* What goes to the backend; the secrets are read when the server starts. */
enum { KEY, CREDENTIAL_COUNT };

static const struct mcpp_credential credentials[] = {
    [KEY] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "KEY"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 20}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_KEY, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send bearer env KEY */
    [SEND_KEY] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){KEY}, 1},
    }, 1, {"input.mcpp", 20}},
};

enum { A, B, C, D, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool a GET /a needs "read" and "write" */
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
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_WRITE,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 15},
    },

    /* tool b GET /b needs "admin" or "read" */
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
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_READ,
        .shown = MCPP_ALLOW,
        .decision = B_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 16},
    },

    /* tool c GET /c needs "read" and "admin" and "audit" */
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
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_ADMIN_AND_AUDIT,
        .shown = MCPP_ALLOW,
        .decision = C_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 17},
    },

    /* tool d GET /d needs "write" and "audit" or "read" and "admin" */
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
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_ADMIN_OR_WRITE_AND_AUDIT,
        .shown = MCPP_ALLOW,
        .decision = D_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 18},
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
    .name = "by-hand",
    .title = "By hand",
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
        .bucket_count = 2,
        .slot_count = 5,
        .displace = displace,
        .slots = slots,
    },
};
