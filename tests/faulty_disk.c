/* A disk that fails: preloaded, it lets the N-th access to files below FAULT_FOLDER fail.
 *
 * FAULT_AT     which access fails, counted from 1; unset: none is counted.
 * FAULT_ERRNO  how: ENOSPC and those after it too, as on a full disk; EIO once. 0: what is written is
 *              changed on its way, and the disk says that all is well.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int count = 0;

static int below(const char *path) {
    const char *folder = getenv("FAULT_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int held(int handle) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

/* What an access does, which decides how it can fail: EIO always, else as it writes. */
enum kind { READS, MAKES, WRITES };

/* Return 1 where this access fails, -1 where what it writes is to be changed, else 0. */
static int fails(enum kind kind) {
    const char *at = getenv("FAULT_AT"), *how = getenv("FAULT_ERRNO");
    if (!at || !how) return 0;
    int wanted = atoi(at), number = atoi(how);
    if (number == 0 && kind != WRITES) return 0;
    if (number == ENOSPC && kind == READS) return 0;
    count++;
    if (number == ENOSPC ? count < wanted : count != wanted) return 0;
    errno = number;
    return number ? 1 : -1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int handle, const void *data, size_t size) {
    int wrong = held(handle) ? fails(WRITES) : 0;
    if (wrong > 0) return -1;
    if (wrong < 0 && size) {
        char *copy = malloc(size);
        memcpy(copy, data, size);
        copy[size / 2] ^= 1;
        ssize_t written = NEXT(write)(handle, copy, size);
        free(copy);
        return written;
    }
    return NEXT(write)(handle, data, size);
}

ssize_t read(int handle, void *data, size_t size) {
    if (held(handle) && fails(READS)) return -1;
    return NEXT(read)(handle, data, size);
}

int fsync(int handle) {
    if (held(handle) && fails(MAKES)) return -1;
    return NEXT(fsync)(handle);
}

int fchmod(int handle, mode_t mode) {
    if (held(handle) && fails(READS)) return -1;
    return NEXT(fchmod)(handle, mode);
}

int rename(const char *from, const char *to) {
    if (below(to) && fails(MAKES)) return -1;
    return NEXT(rename)(from, to);
}

#define OPEN(name)                                                        \
    int name(const char *path, int flags, ...) {                          \
        va_list rest;                                                     \
        va_start(rest, flags);                                            \
        mode_t mode = va_arg(rest, mode_t);                               \
        va_end(rest);                                                     \
        if (below(path) && fails(flags & O_CREAT ? MAKES : READS)) return -1; \
        return NEXT(name)(path, flags, mode);                             \
    }

OPEN(open)
OPEN(open64)
