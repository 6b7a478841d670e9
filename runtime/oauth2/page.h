/*
 * What the pages that people see in a browser have in common: one look, no part from elsewhere, and
 * a policy (Content Security Policy Level 3) that says so by the hash of the style.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_PAGE_H
#define OAUTH2_PAGE_H

/* A page begins with this and goes on with its title, PAGE_BODY and its text. */
#define PAGE_HEAD                                               \
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">" \
    "<meta name=\"viewport\" content=\"width=device-width\"><style>" PAGE_STYLE "</style><title>"
#define PAGE_BODY "</title><main>"

/* PAGE_STYLE_HASH is base64(SHA-256(PAGE_STYLE)); a browser that finds another one shows no style,
 * and tests/interop/test_login_browser.py fails. */
#define PAGE_STYLE                                                                            \
    "body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;color:#222;background:#f4f4f2}"       \
    "main{max-width:34rem;margin:12vh auto;padding:2rem;background:#fff;border-radius:.5rem;" \
    "border:1px solid #ddd;overflow-wrap:anywhere}h1{font-size:1.4rem;margin:0}"              \
    "button{font:inherit;padding:.5rem 1.5rem}"
#define PAGE_STYLE_HASH "3ssbJI3Nxbu4A99hjEiIQmeMKOf9waPiNuJ+qwEy9iM="

#define PAGE_POLICY \
    "default-src 'none'; style-src 'sha256-" PAGE_STYLE_HASH "'; frame-ancestors 'none'"

#endif
