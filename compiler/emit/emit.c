/*
 * policy.c from its first line to its last.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/emit/emit.h"

#include <openssl/evp.h>
#include <string.h>

#include "compiler/base/file.h"
#include "compiler/emit/access.h"
#include "compiler/emit/c_text.h"
#include "compiler/emit/credentials.h"
#include "compiler/emit/decisions.h"
#include "compiler/emit/part.h"
#include "compiler/emit/tool.h"
#include "compiler/emit/verifier.h"

enum { INPUTS_SHOWN_MAX = 8 };

/* ---- the head ---- */

/* Never an absolute path: the output must not depend on where it was made. */
static struct str shown_name(const struct source *source)
{
    struct str name = source->name;
    return str_starts(name, "/") ? str_from(name, file_folder(name).len) : name;
}

static struct str digest_of(struct str text, struct arena *arena)
{
    unsigned char *digest = arena_alloc(arena, EVP_MAX_MD_SIZE);
    unsigned size = 0;
    if (EVP_Digest(text.at ? text.at : "", text.len, digest, &size, EVP_sha256(), NULL) != 1)
        arena_exhausted(); /* the only way in which hashing memory fails */
    return (struct str){(const char *)digest, size};
}

static void add_digest(struct str digest, struct str_builder *out)
{
    str_add_text(out, "sha256 ");
    for (size_t i = 0; i < digest.len; i++)
        str_add_format(out, "%02x", (unsigned)(unsigned char)digest.at[i]);
    str_add_byte(out, '\n');
}

static void add_input(const struct source *source, struct str_builder *out)
{
    str_add_text(out, " *   ");
    c_text_comment_line(shown_name(source), out);
    str_add_text(out, "  ");
    add_digest(digest_of(source->text, out->arena), out);
}

/* A document may be spread over a thousand files: then they share one line, whose hash is that of
 * their hashes, in the order of reading. */
static void add_inputs(const struct source *const *inputs, uint32_t count, struct str_builder *out)
{
    uint32_t shown = count > INPUTS_SHOWN_MAX ? 1 : count;
    struct str_builder digests = {.arena = out->arena};
    for (uint32_t i = 0; i < shown; i++)
        add_input(inputs[i], out);
    for (uint32_t i = shown; i < count; i++)
        str_add(&digests, digest_of(inputs[i]->text, out->arena));
    if (shown == count)
        return;
    str_add_format(out, " *   and %u files that it refers to, together  ", count - shown);
    add_digest(digest_of(str_built(&digests), out->arena), out);
}

static void add_count(uint32_t count, const char *noun, const char *end, struct str_builder *out)
{
    str_add_format(out, "%u %s%s%s", count, noun, count == 1 ? "" : "s", end);
}

/* "mcpc openapi.yaml -o petstore.mcpp": how the policy to change is had. */
static void add_advice(const struct emission *emission, struct str_builder *out)
{
    const struct policy *policy = emission->tables->source;
    struct str name = emission->ast->source->name;
    if (!emission->is_lowered) {
        str_add_text(out, " * Change the policy, not this file:  mcpc ");
        c_text_comment_line(shown_name(emission->ast->source), out);
        str_add_text(out, " -o policy.c\n");
        return;
    }
    str_add_text(out, " * The statements quoted below are those of ");
    c_text_comment_line(name, out);
    str_add_text(out, ". To change the policy, make it\n *   mcpc ");
    c_text_comment_line(shown_name(policy->api->source), out);
    str_add_text(out, " -o ");
    c_text_comment_line(name, out);
    if (emission->has_options)
        str_add_text(out, "\n * with the options that this was made with, and compile that.\n");
    else
        str_add_text(out, "\n * and compile that.\n");
}

static void add_head(const struct emission *emission, struct str_builder *out)
{
    const struct policy *source = emission->tables->source;
    const struct mcpp_policy *policy = &emission->tables->policy;
    str_add_format(out, "/* Made by %s from\n", policy->compiler);
    add_inputs(source->inputs, emission->is_lowered ? 0 : source->input_count, out);
    add_inputs(source->api->inputs, source->api->input_count, out);
    add_advice(emission, out);
    str_add_text(out, " * ");
    add_count(policy->tool_count, "tool", ", ", out);
    add_count(policy->fact_count, "fact", ", ", out);
    add_count(policy->rule_count, "rule", ", ", out);
    add_count(policy->verifier_count, "verifier", ", ", out);
    add_count(policy->credential_count, "credential", ". */\n", out);
    str_add_text(out, "#include <mcpp/policy.h>\n\n");
}

static void add_version_check(struct str_builder *out)
{
    str_add_format(out,
                   "#if MCPP_POLICY_ABI != %d\n"
                   "#error \"this file is for policy ABI %d and <mcpp/policy.h> is of another: "
                   "run mcpc again\"\n"
                   "#endif\n\n",
                   MCPP_POLICY_ABI, MCPP_POLICY_ABI);
}

