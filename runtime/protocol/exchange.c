/*
 * Exchanges: what transports and protocol share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/exchange.h"

#include <strings.h>

struct slice http_header_get(const struct http_request *request, const char *name, uint32_t *count)
{
    size_t size = strlen(name);
    uint32_t found = 0;
    struct slice value = {0};
    for (uint32_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (header->name.len != size || strncasecmp(header->name.at, name, size) != 0)
            continue;
        found++;
        value = header->value;
    }
    if (count)
        *count = found;
    return found == 1 ? value : (struct slice){0};
}

void exchange_reply(struct exchange *exchange, const struct reply *reply)
{
    exchange->send(exchange, reply);
}

void exchange_begin_events(struct exchange *exchange, struct slice headers)
{
    exchange->events->begin(exchange, headers);
}

void exchange_add_event(struct exchange *exchange, struct slice message)
{
    exchange->events->add(exchange, message);
}

void exchange_end_events(struct exchange *exchange)
{
    exchange->events->end(exchange);
}
