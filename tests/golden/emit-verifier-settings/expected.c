/* Made by mcpc 0.1.0 from
 *   input.mcpp  sha256 832a472e7920ff0882485c636dfde3f3f01b9b6b6c463a63ba3ba0ed4e670cd3
 *   api.yaml  sha256 eab32d28501c555c6baccb502f7c7b124b6046dbd392313c16623289030e8d7e
 * Change the policy, not this file:  mcpc input.mcpp -o policy.c
 * 1 tool, 1 fact, 0 rules, 4 verifiers, 0 credentials. */
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

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { LIST_PETS_1, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [LIST_PETS_1] = {TOKEN, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_token[FACT_WORDS] = {BIT(TOKEN)};

enum { NEEDS_TOKEN, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_TOKEN] = {1, needs_token},
};

enum { STRICT, SHARED, PARTNER, SIGNING, VERIFIER_COUNT };

static const struct mcpp_verifier verifiers[] = {
    /* verifier strict jwt {
     *     issuer     "https://i.example"
     *     audience   "pets" "https://pets.example/mcp"
     *     algorithms PS256 ES384 EdDSA Ed25519
     *     profile    rfc9068
     *     bound      dpop mtls
     *     roles      claim "realm_access.roles"
     *     allow      private addresses
     * } */
    [STRICT] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "strict",
        .issuer = "https://i.example",
        .jwks = "",
        .audiences = (const char *const[]){"pets", "https://pets.example/mcp"},
        .audience_count = 2,
        .scope_claim = "scope",
        .roles_claim = "realm_access.roles",
        .algorithms = MCPP_PS256 | MCPP_ES384 | MCPP_EDDSA | MCPP_ED25519,
        .leeway_s = 60,
        .bound = MCPP_BOUND_DPOP | MCPP_BOUND_MTLS,
        .is_profile_rfc9068 = true,
        .allows_private = true,
        .origin = {"input.mcpp", 4},
    },
    /* verifier shared jwt {
     *     issuer   "https://shared.example"
     *     audience "pets"
     *     secret   file "/run/secrets/hmac"
     * } */
    [SHARED] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "shared",
        .issuer = "https://shared.example",
        .jwks = "",
        .audiences = (const char *const[]){"pets"},
        .audience_count = 1,
        .scope_claim = "scope",
        .roles_claim = "",
        .algorithms = MCPP_HS256,
        .leeway_s = 60,
        .hmac_secret = {MCPP_SECRET_FILE, "/run/secrets/hmac"},
        .origin = {"input.mcpp", 13},
    },
    /* verifier partner introspection {
     *     endpoint "https://partner.example/introspect?x=1"
     *     client   env PARTNER_ID secret env PARTNER_SECRET
     *     method   post
     * } */
    [PARTNER] = {
        .kind = MCPP_VERIFIER_INTROSPECTION,
        .name = "partner",
        .issuer = "",
        .jwks = "",
        .scope_claim = "scope",
        .roles_claim = "",
        .leeway_s = 60,
        .introspection.endpoint = "https://partner.example/introspect?x=1",
        .introspection.client = MCPP_CLIENT_POST,
        .introspection.client_id = {MCPP_SECRET_ENV, "PARTNER_ID"},
        .introspection.client_secret = {MCPP_SECRET_ENV, "PARTNER_SECRET"},
        .introspection.key_id = "",
        .introspection.cache_s = 30,
        .origin = {"input.mcpp", 18},
    },
    /* verifier signing introspection {
     *     issuer   "https://signing.example"
     *     endpoint "https://signing.example/introspect"
     *     client   env SIGNING_ID key file "signing.pem"
     *     key_id   "2026"
     *     audience "pets"
     *     cache    5m
     * } */
    [SIGNING] = {
        .kind = MCPP_VERIFIER_INTROSPECTION,
        .name = "signing",
        .issuer = "https://signing.example",
        .jwks = "",
        .audiences = (const char *const[]){"pets"},
        .audience_count = 1,
        .scope_claim = "scope",
        .roles_claim = "",
        .leeway_s = 60,
        .introspection.endpoint = "https://signing.example/introspect",
        .introspection.client = MCPP_CLIENT_JWT,
        .introspection.client_id = {MCPP_SECRET_ENV, "SIGNING_ID"},
        .introspection.key = {MCPP_SECRET_FILE, "signing.pem"},
        .introspection.key_id = "2026",
        .introspection.cache_s = 300,
        .origin = {"input.mcpp", 23},
    },
};

enum { LIST_PETS, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool listPets GET /pets needs token */
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
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_TOKEN,
        .shown = MCPP_ALLOW,
        .decision = LIST_PETS_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 32},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    0
};

static const uint32_t slots[] = {
    LIST_PETS, TOOL_COUNT
};

const struct mcpp_policy mcpp_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "pets",
    .title = "Pets",
    .version = "1",
    .compiler = "mcpc 0.1.0",
    .backend = "https://pets.example",
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
    .validate_tokens = false,
    .names = {
        .seed = 1,
        .bucket_count = 1,
        .slot_count = 2,
        .displace = displace,
        .slots = slots,
    },
};
