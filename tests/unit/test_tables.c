/*
 * Layout of the tables, identifiers, refusals; and that the verification sees broken tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"
#include "tests/unit/sample_policy.h"

#include "compiler/tables/c_name.h"
#include "compiler/tables/facts.h"
#include "compiler/tables/layout.h"
#include "compiler/tables/verify.h"

static void check_names(void)
{
    struct arena arena = {0};
    struct c_names names;
    c_names_open(&names, &arena);
    static const struct {
        const char *text, *wanted;
    } cases[] = {{"getPetById", "GET_PET_BY_ID"},
                 {"getPetById", "GET_PET_BY_ID_2"},
                 {"get_pet-by id", "GET_PET_BY_ID_3"},
                 {"read:pets", "READ_PETS"},
                 {"getURLPath2x", "GET_URL_PATH2X"},
                 {"v2Orders", "V2_ORDERS"},
                 {"int", "X_INT"},
                 {"NULL", "X_NULL"},
                 {"uint64_c", "X_UINT64_C"},
                 {"mcpp policy", "X_MCPP_POLICY"},
                 {"2fast", "X_2FAST"},
                 {"", "X"},
                 {"\xe6\x97\xa5", "X_2"},
                 {"TOOL_COUNT", "TOOL_COUNT_2"},
                 {"while", "WHILE"},
                 {"*/ int x;", "X_INT_X"},
                 {"GET_PET_BY_ID_2", "GET_PET_BY_ID_2_2"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str name = c_name(&names, str_of(cases[i].text), "X");
        CHECK_STR(name, cases[i].wanted);
    }
    struct str name = c_name_with_prefix(&names, "needs_", STR("READ_PETS"), "x");
    CHECK_STR(name, "needs_read_pets");
    name = c_name_with_prefix(&names, "needs_", STR("read pets"), "x");
    CHECK_STR(name, "needs_read_pets_2");
    arena_free(&arena);
}

static struct sample *make_sample(struct tables *tables)
{
    struct sample *s = sample_open();
    uint32_t read = sample_scope(s, "read:pets", NULL, 0);
    sample_scope(s, "write:pets", &read, 1);
    const struct condition *reads = sample_has(s, "read:pets");
    const struct condition *writes = sample_has(s, "write:pets");
    sample_tool(s, "getPet", reads);
    sample_tool(s, "addPet", sample_and(s, writes, reads));
    sample_tool(s, "listPets", reads);
    sample_tool(s, "readPets", sample_condition(s, CONDITION_NOTHING, NULL, NULL));
    CHECK(sample_tables(s, tables));
    return s;
}

static void check_layout(void)
{
    struct tables tables;
    struct sample *s = make_sample(&tables);
    const struct mcpp_policy *policy = &tables.policy;
    CHECK_INT(policy->abi, MCPP_POLICY_ABI);
    CHECK_INT(policy->size, MCPP_POLICY_SIZE);
    CHECK_INT(policy->tool_count, 4);
    CHECK_INT(policy->fact_count, 3);
    CHECK_INT(policy->fact_words, 1);
    CHECK(policy->facts[0].kind == MCPP_FACT_TOKEN && strcmp(policy->facts[0].name, "token") == 0);
    CHECK_INT(*policy->facts[1].implies, 1 << 0 | 1 << 1);
    CHECK_INT(*policy->facts[2].implies, 1 << 0 | 1 << 1 | 1 << 2);
    CHECK_INT(tables.group_count, 3);
    CHECK_STR(tables.groups[0].identifier, "needs_read_pets");
    CHECK_STR(tables.groups[1].identifier, "needs_write_pets");
    CHECK_STR(tables.groups[2].identifier, "needs_nothing");
    CHECK_INT(tables.tool_groups[2], 0);
    CHECK(policy->tools[0].challenge == policy->tools[2].challenge);
    CHECK_STR(tables.fact_identifiers[1], "READ_PETS");
    CHECK_STR(tables.tool_identifiers[3], "READ_PETS_2");
    CHECK(strcmp(policy->tools[1].path, "/addPet") == 0);
    CHECK(policy->tools[1].title[0] == '\0' && policy->tools[1].output_schema[0] == '\0');
    sample_close(s);
}

