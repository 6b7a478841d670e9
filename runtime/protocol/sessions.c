/*
 * The table: a session has one place, found by its random salt; who comes later takes it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/sessions.h"

#include <pthread.h>
#include <stdlib.h>

enum { PLACES = 1024 };

struct place {
    struct session_salt session;
    bool is_taken;
    enum log_severity severity;
};

struct sessions {
    pthread_mutex_t lock;
    struct place places[PLACES];
};

struct sessions *sessions_open(void)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions)
        pthread_mutex_init(&sessions->lock, NULL);
    return sessions;
}

void sessions_close(struct sessions *sessions)
{
    if (!sessions)
        return;
    pthread_mutex_destroy(&sessions->lock);
    free(sessions);
}

static struct place *place_of(struct sessions *sessions, struct session_salt session)
{
    unsigned number = (unsigned)session.bytes[0] << 8 | session.bytes[1];
    return &sessions->places[number % PLACES];
}

void sessions_set_severity(struct sessions *sessions, struct session_salt session,
                           enum log_severity severity)
{
    pthread_mutex_lock(&sessions->lock);
    *place_of(sessions, session) = (struct place){session, true, severity};
    pthread_mutex_unlock(&sessions->lock);
}

enum log_severity sessions_severity(struct sessions *sessions, struct session_salt session)
{
    pthread_mutex_lock(&sessions->lock);
    const struct place *place = place_of(sessions, session);
    bool is_it = place->is_taken && memcmp(&place->session, &session, sizeof session) == 0;
    enum log_severity severity = is_it ? place->severity : SEVERITY_COUNT;
    pthread_mutex_unlock(&sessions->lock);
    return severity;
}
