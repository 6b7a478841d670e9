/* Made by mcpc 0.1.0 from
 *   input.mcpp  sha256 e17a934b95469bf4ad50bb1ac46a5399830da6ea70c96f7fe87a90c51c16c602
 *   api.yaml  sha256 1aa02407dd2861c0e23571cd2a5801df386b8e78a7978ccb82fe40dfe0972f68
 * Change the policy, not this file:  mcpc input.mcpp -o policy.c
 * 4 tools, 9 facts, 6 rules, 1 verifier, 0 credentials. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What is looked at in tokens. */
enum { CLAIM_SUSPENDED, CLAIM_GROUPS, CLAIM_TENANT, CLAIM_SUB, CLAIM_COUNT };

static const struct mcpp_claim claims[] = {
    [CLAIM_SUSPENDED] = {"suspended"},
    [CLAIM_GROUPS] = {"groups"},
    [CLAIM_TENANT] = {"tenant"},
    [CLAIM_SUB] = {"sub"},
};

/* What conditions ask of arguments, and then of claims. */
enum {
    IF_QUANTITY_ABOVE_100, IF_PRODUCT_MATCHES_SECRET_ANY, IF_CLAIM_SUB_IS_ARG_USER,
    IF_CLAIM_GROUPS_CONTAINS_ADMINS, IF_CLAIM_SUSPENDED_IS_TRUE, IF_CLAIM_TENANT_IS_SUSPENDED,
    TEST_COUNT
};

static const struct mcpp_test tests[] = {
    /* arg quantity > 100 */
    [IF_QUANTITY_ABOVE_100] = {
        MCPP_GREATER,
        .argument = (const char *const[]){"quantity", NULL},
        .claim = MCPP_NONE,
        .literals = (const struct mcpp_literal[]){{MCPP_NUMBER, "100"}},
        .literal_count = 1,
    },
    /* arg product matches "secret*" */
    [IF_PRODUCT_MATCHES_SECRET_ANY] = {
        MCPP_MATCHES,
        .argument = (const char *const[]){"product", NULL},
        .claim = MCPP_NONE,
        .literals = (const struct mcpp_literal[]){{MCPP_STRING, "secret*"}},
        .literal_count = 1,
    },
    /* claim "sub" == arg user */
    [IF_CLAIM_SUB_IS_ARG_USER] = {
        MCPP_IS_CLAIM,
        .argument = (const char *const[]){"user", NULL},
        .claim = CLAIM_SUB,
    },
    /* claim "groups" contains "admins" */
    [IF_CLAIM_GROUPS_CONTAINS_ADMINS] = {
        MCPP_CONTAINS,
        .claim = CLAIM_GROUPS,
        .literals = (const struct mcpp_literal[]){{MCPP_STRING, "admins"}},
        .literal_count = 1,
    },
    /* claim "suspended" == true */
    [IF_CLAIM_SUSPENDED_IS_TRUE] = {
        MCPP_EQUAL,
        .claim = CLAIM_SUSPENDED,
        .literals = (const struct mcpp_literal[]){{MCPP_TRUE, "true"}},
        .literal_count = 1,
    },
    /* claim "tenant" == "suspended" */
    [IF_CLAIM_TENANT_IS_SUSPENDED] = {
        MCPP_EQUAL,
        .claim = CLAIM_TENANT,
        .literals = (const struct mcpp_literal[]){{MCPP_STRING, "suspended"}},
        .literal_count = 1,
    },
};

