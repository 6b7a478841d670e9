/*
 * Sealed cursors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/protocol/cursor.h"

bool cursor_write(const uint8_t key[static SEAL_KEY], uint32_t tool, char out[static SEAL_TEXT_MAX])
{
    const uint8_t bytes[4] = {(uint8_t)(tool >> 24), (uint8_t)(tool >> 16), (uint8_t)(tool >> 8),
                              (uint8_t)tool};
    return seal_text(key, "cursor", bytes, sizeof bytes, out);
}

bool cursor_read(const uint8_t key[static SEAL_KEY], struct slice cursor, uint32_t *tool)
{
    uint8_t bytes[4];
    if (!seal_open(key, "cursor", cursor, bytes, sizeof bytes))
        return false;
    *tool =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return true;
}
