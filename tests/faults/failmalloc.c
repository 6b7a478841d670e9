/*
 * A library to be preloaded: fails the n-th allocation of a process, or all from the n-th on, when
 * it is told to through a file in memory (FAILMALLOC_CONTROL), and counts what is allocated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *piece);

/* The file: four numbers of 8 bytes. */
struct control {
    atomic_long left;   /* the allocation that fails; counted down; 0: none */
    atomic_long lasts;  /* not 0: all after it fail too */
    atomic_long failed; /* how many did */
    atomic_long live;   /* pieces that were allocated and not freed */
};

static struct control none, *control = &none;

__attribute__((constructor)) static void open_control(void)
{
    const char *name = getenv("FAILMALLOC_CONTROL");
    int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *found = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (found == MAP_FAILED)
        return;
    struct control *opened = found;
    atomic_fetch_add(&opened->live, atomic_load(&none.live));
    control = opened;
}

static int fails(void)
{
    long left = atomic_load_explicit(&control->left, memory_order_relaxed);
    if (left <= 0)
        return 0;
    left = atomic_fetch_sub(&control->left, 1);
    if (left > 1)
        return 0;
    if (atomic_load(&control->lasts))
        atomic_store(&control->left, 1);
    atomic_fetch_add(&control->failed, 1);
    errno = ENOMEM;
    return 1;
}

static void *counted(void *piece)
{
    if (piece)
        atomic_fetch_add_explicit(&control->live, 1, memory_order_relaxed);
    return piece;
}

void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
    if (fails())
        return NULL;
    void *piece = __libc_realloc(old, size);
    return old ? piece : counted(piece);
}

void *memalign(size_t alignment, size_t size)
{
    return fails() ? NULL : counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *piece = memalign(alignment, size);
    if (piece)
        *out = piece;
    return piece ? 0 : ENOMEM;
}

void free(void *piece)
{
    if (piece)
        atomic_fetch_sub_explicit(&control->live, 1, memory_order_relaxed);
    __libc_free(piece);
}
