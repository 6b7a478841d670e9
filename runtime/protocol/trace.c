/*
 * Reading trace context.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/trace.h"

enum {
    PARENT_SIZE = 55, /* 00-<32 digits>-<16 digits>-<2 digits> */
    STATE_MAX = 512,
};

/* Lower-case hexadecimal digits; all zeros mean that there is none. */
static bool is_id(struct slice digits, bool may_be_zero)
{
    bool is_zero = true;
    for (size_t i = 0; i < digits.len; i++) {
        char digit = digits.at[i];
        if (!(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f'))
            return false;
        is_zero &= digit == '0';
    }
    return may_be_zero || !is_zero;
}

bool trace_is_parent(struct slice value)
{
    if (value.len < PARENT_SIZE || value.at[2] != '-' || value.at[35] != '-' || value.at[52] != '-')
        return false;
    struct slice version = {value.at, 2};
    /* a later version may have more behind it */
    bool is_long = slice_is(version, "00") ? value.len > PARENT_SIZE
                                           : value.len > PARENT_SIZE && value.at[55] != '-';
    return is_id(version, true) && !slice_is(version, "ff") && !is_long &&
           is_id((struct slice){value.at + 3, 32}, false) &&
           is_id((struct slice){value.at + 36, 16}, false) &&
           is_id((struct slice){value.at + 53, 2}, true);
}

static bool is_printable(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] < ' ' || value.at[i] > '~')
            return false;
    return value.len <= STATE_MAX;
}

static bool read_one(const struct message *message, const char *name, struct pool *pool,
                     struct slice *out)
{
    uint32_t node = jsonrpc_meta(message, name);
    return node && message->tape->nodes[node].kind == JSON_STRING &&
           jsonrpc_string(message, node, pool, out) && out->len && is_printable(*out);
}

void trace_read(const struct message *message, struct pool *pool, struct slice *traceparent,
                struct slice *tracestate)
{
    struct slice parent, state;
    *traceparent = *tracestate = (struct slice){0};
    if (!read_one(message, "traceparent", pool, &parent) || !trace_is_parent(parent))
        return;
    *traceparent = parent;
    if (read_one(message, "tracestate", pool, &state))
        *tracestate = state;
}
