/*
 * policy.c as a whole, from tables made by hand: its parts, its order, that it is the same twice.
 * That it compiles is tested by tests/golden.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/check.h"
#include "tests/unit/sample_policy.h"

#include "compiler/emit/emit.h"

static bool has(struct str text, const char *wanted)
{
    return strstr(text.at, wanted) != NULL;
}

static struct str emit(struct sample *s)
{
    struct tables tables;
    struct str_builder out = {.arena = &s->arena};
    struct policy_ast ast = {.source = s->source};
    struct emission emission = {.tables = &tables, .ast = &ast};
    if (!CHECK(sample_tables(s, &tables)))
        return STR("");
    emit_policy(&emission, &out);
    return str_built(&out);
}

static struct sample *make_sample(void)
{
    static const struct argument arguments[] = {
        {.name = STR_INIT("id"), .wire_name = STR_INIT("id"), .is_required = true},
        {.name = STR_INIT("tags"),
         .wire_name = STR_INIT("tag[]"),
         .place = PLACE_QUERY,
         .style = STYLE_FORM,
         .explode = true}};
    struct sample *s = sample_open();
    sample_scope(s, "read", NULL, 0);
    struct operation *operation = sample_tool(s, "get", sample_has(s, "read"));
    operation->arguments = arguments;
    operation->argument_count = 2;
    return s;
}

static void check_parts(void)
{
    struct sample *s = make_sample();
    struct str text = emit(s);
    CHECK(has(text, "#include <mcpp/policy.h>\n"));
    CHECK(has(text, "#if MCPP_POLICY_ABI != 2\n#error "));
    CHECK(has(text, "enum { TOKEN, READ, FACT_COUNT };\n"));
    CHECK(has(text, "needs_read[FACT_WORDS] = {BIT(READ)};\n"));
    CHECK(has(text, "    [GET] = {\n        .name = \"get\",\n"));
    CHECK(has(text, "            {\"id\", \"id\", MCPP_IN_PATH, .style = MCPP_STYLE_SIMPLE, "
                    ".is_required = true},\n"));
    CHECK(has(text, "            {\"tags\", \"tag[]\", MCPP_IN_QUERY, .style = MCPP_STYLE_FORM, "
                    ".explode = true},\n"));
    CHECK(has(text, "        .challenge = NEEDS_READ,\n"));
    CHECK(has(text, "const struct mcpp_policy mcpp_policy = {\n"));
    CHECK(!has(text, "Woverlength-strings") && !has(text, "mcpp_verifier"));
    CHECK(str_equal(text, emit(s)));
    sample_close(s);
}

/* The pragma comes exactly when a literal is longer than C17 promises. */
static void check_long_texts(void)
{
    struct sample *s = make_sample();
    char *long_text = arena_alloc(&s->arena, 4097);
    memset(long_text, 'x', 4094);
    s->tools[0].description = str_of(long_text);
    CHECK(!has(emit(s), "Woverlength-strings"));
    long_text[4094] = 'x';
    s->tools[0].description = str_of(long_text);
    CHECK(has(emit(s), "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"));
    sample_close(s);
}

static void check_wide_facts(void)
{
    struct sample *s = make_sample();
    for (uint32_t i = 0; i < 100; i++)
        sample_scope(s, str_format(&s->arena, "s%u", i).at, NULL, 0);
    sample_tool(s, "wide", sample_or(s, sample_has(s, "s1"), sample_has(s, "s99")));
    struct str text = emit(s);
    CHECK(has(text, "needs_s1_or_s99[2 * FACT_WORDS] = {\n    [0] = BIT(S1),\n"
                    "    [1 * FACT_WORDS + 1] = BIT(S99),\n};\n"));
    sample_close(s);
}

static void check_empty(void)
{
    struct sample *s = sample_open();
    struct str text = emit(s);
    CHECK(has(text, "enum { TOOL_COUNT };\n"));
    CHECK(!has(text, "tools[]") && !has(text, ".tools"));
    sample_close(s);
}

/* An absolute path must not reach the output. */
static void check_paths(void)
{
    struct sample *s = make_sample();
    static const struct source *inputs[1];
    s->source->name = STR("/somewhere/else/*/sample.mcpp");
    s->tools[0].origin = (struct span){s->source, 0, 4};
    inputs[0] = s->source;
    s->policy.inputs = inputs;
    s->policy.input_count = 1;
    struct str text = emit(s);
    CHECK(has(text, " *   sample.mcpp  sha256 "));
    CHECK(has(text, ".origin = {\"sample.mcpp\", 1},\n"));
    CHECK(!has(text, "somewhere"));
    /* SHA-256 of "mcpp 1\n" */
    CHECK(has(text, "fa6d974fdf2adf28743dcbe58429556bbafbd98fe2a2d35ec53fb9293aebd48c"));
    sample_close(s);
}

int main(void)
{
    check_parts();
    check_long_texts();
    check_wide_facts();
    check_empty();
    check_paths();
    return check_report();
}
