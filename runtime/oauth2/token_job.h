/*
 * One attempt to get a token for an entry of the table: from the store, by refreshing, or by the
 * grant of the credential's flow. Always ends the attempt in the table, and lives on when whoever
 * started it has gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OAUTH2_TOKEN_JOB_H
#define OAUTH2_TOKEN_JOB_H

#include "runtime/oauth2/oauth2_worker.h"
#include "runtime/oauth2/token_store.h"
#include "runtime/oauth2/token_table.h"

/* The asker was told TOKEN_DUE for this entry. The key is copied. */
void token_job_start(struct oauth2_worker *own, const struct token_key *key,
                     struct token_entry *entry);
void token_jobs_close(struct oauth2_worker *own);

/* How the store knows the key. */
struct stored_key token_stored_key(const struct oauth2 *oauth2, const struct token_key *key);

/* The seconds since the epoch at which the answer's token ends; 0: not known. */
uint64_t token_ends_at(const struct token_answer *answer);

#endif