/* What can be known about a caller. */
enum {
    TOKEN, READ, WRITE, ADMIN, KEEPER, BOSS, CLAIM_GROUPS_CONTAINS_ADMINS, CLAIM_SUSPENDED_IS_TRUE,
    CLAIM_TENANT_IS_SUSPENDED, FACT_COUNT
};

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN)}},
    /* scope "read" "See orders" */
    [READ] = {MCPP_FACT_SCOPE, "read", "See orders",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(READ)}},
    /* scope "write" "Change orders" implies "read" */
    [WRITE] = {MCPP_FACT_SCOPE, "write", "Change orders",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(READ) | BIT(WRITE)}},
    /* scope "admin" granted when claim "groups" contains "admins" */
    [ADMIN] = {MCPP_FACT_SCOPE, "admin", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(TOKEN) | BIT(ADMIN)}},
    /* role keeper when scope "write" and not claim "suspended" == true */
    [KEEPER] = {MCPP_FACT_ROLE, "keeper", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(KEEPER)}},
    /* role boss when role keeper and scope "admin" */
    [BOSS] = {MCPP_FACT_ROLE, "boss", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(BOSS)}},
    [CLAIM_GROUPS_CONTAINS_ADMINS] = {MCPP_FACT_CLAIM, "claim \"groups\" contains \"admins\"", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(CLAIM_GROUPS_CONTAINS_ADMINS)},
        .test = IF_CLAIM_GROUPS_CONTAINS_ADMINS},
    [CLAIM_SUSPENDED_IS_TRUE] = {MCPP_FACT_CLAIM, "claim \"suspended\" == true", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(CLAIM_SUSPENDED_IS_TRUE)},
        .test = IF_CLAIM_SUSPENDED_IS_TRUE},
    [CLAIM_TENANT_IS_SUSPENDED] = {MCPP_FACT_CLAIM, "claim \"tenant\" == \"suspended\"", "",
        .implies = (const uint64_t[FACT_WORDS]){BIT(CLAIM_TENANT_IS_SUSPENDED)},
        .test = IF_CLAIM_TENANT_IS_SUSPENDED},
};

enum {
    HIDE_DELETE_ORDER, DENY_ALL, DENY_PLACE_ORDER, DENY_PLACE_ORDER_2, ALLOW_ONLY_USER_ORDERS,
    ALLOW_ONLY_USER_ORDERS_2, RULE_COUNT
};

