/*
 * Which sockets are registered with the loop, and for what.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/upstream/watch.h"

#include <stdlib.h>
#include <string.h>

static struct watch *watch_at(struct watch_table *table, int file)
{
    size_t index = (size_t)file;
    if (file < 0)
        return NULL;
    if (index >= table->count) {
        size_t count = index + 64;
        struct watch *watches = realloc(table->watches, count * sizeof *watches);
        if (!watches)
            return NULL;
        memset(watches + table->count, 0, (count - table->count) * sizeof *watches);
        table->watches = watches;
        table->count = count;
    }
    return &table->watches[index];
}

static void drop(struct watch *watch)
{
    if (watch->is_registered)
        event_del(watch->event);
    watch->is_registered = false;
}

static bool enter(struct watch_table *table, struct watch *watch, int file, short events)
{
    drop(watch);
    if (!watch->event)
        watch->event = event_new(table->loop, file, (short)(events | EV_PERSIST), table->fired,
                                 table->context);
    else if (event_assign(watch->event, table->loop, file, (short)(events | EV_PERSIST),
                          table->fired, table->context))
        return false;
    if (!watch->event || event_add(watch->event, NULL))
        return false;
    watch->is_registered = true;
    watch->events = events;
    return true;
}

bool watch_set(struct watch_table *table, int file, short events)
{
    struct watch *watch = watch_at(table, file);
    if (!watch)
        return false;
    watch->is_wanted = events != 0;
    if (events)
        return (watch->is_registered && watch->events == events) ||
               enter(table, watch, file, events);
    /* others than connections are closed behind our back, and their number is used again */
    if (!watch->is_connection)
        drop(watch);
    return true;
}

bool watch_opened(struct watch_table *table, int file)
{
    struct watch *watch = watch_at(table, file);
    if (!watch)
        return false;
    drop(watch);
    watch->is_wanted = false;
    watch->is_connection = true;
    return true;
}

void watch_closed(struct watch_table *table, int file)
{
    if (file < 0 || (size_t)file >= table->count)
        return;
    drop(&table->watches[file]);
    table->watches[file].is_wanted = false;
    table->watches[file].is_connection = false;
}

bool watch_fired(struct watch_table *table, int file)
{
    if (file < 0 || (size_t)file >= table->count)
        return false;
    struct watch *watch = &table->watches[file];
    if (!watch->is_wanted)
        drop(watch);
    return watch->is_wanted;
}

void watch_table_close(struct watch_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        drop(&table->watches[i]);
        if (table->watches[i].event)
            event_free(table->watches[i].event);
    }
    free(table->watches);
    table->watches = NULL;
    table->count = 0;
}