/* Each of these breaks a table in a way that would let a caller through or lock one out. */
static void check_verification(void)
{
    struct tables tables;
    struct sample *s = make_sample(&tables);
    struct mcpp_tool *tools = (struct mcpp_tool *)(uintptr_t)tables.policy.tools;
    uint32_t *slots = (uint32_t *)(uintptr_t)tables.policy.names.slots;
    CHECK(tables_verify(&tables, &s->diags));
    uint32_t decision = tools[1].decision;
    tools[1].decision = MCPP_ALLOW; /* anybody may */
    CHECK(!tables_verify(&tables, &s->diags));
    tools[1].decision = tools[0].decision; /* another scope is enough */
    CHECK(!tables_verify(&tables, &s->diags));
    tools[1].decision = MCPP_NEEDS; /* nobody may */
    CHECK(!tables_verify(&tables, &s->diags));
    tools[1].decision = decision;
    tools[1].operator_decision = MCPP_NEEDS;
    CHECK(!tables_verify(&tables, &s->diags));
    tools[1].operator_decision = MCPP_ALLOW;
    tools[1].shown = MCPP_HIDDEN;
    CHECK(!tables_verify(&tables, &s->diags));
    tools[1].shown = MCPP_ALLOW;
    CHECK(tables_verify(&tables, &s->diags));
    for (uint32_t i = 0; i < tables.policy.names.slot_count; i++) {
        uint32_t kept = slots[i];
        slots[i] = (kept + 1) % (tables.policy.tool_count + 1); /* another tool, or none */
        CHECK(tables_verify(&tables, &s->diags) == (kept == tables.policy.tool_count));
        slots[i] = kept;
    }
    CHECK(s->diags.error_count > 0 && strcmp(s->diags.items.at[0].slug, "internal-error") == 0);
    sample_close(s);
}

/* NUL would end a C string early: refused in what must arrive exactly, shown in what is read. */
static void check_nul(void)
{
    struct tables tables;
    struct sample *s = sample_open();
    sample_tool(s, "tool", sample_condition(s, CONDITION_NOTHING, NULL, NULL));
    s->tools[0].title = (struct str){"a\0b", 3};
    CHECK(sample_tables(s, &tables));
    CHECK(strcmp(tables.policy.tools[0].title, "a\xef\xbf\xbd"
                                               "b") == 0);
    struct operation *operation =
        sample_tool(s, "other", sample_condition(s, CONDITION_NOTHING, NULL, NULL));
    operation->path = (struct str){"/a\0/../admin", 12};
    CHECK(!sample_tables(s, &tables));
    CHECK(s->diags.error_count == 1 && strcmp(s->diags.items.at[0].slug, "nul-character") == 0);
    sample_close(s);
}

static void check_too_many_alternatives(void)
{
    struct tables tables;
    struct sample *s = sample_open();
    const struct condition *all = NULL;
    for (uint32_t i = 0; i < 20; i++) {
        const char *left = str_format(&s->arena, "a%u", i).at;
        const char *right = str_format(&s->arena, "b%u", i).at;
        sample_scope(s, left, NULL, 0);
        sample_scope(s, right, NULL, 0);
        const struct condition *pair = sample_or(s, sample_has(s, left), sample_has(s, right));
        all = all ? sample_and(s, all, pair) : pair;
    }
    sample_tool(s, "tool", all);
    CHECK(!sample_tables(s, &tables));
    CHECK(s->diags.error_count == 1 &&
          strcmp(s->diags.items.at[0].slug, "too-many-alternatives") == 0);
    sample_close(s);
}

/* More facts than a word has bits, and a condition over more facts than are tried exhaustively. */
static void check_wide(void)
{
    struct tables tables;
    struct sample *s = sample_open();
    const struct condition *all = NULL;
    for (uint32_t i = 0; i < 200; i++) {
        const char *name = str_format(&s->arena, "s%u", i).at;
        uint32_t before = i ? i - 1 : 0;
        sample_scope(s, name, &before, i % 7 == 3 ? 1 : 0);
        if (i % 9 == 0)
            all = all ? sample_or(s, all, sample_has(s, name)) : sample_has(s, name);
    }
    sample_tool(s, "some", all);
    sample_tool(s, "last", sample_and(s, sample_has(s, "s199"), sample_has(s, "s63")));
    CHECK(sample_tables(s, &tables));
    CHECK_INT(tables.policy.fact_words, 4);
    CHECK_INT(tables.policy.challenges[tables.policy.tools[0].challenge].count, 23);
    CHECK_STR(tables.groups[0].identifier, "needs_1");
    CHECK_STR(tables.groups[1].identifier, "needs_s63_and_s199");
    sample_close(s);
}

int main(void)
{
    check_names();
    check_layout();
    check_verification();
    check_nul();
    check_too_many_alternatives();
    check_wide();
    return check_report();
}
