/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/tls_context.h"

#include <openssl/err.h>

const char *tls_context_fault(void)
{
    unsigned long error = ERR_peek_error();
    const char *text = error ? ERR_reason_error_string(error) : NULL;
    ERR_clear_error();
    return text ? text : "no reason given";
}

static int refuse(char *text, int size, int is_writing, void *context)
{
    (void)text, (void)size, (void)is_writing, (void)context;
    return -1;
}

void tls_context_refuse_pass_phrases(SSL_CTX *context)
{
    SSL_CTX_set_default_passwd_cb(context, refuse);
}
