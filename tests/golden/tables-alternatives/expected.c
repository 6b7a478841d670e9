/* Made by mcpc 0.1.0 from
 *   input.mcpp  sha256 02b34833ba54d0991153d615ddb49874d95f10906d4dd731598e9e331f92dc7b
 *   api.yaml  sha256 8e2a631d5a35ed2984909ff658e781b5ed676bcb844ddc544d8a6d289e2537b0
 * Change the policy, not this file:  mcpc input.mcpp -o policy.c
 * 8 tools, 5 facts, 0 rules, 1 verifier, 1 credential. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What can be known about a caller. */
enum { TOKEN, P, Q, R, S, FACT_COUNT };

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
    /* scope "p" */
    [P] = {MCPP_FACT_SCOPE, "p", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(P)}},
    /* scope "q" */
    [Q] = {MCPP_FACT_SCOPE, "q", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(Q)}},
    /* scope "r" */
    [R] = {MCPP_FACT_SCOPE, "r", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(R)}},
    /* scope "s" */
    [S] = {MCPP_FACT_SCOPE, "s", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(S)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { B_1, B_2, D_1, D_2, D_3, E_1, E_2, E_3, D_4, F_1, G_1, A_1, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [B_1] = {P, .no = B_2, .yes = MCPP_ALLOW},
    [B_2] = {Q, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
    [D_1] = {P, .no = D_2, .yes = D_3},
    [D_2] = {Q, .no = MCPP_NEEDS, .yes = D_3},
    [D_3] = {R, .no = D_4, .yes = MCPP_ALLOW},
    [E_1] = {P, .no = E_2, .yes = MCPP_ALLOW},
    [E_2] = {Q, .no = MCPP_NEEDS, .yes = E_3},
    [E_3] = {R, .no = MCPP_NEEDS, .yes = D_4},
    [D_4] = {S, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
    [F_1] = {TOKEN, .no = A_1, .yes = MCPP_ALLOW},
    [G_1] = {TOKEN, .no = MCPP_NEEDS, .yes = A_1},
    [A_1] = {P, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_p[FACT_WORDS] = {BIT(P)};
static const uint64_t needs_p_or_q[2 * FACT_WORDS] = {
    BIT(P),
    BIT(Q),
};
static const uint64_t needs_3[4 * FACT_WORDS] = {
    BIT(P) | BIT(R),
    BIT(P) | BIT(S),
    BIT(Q) | BIT(R),
    BIT(Q) | BIT(S),
};
static const uint64_t needs_4[2 * FACT_WORDS] = {
    BIT(P),
    BIT(Q) | BIT(R) | BIT(S),
};
static const uint64_t needs_token[FACT_WORDS] = {BIT(TOKEN)};
static const uint64_t needs_nothing[FACT_WORDS] = {0};

enum { NEEDS_P, NEEDS_P_OR_Q, NEEDS_3, NEEDS_4, NEEDS_TOKEN, NEEDS_NOTHING, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_P] = {1, needs_p},
    [NEEDS_P_OR_Q] = {2, needs_p_or_q},
    [NEEDS_3] = {4, needs_3},
    [NEEDS_4] = {2, needs_4},
    [NEEDS_TOKEN] = {1, needs_token},
    [NEEDS_NOTHING] = {1, needs_nothing},
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
        .origin = {"input.mcpp", 24}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_KEY, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send bearer env KEY */
    [SEND_KEY] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){KEY}, 1},
    }, 1, {"input.mcpp", 24}},
};

enum { A, B, C, D, E, F, G, H, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool a GET /a needs "p" */
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
        .challenge = NEEDS_P,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 15},
    },

    /* tool b GET /b needs "p" or "q" */
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
        .challenge = NEEDS_P_OR_Q,
        .shown = MCPP_ALLOW,
        .decision = B_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 16},
    },

    /* tool c GET /c needs "q" and "p" or "p" */
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
        .challenge = NEEDS_P,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 17},
    },

    /* tool d GET /d needs ("p" or "q") and ("r" or "s") */
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
        .challenge = NEEDS_3,
        .shown = MCPP_ALLOW,
        .decision = D_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 18},
    },

    /* tool e GET /e needs "r" and "s" and "q" or "p" */
    [E] = {
        .name = "e",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/e",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_4,
        .shown = MCPP_ALLOW,
        .decision = E_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 19},
    },

    /* tool f GET /f needs token or "p" */
    [F] = {
        .name = "f",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/f",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_TOKEN,
        .shown = MCPP_ALLOW,
        .decision = F_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 20},
    },

    /* tool g GET /g needs token and "p" */
    [G] = {
        .name = "g",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/g",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_P,
        .shown = MCPP_ALLOW,
        .decision = G_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 21},
    },

    /* tool h GET /h needs nothing */
    [H] = {
        .name = "h",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/h",
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
        .origin = {"input.mcpp", 22},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    2, 3, 9
};

static const uint32_t slots[] = {
    A, B, TOOL_COUNT, G, F, TOOL_COUNT, E, C, D, H
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
        .bucket_count = 3,
        .slot_count = 10,
        .displace = displace,
        .slots = slots,
    },
};
