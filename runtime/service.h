/*
 * What a service manager and this process say to each other: systemd's protocols for sockets that
 * are handed over (sd_listen_fds) and for the state of a service (sd_notify). Without a manager all
 * of it does nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUNTIME_SERVICE_H
#define RUNTIME_SERVICE_H

#include <stdint.h>

enum { SERVICE_FIRST_SOCKET = 3 };

/* How many sockets were handed over, from SERVICE_FIRST_SOCKET on; they are closed on exec. Takes
 * the variables out of the environment. */
unsigned service_take_sockets(void);

/* "READY=1", "STOPPING=1", … */
void service_notify(const char *state);
void service_notify_reloading(void);

/* How often it wants to hear "WATCHDOG=1", in milliseconds; 0: never. */
uint32_t service_watchdog_ms(void);

#endif
