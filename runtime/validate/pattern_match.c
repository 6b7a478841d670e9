/*
 * Follows all states of a pattern's program at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/validate/pattern.h"

static const uint32_t none = UINT32_MAX; /* before the first and after the last character */

struct matching {
    const struct pattern *pattern;
    uint32_t *marks; /* instruction -> the position + 1 at which it was last looked at */
    uint32_t *stack; /* instructions to be looked at here */
    uint32_t *after; /* instructions to be looked at behind the next character */
    uint32_t stack_count, after_count;
    uint32_t before, next; /* characters */
};

uint32_t pattern_decode(const char **at)
{
    const unsigned char *byte = (const unsigned char *)*at;
    uint32_t length = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    uint32_t character = length == 1 ? byte[0] : byte[0] & (0xffU >> (length + 1));
    for (uint32_t i = 1; i < length; i++)
        character = character << 6 | (byte[i] & 0x3fU);
    *at += length;
    return character;
}

static bool is_word(uint32_t character)
{
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '_';
}

static bool is_in(const struct pattern *pattern, const struct pattern_instruction *instruction,
                  uint32_t character)
{
    const struct pattern_range *range = &pattern->ranges[instruction->first];
    for (int32_t i = 0; i < instruction->second; i++)
        if (character >= range[i].low && character <= range[i].high)
            return true;
    return false;
}

static void push(struct matching *matching, uint32_t at)
{
    matching->stack[matching->stack_count++] = at;
}

/* Looks at one instruction here; true when the pattern is found. */
static bool follow(struct matching *matching, uint32_t at)
{
    const struct pattern_instruction *instruction = &matching->pattern->program[at];
    bool goes_on = false, consumes = false;
    switch ((enum pattern_operation)instruction->operation) {
    case PATTERN_MATCH:
        return true;
    case PATTERN_SPLIT:
        push(matching, (uint32_t)((int64_t)at + instruction->second));
        /* fall through */
    case PATTERN_JUMP:
        push(matching, (uint32_t)((int64_t)at + instruction->first));
        break;
    case PATTERN_AT_START:
        goes_on = matching->before == none;
        break;
    case PATTERN_AT_END:
        goes_on = matching->next == none;
        break;
    case PATTERN_AT_WORD:
        goes_on = is_word(matching->before) != is_word(matching->next);
        break;
    case PATTERN_NOT_AT_WORD:
        goes_on = is_word(matching->before) == is_word(matching->next);
        break;
    case PATTERN_CHARACTER:
        consumes = matching->next == (uint32_t)instruction->first;
        break;
    case PATTERN_IN:
    case PATTERN_NOT_IN:
        consumes =
            matching->next != none && is_in(matching->pattern, instruction, matching->next) ==
                                          (instruction->operation == PATTERN_IN);
        break;
    }
    if (goes_on)
        push(matching, at + 1);
    if (consumes)
        matching->after[matching->after_count++] = at + 1;
    return false;
}

size_t pattern_scratch_words(const struct pattern *pattern)
{
    /* marks, after, and a stack: at most two pushes by each instruction, `after`, the start */
    return (size_t)pattern->size * 5 + 2;
}

static enum pattern_result look(struct matching *matching, uint32_t position, uint64_t *steps)
{
    memcpy(matching->stack, matching->after, matching->after_count * sizeof *matching->stack);
    matching->stack_count = matching->after_count;
    matching->after_count = 0;
    push(matching, 0); /* it may begin anywhere */
    while (matching->stack_count) {
        uint32_t at = matching->stack[--matching->stack_count];
        if (*steps == 0)
            return PATTERN_TOO_COSTLY;
        --*steps;
        if (matching->marks[at] == position + 1)
            continue;
        matching->marks[at] = position + 1;
        if (follow(matching, at))
            return PATTERN_FOUND;
    }
    return PATTERN_MISSED;
}

enum pattern_result pattern_match(const struct pattern *pattern, struct slice text,
                                  uint32_t *scratch, uint64_t *steps)
{
    struct matching matching = {.pattern = pattern,
                                .marks = scratch,
                                .after = scratch + pattern->size,
                                .stack = scratch + pattern->size * (size_t)2,
                                .before = none};
    const char *at = text.at, *end = at + text.len;
    bool is_anchored = pattern->program[0].operation == PATTERN_AT_START;
    memset(scratch, 0, pattern->size * sizeof *scratch);
    for (uint32_t position = 0;; position++) {
        bool is_end = at >= end;
        matching.next = is_end ? none : pattern_decode(&at);
        enum pattern_result result = look(&matching, position, steps);
        if (result != PATTERN_MISSED || is_end)
            return result;
        if (is_anchored && matching.after_count == 0)
            return PATTERN_MISSED;
        matching.before = matching.next;
    }
}
