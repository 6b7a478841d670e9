/*
 * Running a policy as a server. `cc policy.c -lmcpp` needs nothing of this: the library brings a
 * `main` that calls mcpp_main. A program with a `main` of its own calls it itself, and may answer
 * tools by functions of its own: native tools.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPP_SERVER_H
#define MCPP_SERVER_H

#include <mcpp/policy.h>

/*
 * Reads the options (argv as in main; `--help` lists them), serves the policy on stdio or HTTP
 * until the client closes stdin or SIGTERM or SIGINT arrives, and gives the exit status: 0 after a
 * regular stop, 1 when the server could not start or run, 2 after wrong usage.
 *
 * `policy` and `argv` are borrowed and must stay until it returns. To be called once at a time,
 * from one thread: it handles the process's signals, turns core dumps off, raises the limit of open
 * files, and on stdio points file descriptor 1 at standard error, so that only protocol messages
 * reach the real standard output.
 */
int mcpp_main(const struct mcpp_policy *policy, int argc, char **argv);

/* ---- native tools ---- */

/* UTF-8, `len` bytes, not NUL-terminated. `at` may be NULL when `len` is 0. */
struct mcpp_text {
    const char *at;
    size_t len;
};

/* Who is calling. Everything in it is borrowed and gone when the handler returns. */
struct mcpp_caller {
    bool is_verified;         /* a verifier of the policy accepted its token */
    bool is_operator;         /* who runs this process: no token is looked at (stdio, say) */
    struct mcpp_text subject; /* RFC 7519 `sub`; empty unless is_verified, as the next two */
    struct mcpp_text client;  /* RFC 9068 `client_id`; may be empty */
    struct mcpp_text issuer;  /* RFC 7519 `iss`; may be empty */
    const char *verifier;     /* its name in the policy; NULL unless is_verified */
    const void *known;        /* for the functions below */
};

/* Whether the caller holds a scope or a role of the policy, as its `implies`, `granted when` and
 * `role … when` say. False for what the policy does not name. An operator whom nothing narrows
 * holds them all. */
bool mcpp_caller_has_scope(const struct mcpp_caller *caller, const char *scope);
bool mcpp_caller_has_role(const struct mcpp_caller *caller, const char *role);

/* A claim that the policy looks at, by its path there: a string's characters, else JSON text.
 * False when the caller has not got it, or when no statement of the policy names it: claims that
 * nothing looks at are not kept. */
bool mcpp_caller_claim(const struct mcpp_caller *caller, const char *path, struct mcpp_text *out);

/* One call of a native tool. It ends when the handler returns. */
struct mcpp_call;

/* An argument as JSON text, by its name in the tool's input schema; the values that `fill` takes
 * from the caller are among them. The policy has allowed the call and the arguments fit the schema.
 * False when it is not given. */
bool mcpp_call_argument(const struct mcpp_call *call, const char *name, struct mcpp_text *out);

/* The answer; it is copied, and the last one counts. JSON is checked: what is not strict JSON, or
 * does not keep to the tool's output schema where the policy says `output validated`, becomes an
 * error. An error is a result with `isError`, which a model reads. A handler that answers nothing
 * makes an error of the call. */
void mcpp_call_answer_json(struct mcpp_call *call, const char *json, size_t len);
void mcpp_call_answer_text(struct mcpp_call *call, const char *text, size_t len);
void mcpp_call_answer_error(struct mcpp_call *call, const char *text, size_t len);

/* Runs on the loop of the worker that took the call, so that everything else of that worker waits:
 * it must not block. With several workers it runs on several threads at once. */
typedef void mcpp_handler(void *context, const struct mcpp_caller *caller, struct mcpp_call *call);

/* A tool of the policy that `handler` answers, instead of a request to the backend. Everything
 * that the policy says of the tool holds for it: who sees and calls it, with what arguments, how
 * often; so does the audit log. No credential is sent or needed. */
struct mcpp_native_tool {
    const char *name; /* of the tool in the policy */
    mcpp_handler *handler;
    void *context; /* for the handler; NULL is fine */
};

/* As mcpp_main, with native tools. `tools` is borrowed until it returns. A tool that the policy has
 * not got, that is named twice or has no handler is logged, and the status is 1. */
int mcpp_main_native(const struct mcpp_policy *policy, int argc, char **argv,
                     const struct mcpp_native_tool *tools, size_t tool_count);

#endif