static const struct mcpp_rule rules[] = {
    /* hide deleteOrder unless role boss */
    [HIDE_DELETE_ORDER] = {
        .origin = {"input.mcpp", 19},
        .message = "",
        .on_identity = true,
    },
    /* deny * when claim "tenant" == "suspended" "Your tenant is suspended." */
    [DENY_ALL] = {
        .origin = {"input.mcpp", 20},
        .message = "Your tenant is suspended.",
        .on_identity = true,
    },
    /* deny placeOrder when arg quantity > 100 unless role boss "Orders above 100 need a boss." */
    [DENY_PLACE_ORDER] = {
        .origin = {"input.mcpp", 21},
        .message = "Orders above 100 need a boss.",
        .on_arguments = true,
        .on_identity = true,
    },
    /* deny placeOrder when arg product matches "secret*" */
    [DENY_PLACE_ORDER_2] = {
        .origin = {"input.mcpp", 22},
        .message = "",
        .on_arguments = true,
    },
    /* allow only userOrders when claim "sub" == arg user */
    [ALLOW_ONLY_USER_ORDERS] = {
        .origin = {"input.mcpp", 23},
        .message = "",
        .on_arguments = true,
        .on_identity = true,
    },
    /* allow only userOrders when role boss */
    [ALLOW_ONLY_USER_ORDERS_2] = {
        .origin = {"input.mcpp", 24},
        .message = "",
        .on_identity = true,
    },
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum {
    KEEPER_1, KEEPER_2, ADMIN_1, ADMIN_2, BOSS_1, BOSS_2, LIST_ORDERS_1, PLACE_ORDER_1,
    PLACE_ORDER_2, PLACE_ORDER_3, PLACE_ORDER_4, PLACE_ORDER_5, PLACE_ORDER_6, DELETE_ORDER_1,
    DELETE_ORDER_2, DELETE_ORDER_3, DELETE_ORDER_4, USER_ORDERS_1, USER_ORDERS_2, USER_ORDERS_3,
    USER_ORDERS_4, LIST_ORDERS_2, NODE_COUNT
};

static const struct mcpp_node nodes[] = {
    [KEEPER_1] = {WRITE, .no = MCPP_FAILS, .yes = KEEPER_2},
    [KEEPER_2] = {CLAIM_SUSPENDED_IS_TRUE, .no = MCPP_HOLDS, .yes = MCPP_FAILS},
    [ADMIN_1] = {TOKEN, .no = MCPP_FAILS, .yes = ADMIN_2},
    [ADMIN_2] = {CLAIM_GROUPS_CONTAINS_ADMINS, .no = MCPP_FAILS, .yes = MCPP_HOLDS},
    [BOSS_1] = {ADMIN, .no = MCPP_FAILS, .yes = BOSS_2},
    [BOSS_2] = {KEEPER, .no = MCPP_FAILS, .yes = MCPP_HOLDS},
    [LIST_ORDERS_1] = {READ, .no = MCPP_NEEDS, .yes = LIST_ORDERS_2},
    [PLACE_ORDER_1] = {WRITE, .no = MCPP_NEEDS, .yes = PLACE_ORDER_2},
    [PLACE_ORDER_2] = {BOSS, .no = PLACE_ORDER_3, .yes = PLACE_ORDER_5},
    [PLACE_ORDER_3] = {CLAIM_TENANT_IS_SUSPENDED, .no = PLACE_ORDER_4, .yes = MCPP_DENY(DENY_ALL)},
    [PLACE_ORDER_4] = {FACT_COUNT + IF_QUANTITY_ABOVE_100, .no = PLACE_ORDER_6,
        .yes = MCPP_DENY(DENY_PLACE_ORDER)},
    [PLACE_ORDER_5] = {CLAIM_TENANT_IS_SUSPENDED, .no = PLACE_ORDER_6, .yes = MCPP_DENY(DENY_ALL)},
    [PLACE_ORDER_6] = {FACT_COUNT + IF_PRODUCT_MATCHES_SECRET_ANY, .no = MCPP_ALLOW,
        .yes = MCPP_DENY(DENY_PLACE_ORDER_2)},
    [DELETE_ORDER_1] = {BOSS, .no = MCPP_HIDDEN, .yes = MCPP_ALLOW},
    [DELETE_ORDER_2] = {KEEPER, .no = DELETE_ORDER_3, .yes = DELETE_ORDER_4},
    [DELETE_ORDER_3] = {BOSS, .no = MCPP_HIDDEN, .yes = MCPP_NEEDS},
    [DELETE_ORDER_4] = {BOSS, .no = MCPP_HIDDEN, .yes = LIST_ORDERS_2},
    [USER_ORDERS_1] = {TOKEN, .no = MCPP_NEEDS, .yes = USER_ORDERS_2},
    [USER_ORDERS_2] = {BOSS, .no = USER_ORDERS_3, .yes = LIST_ORDERS_2},
    [USER_ORDERS_3] = {CLAIM_TENANT_IS_SUSPENDED, .no = USER_ORDERS_4, .yes = MCPP_DENY(DENY_ALL)},
    [USER_ORDERS_4] = {FACT_COUNT + IF_CLAIM_SUB_IS_ARG_USER, .no = MCPP_DENY(ALLOW_ONLY_USER_ORDERS),
        .yes = MCPP_ALLOW},
    [LIST_ORDERS_2] = {CLAIM_TENANT_IS_SUSPENDED, .no = MCPP_ALLOW, .yes = MCPP_DENY(DENY_ALL)},
};

/* Roles and scopes that conditions grant, each after those it looks at. */
static const struct mcpp_derived derived[] = {
    {KEEPER, KEEPER_1},
    {ADMIN, ADMIN_1},
    {BOSS, BOSS_1},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_read[FACT_WORDS] = {BIT(READ)};
static const uint64_t needs_write[FACT_WORDS] = {BIT(WRITE)};
static const uint64_t needs_token[FACT_WORDS] = {BIT(TOKEN)};

enum { NEEDS_READ, NEEDS_WRITE, NEEDS_TOKEN, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_READ] = {1, needs_read},
    [NEEDS_WRITE] = {1, needs_write},
    [NEEDS_TOKEN] = {1, needs_token},
};

enum { STAFF, VERIFIER_COUNT };

static const struct mcpp_verifier verifiers[] = {
    /* verifier staff jwt {
     *     issuer   "https://id.example"
     *     audience "shop"
     * } */
    [STAFF] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "staff",
        .issuer = "https://id.example",
        .jwks = "",
        .audiences = (const char *const[]){"shop"},
        .audience_count = 1,
        .scope_claim = "scope",
        .roles_claim = "",
        .algorithms = MCPP_RS256 | MCPP_ES256,
        .leeway_s = 60,
        .origin = {"input.mcpp", 3},
    },
};

