/*
 * Compressing with zlib, at its fastest: lists of tools shrink to a tenth that way too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/transport/compress.h"

#include <stdlib.h>
#include <zlib.h>

enum { LEVEL = 1, WINDOW_BITS = 15 + 16 /* 16: gzip's frame */, MEMORY_LEVEL = 8 };

struct compress {
    z_stream stream;
};

struct compress *compress_open(void)
{
    struct compress *compress = calloc(1, sizeof *compress);
    if (!compress)
        return NULL;
    if (deflateInit2(&compress->stream, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) == Z_OK)
        return compress;
    free(compress);
    return NULL;
}

void compress_close(struct compress *compress)
{
    if (!compress)
        return;
    deflateEnd(&compress->stream);
    free(compress);
}

bool compress_text(struct compress *compress, struct slice text, struct pool *pool,
                   struct slice *out)
{
    z_stream *stream = &compress->stream;
    Bytef *in = NULL, *packed = text.len > COMPRESS_LEAST ? pool_alloc(pool, text.len) : NULL;
    if (!packed || text.len > UINT32_MAX || deflateReset(stream) != Z_OK)
        return false;
    memcpy(&in, &text.at, sizeof in); /* zlib does not promise const, and keeps it */
    stream->next_in = in;
    stream->avail_in = (uInt)text.len;
    stream->next_out = packed;
    stream->avail_out = (uInt)text.len; /* more is not wanted */
    if (deflate(stream, Z_FINISH) != Z_STREAM_END)
        return false;
    *out = (struct slice){(const char *)packed, text.len - stream->avail_out};
    return true;
}
