/*
 * Loading libcurl.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "compiler/base/curl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* dlsym gives an object pointer; POSIX says that its bytes are the function's address. */
static bool find(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol;
}

static bool find_all(void *library, struct curl *curl)
{
    return find(library, "curl_global_init", &curl->global_init) &&
           find(library, "curl_easy_init", &curl->easy_init) &&
           find(library, "curl_easy_setopt", &curl->easy_setopt) &&
           find(library, "curl_easy_perform", &curl->easy_perform) &&
           find(library, "curl_easy_getinfo", &curl->easy_getinfo) &&
           find(library, "curl_easy_cleanup", &curl->easy_cleanup) &&
           find(library, "curl_easy_strerror", &curl->easy_strerror) &&
           find(library, "curl_slist_append", &curl->slist_append) &&
           find(library, "curl_slist_free_all", &curl->slist_free_all);
}

/* The one state of the compiler that outlives a run: a library is loaded once a process. */
const struct curl *curl_load(void)
{
    static struct curl curl;
    static bool is_tried, is_found;
    if (!is_tried) {
        void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
        is_found = library && find_all(library, &curl) &&
                   curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    }
    is_tried = true;
    return is_found ? &curl : NULL;
}