enum { LIST_ORDERS, PLACE_ORDER, DELETE_ORDER, USER_ORDERS, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool listOrders GET /orders needs "read" */
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
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_READ,
        .shown = MCPP_ALLOW,
        .decision = LIST_ORDERS_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 14},
    },

    /* tool placeOrder POST /orders needs "write" */
    [PLACE_ORDER] = {
        .name = "placeOrder",
        .title = "",
        .description = "",
        .method = "POST",
        .path = "/orders",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"quantity\":{\"type\":\"integer\"},\"product\":{\"type\":\"string\"}},\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"quantity", "quantity", MCPP_IN_BODY, .style = MCPP_STYLE_JSON},
            {"product", "product", MCPP_IN_BODY, .style = MCPP_STYLE_JSON},
        },
        .parameter_count = 2,
        .body = MCPP_BODY_JSON,
        .content_type = "application/json",
        .accept = "",
        .hints = MCPP_HINT_DESTRUCTIVE | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_WRITE,
        .shown = MCPP_ALLOW,
        .decision = PLACE_ORDER_1,
        .operator_decision = PLACE_ORDER_6,
        .tests = (const uint32_t[]){IF_QUANTITY_ABOVE_100, IF_PRODUCT_MATCHES_SECRET_ANY},
        .test_count = 2,
        .origin = {"input.mcpp", 15},
    },

    /* tool deleteOrder DELETE /orders/{id} needs role keeper */
    [DELETE_ORDER] = {
        .name = "deleteOrder",
        .title = "",
        .description = "",
        .method = "DELETE",
        .path = "/orders/{id}",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\"}},\"required\":[\"id\"],\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"id", "id", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true},
        },
        .parameter_count = 1,
        .content_type = "",
        .accept = "",
        .hints = MCPP_HINT_DESTRUCTIVE | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_WRITE,
        .shown = DELETE_ORDER_1,
        .decision = DELETE_ORDER_2,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 16},
    },

    /* tool userOrders GET /users/{user}/orders needs token */
    [USER_ORDERS] = {
        .name = "userOrders",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/users/{user}/orders",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"user\":{\"type\":\"string\"}},\"required\":[\"user\"],\"additionalProperties\":false}",
        .output_schema = "",
        .parameters = (const struct mcpp_parameter[]){
            {"user", "user", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true},
        },
        .parameter_count = 1,
        .content_type = "",
        .accept = "",
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_TOKEN,
        .shown = MCPP_ALLOW,
        .decision = USER_ORDERS_1,
        .operator_decision = MCPP_ALLOW,
        .tests = (const uint32_t[]){IF_CLAIM_SUB_IS_ARG_USER},
        .test_count = 1,
        .origin = {"input.mcpp", 17},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    0, 0
};

static const uint32_t slots[] = {
    TOOL_COUNT, DELETE_ORDER, PLACE_ORDER, LIST_ORDERS, USER_ORDERS
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
    .claims = claims,
    .claim_count = CLAIM_COUNT,
    .tests = tests,
    .test_count = TEST_COUNT,
    .nodes = nodes,
    .node_count = NODE_COUNT,
    .derived = derived,
    .derived_count = 3,
    .rules = rules,
    .rule_count = RULE_COUNT,
    .challenges = challenges,
    .challenge_count = CHALLENGE_COUNT,
    .verifiers = verifiers,
    .verifier_count = VERIFIER_COUNT,
    .validate_tokens = false,
    .names = {
        .seed = 1,
        .bucket_count = 2,
        .slot_count = 5,
        .displace = displace,
        .slots = slots,
    },
};
