/* Loaded before the C library: counts what a process changes below a folder, and lets it fail from a moment on.

   FAULT_ROOT   the folder
   FAULT_COUNT  file to which the number of changes is written when the process ends
   FAULT_AT     which change is the first to fail; none if 0
   FAULT_ERRNO  with which error
   FAULT_ONCE   whether those after it work again

   A change is: a file opened to be written, a write, a flush to the disk, a rename, a link, a new folder. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long changes;

static long setting(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static int below_root(const char *path) {
    const char *root = getenv("FAULT_ROOT");
    char folder[4096];
    if (!root || !path) return 0;
    if (path[0] != '/') return getcwd(folder, sizeof folder) && !strncmp(folder, root, strlen(root));
    return !strncmp(path, root, strlen(root));
}

static int fails(int counts) {
    if (!counts) return 0;
    long change = __atomic_add_fetch(&changes, 1, __ATOMIC_SEQ_CST), at = setting("FAULT_AT");
    if (!at || change < at || (change > at && setting("FAULT_ONCE"))) return 0;
    errno = (int)setting("FAULT_ERRNO");
    return 1;
}

static int open_below(int number) {
    char link[64], path[4096];
    if (number < 3) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", number);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return path[0] == '/' && below_root(path); /* no pipe or event */
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("FAULT_COUNT");
    if (!path) return;
    FILE *file = fopen(path, "a");
    if (!file) return;
    fprintf(file, "%ld\n", changes);
    fclose(file);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRITES(flags) ((flags) & (O_WRONLY | O_RDWR | O_CREAT))
#define OPEN(name)                                                                     \
    int name(const char *path, int flags, ...) {                                       \
        va_list rest;                                                                  \
        va_start(rest, flags);                                                         \
        mode_t mode = va_arg(rest, mode_t);                                            \
        va_end(rest);                                                                  \
        return fails(WRITES(flags) && below_root(path)) ? -1 : NEXT(name)(path, flags, mode); \
    }
#define OPEN_AT(name)                                                                  \
    int name(int folder, const char *path, int flags, ...) {                           \
        va_list rest;                                                                  \
        va_start(rest, flags);                                                         \
        mode_t mode = va_arg(rest, mode_t);                                            \
        va_end(rest);                                                                  \
        return fails(WRITES(flags) && below_root(path)) ? -1 : NEXT(name)(folder, path, flags, mode); \
    }
#define CHANGE(kind, name, parameters, given, counts)                                  \
    kind name parameters { return fails(counts) ? -1 : NEXT(name) given; }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
CHANGE(ssize_t, write, (int number, const void *from, size_t size), (number, from, size), open_below(number))
CHANGE(ssize_t, writev, (int number, const struct iovec *from, int count), (number, from, count), open_below(number))
CHANGE(ssize_t, pwrite64, (int number, const void *from, size_t size, off64_t at), (number, from, size, at),
       open_below(number))
CHANGE(ssize_t, copy_file_range, (int from, off64_t *at, int to, off64_t *there, size_t size, unsigned flags),
       (from, at, to, there, size, flags), open_below(to))
CHANGE(int, fsync, (int number), (number), open_below(number))
CHANGE(int, fdatasync, (int number), (number), open_below(number))
CHANGE(int, ftruncate64, (int number, off64_t size), (number, size), open_below(number))
CHANGE(int, rename, (const char *from, const char *to), (from, to), below_root(to))
CHANGE(int, link, (const char *from, const char *to), (from, to), below_root(to))
CHANGE(int, linkat, (int one, const char *from, int other, const char *to, int flags), (one, from, other, to, flags),
       below_root(to))
CHANGE(int, mkdir, (const char *path, mode_t mode), (path, mode), below_root(path))
