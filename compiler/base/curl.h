/*
 * libcurl's functions, loaded when they are first needed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_CURL_H
#define BASE_CURL_H

#include <curl/curl.h>

struct curl {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
    CURLcode (*easy_perform)(CURL *handle);
    CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
    void (*easy_cleanup)(CURL *handle);
    const char *(*easy_strerror)(CURLcode code);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
};

/* NULL when there is no libcurl. */
const struct curl *curl_load(void);

#endif