static bool has_long_text(const struct mcpp_policy *policy)
{
    for (uint32_t i = 0; i < policy->tool_count; i++) {
        const struct mcpp_tool *tool = &policy->tools[i];
        if (strlen(tool->input_schema) >= C_LITERAL_MAX ||
            strlen(tool->output_schema) >= C_LITERAL_MAX ||
            strlen(tool->description) >= C_LITERAL_MAX || strlen(tool->title) >= C_LITERAL_MAX)
            return true;
    }
    for (uint32_t i = 0; i < policy->fact_count; i++)
        if (strlen(policy->facts[i].description) >= C_LITERAL_MAX)
            return true;
    return false;
}

/* ---- the names ---- */

static void add_displacements(const struct mcpp_hash_table *names, struct str_builder *out)
{
    size_t column = 4;
    str_add_text(out, "static const uint16_t displace[] = {\n    ");
    for (uint32_t i = 0; i < names->bucket_count; i++)
        part_item(str_format(out->arena, "%u", names->displace[i]), i + 1 == names->bucket_count, 4,
                  &column, out);
    str_add_text(out, "\n};\n\n");
}

static void add_slots(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_hash_table *names = &tables->policy.names;
    size_t column = 4;
    str_add_text(out, "static const uint32_t slots[] = {\n    ");
    for (uint32_t i = 0; i < names->slot_count; i++) {
        uint32_t tool = names->slots[i];
        struct str item =
            tool < tables->policy.tool_count ? tables->tool_identifiers[tool] : STR("TOOL_COUNT");
        part_item(item, i + 1 == names->slot_count, 4, &column, out);
    }
    str_add_text(out, "\n};\n\n");
}

static void add_names(const struct tables *tables, struct str_builder *out)
{
    str_add_text(out, "/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */\n");
    add_displacements(&tables->policy.names, out);
    add_slots(tables, out);
}

/* ---- the policy ---- */

static void add_text(const char *name, const char *text, struct str_builder *out)
{
    str_add_format(out, "    .%s = ", name);
    c_text_wrapped(str_of(text), 8, out);
    str_add_text(out, ",\n");
}

/* `.tools = tools, .tool_count = TOOL_COUNT`, or nothing for an array that is not there. */
static void add_array(const char *array, const char *noun, const char *count, uint32_t length,
                      struct str_builder *out)
{
    if (length)
        str_add_format(out, "    .%s = %s,\n    .%s_count = %s,\n", array, array, noun, count);
}

static void add_policy(const struct tables *tables, struct str_builder *out)
{
    const struct mcpp_policy *policy = &tables->policy;
    str_add_text(out, "const struct mcpp_policy mcpp_policy = {\n"
                      "    .abi = MCPP_POLICY_ABI,\n"
                      "    .size = MCPP_POLICY_SIZE,\n");
    add_text("name", policy->name, out);
    add_text("title", policy->title, out);
    add_text("version", policy->version, out);
    add_text("compiler", policy->compiler, out);
    add_text("backend", policy->backend, out);
    add_array("tools", "tool", "TOOL_COUNT", policy->tool_count, out);
    add_array("facts", "fact", "FACT_COUNT", policy->fact_count, out);
    str_add_text(out, "    .fact_words = FACT_WORDS,\n");
    add_array("claims", "claim", "CLAIM_COUNT", policy->claim_count, out);
    add_array("tests", "test", "TEST_COUNT", policy->test_count, out);
    add_array("nodes", "node", "NODE_COUNT", policy->node_count, out);
    if (policy->derived_count)
        str_add_format(out, "    .derived = derived,\n    .derived_count = %u,\n",
                       policy->derived_count);
    add_array("rules", "rule", "RULE_COUNT", policy->rule_count, out);
    add_array("limits", "limit", "LIMIT_COUNT", policy->limit_count, out);
    add_array("challenges", "challenge", "CHALLENGE_COUNT", policy->challenge_count, out);
    if (policy->narrowed)
        str_add_text(out, "    .narrowed = &narrowed,\n");
    add_array("verifiers", "verifier", "VERIFIER_COUNT", policy->verifier_count, out);
    add_array("credentials", "credential", "CREDENTIAL_COUNT", policy->credential_count, out);
    add_array("choices", "choice", "CHOICE_COUNT", policy->choice_count, out);
    str_add_format(out, "    .validate_tokens = %s,\n", policy->validate_tokens ? "true" : "false");
    str_add_format(out,
                   "    .names = {\n"
                   "        .seed = %llu,\n"
                   "        .bucket_count = %u,\n"
                   "        .slot_count = %u,\n"
                   "        .displace = displace,\n"
                   "        .slots = slots,\n"
                   "    },\n};\n",
                   (unsigned long long)policy->names.seed, policy->names.bucket_count,
                   policy->names.slot_count);
}

void emit_policy(const struct emission *emission, struct str_builder *out)
{
    const struct tables *tables = emission->tables;
    add_head(emission, out);
    add_version_check(out);
    if (has_long_text(&tables->policy))
        str_add_text(out,
                     "/* C17 promises 4,095 bytes for a literal, and some texts here are longer;\n"
                     " * gcc and clang take them. */\n"
                     "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\n");
    emit_tests(emission, out);
    emit_facts(emission, out);
    emit_diagrams(emission, out);
    emit_needs(emission, out);
    emit_verifiers(emission, out);
    emit_credentials(emission, out);
    emit_limits(emission, out);
    emit_operator(emission, out);
    emit_tools(emission, out);
    add_names(tables, out);
    add_policy(tables, out);
}
