/*
 * Fuzz target: the PROXY protocol's header on any bytes. A header is found the same however its
 * bytes come, it is no longer than what is there, and nothing behind it matters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "grammar/proxy.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct proxy_header header, again;
    enum proxy_scanned found = proxy_scan(data, size, &header);
    if (found == PROXY_MORE)
        require(size < PROXY_HEADER_MAX);
    if (found != PROXY_WHOLE)
        return 0;
    require(header.size <= size && header.size <= PROXY_HEADER_MAX);
    require(!header.has_source || !header.is_local);
    require(!header.has_source || header.source.ss_family == AF_INET ||
            header.source.ss_family == AF_INET6);
    for (size_t cut = 0; cut < header.size; cut++)
        require(proxy_scan(data, cut, &again) == PROXY_MORE);
    require(proxy_scan(data, header.size, &again) == PROXY_WHOLE);
    require(memcmp(&header.source, &again.source, sizeof header.source) == 0);
    return 0;
}
