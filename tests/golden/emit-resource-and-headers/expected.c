/* Made by mcpc 0.1.0 from
 *   input.mcpp  sha256 5ebf4fbaf3a7eda6b40f50e4683fa2b68fac780649dfab170a083a2b475bf5ab
 *   api.yaml  sha256 aba389f30ac9f85801ba70715caaa49d18c162b74dc0705b83d8e2927914ea3f
 * Change the policy, not this file:  mcpc input.mcpp -o policy.c
 * 2 tools, 1 fact, 0 rules, 0 verifiers, 0 credentials. */
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

enum { GET_PET, GET_PICTURE, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool getPet GET /pets/{petId} needs nothing {
     *     resource "pets:/{petId}{?view}"
     *     output   validated
     * } */
    [GET_PET] = {
        .name = "getPet",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/pets/{petId}",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"petId\":{\"type\":\"integer\",\"x-mcp-header\":\"Pet\"},\"view\":{\"type\":\"string\"},\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}},\"required\":[\"petId\"],\"additionalProperties\":false}",
        .output_schema = "{\"type\":\"object\"}",
        .validate_output = true,
        .resource = "pets:/{petId}{?view}",
        .parameters = (const struct mcpp_parameter[]){
            {"petId", "petId", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true, .mcp_header = "Pet"},
            {"view", "view", MCPP_IN_QUERY, .style = MCPP_STYLE_FORM, .explode = true},
            {"tags", "tags", MCPP_IN_QUERY, .style = MCPP_STYLE_FORM, .explode = true},
        },
        .parameter_count = 3,
        .content_type = "",
        .accept = "application/json",
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 4},
    },

    /* tool getPicture GET /pets/{petId}/picture needs nothing {
     *     resource "pets:/{petId}/picture"
     * } */
    [GET_PICTURE] = {
        .name = "getPicture",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/pets/{petId}/picture",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{\"petId\":{\"type\":\"integer\"}},\"required\":[\"petId\"],\"additionalProperties\":false}",
        .output_schema = "",
        .resource = "pets:/{petId}/picture",
        .parameters = (const struct mcpp_parameter[]){
            {"petId", "petId", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, .is_required = true},
        },
        .parameter_count = 1,
        .content_type = "",
        .accept = "",
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_NOTHING,
        .shown = MCPP_ALLOW,
        .decision = MCPP_ALLOW,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 8},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    1
};

static const uint32_t slots[] = {
    GET_PICTURE, GET_PET, TOOL_COUNT
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
    .challenges = challenges,
    .challenge_count = CHALLENGE_COUNT,
    .validate_tokens = false,
    .names = {
        .seed = 1,
        .bucket_count = 1,
        .slot_count = 3,
        .displace = displace,
        .slots = slots,
    },
};
