/*
 * A folder on a mounted object store, for the process that this library is preloaded into (Linux): below STORE_FOLDER
 * nothing is renamed, and nothing is opened to be appended to or changed in place.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int is_stored(const char *path) {
    const char *folder = getenv("STORE_FOLDER");
    return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

int rename(const char *from, const char *to) {
    if (is_stored(from) || is_stored(to)) {
        errno = ENOSYS;
        return -1;
    }
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    return real(from, to);
}

static int opened(const char *name, const char *path, int flags, mode_t mode) {
    int changes = (flags & O_ACCMODE) == O_RDWR || ((flags & O_ACCMODE) == O_WRONLY && !(flags & (O_TRUNC | O_EXCL)));
    if (is_stored(path) && ((flags & O_APPEND) || changes)) {
        errno = ENOTSUP;
        return -1;
    }
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    return real(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened("open64", path, flags, mode);
}
