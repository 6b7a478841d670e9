/*
 * Native tools: a program that answers tools of its policy by functions of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <mcpp/server.h>
#include <stdatomic.h>
#include <stdio.h>

/* The subject is in the caller's hands, so that it is a JSON string only after a look at it. */
static bool is_plain(struct mcpp_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\')
            return false;
    }
    return text.len < 100;
}

static void who_am_i(void *context, const struct mcpp_caller *caller, struct mcpp_call *call)
{
    char json[200];
    (void)context;
    if (!is_plain(caller->subject)) {
        mcpp_call_answer_error(call, "Your name has odd letters.", 26);
        return;
    }
    int len = snprintf(json, sizeof json, "{\"subject\":\"%.*s\",\"writes\":%s}",
                       (int)caller->subject.len, caller->subject.len ? caller->subject.at : "",
                       mcpp_caller_has_scope(caller, "write") ? "true" : "false");
    mcpp_call_answer_json(call, json, (size_t)len);
}

static void add_note(void *context, const struct mcpp_caller *caller, struct mcpp_call *call)
{
    char told[400];
    struct mcpp_text text = {0}, owner = {0};
    atomic_uint *notes = context; /* of all workers */
    (void)caller;
    if (!mcpp_call_argument(call, "text", &text) || !mcpp_call_argument(call, "owner", &owner)) {
        mcpp_call_answer_error(call, "The note is missing.", 20);
        return;
    }
    int len = snprintf(told, sizeof told, "Note %u is on the pile of %.*s.",
                       atomic_fetch_add(notes, 1) + 1, (int)owner.len, owner.at);
    mcpp_call_answer_text(call, told, (size_t)len < sizeof told ? (size_t)len : sizeof told - 1);
}

int main(int argc, char **argv)
{
    static atomic_uint notes;
    static const struct mcpp_native_tool tools[] = {
        {"whoAmI", who_am_i, NULL},
        {"addNote", add_note, &notes},
    };
    return mcpp_main_native(&mcpp_policy, argc, argv, tools, sizeof tools / sizeof tools[0]);
}
