/*
 * A disk that fails, for the process that this library is preloaded into (Linux). It looks at the files of one database
 * (DISK_NAME and what SQLite writes beside it) and counts every write, sync, truncation and removal.
 *
 *   DISK_FAIL_AT=n DISK_ERRNO=e   the nth of them fails with e; with DISK_STAYS=1 all later ones too
 *   DISK_CUT_AT=n DISK_SEED=s     behind the nth the power is cut: of what was not synced a random part stays, in
 *                                 sectors of 512 bytes; names made or removed since the folder was synced may be as
 *                                 before; then the process is killed. DISK_CUT_AT=-1 cuts at the end of the process
 *   DISK_COUNT=file               how many there were is written there
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512
#define FDS 4096
#define FILES 64

/* A sector as it was when it was synced. */
struct image { off_t sector; char bytes[SECTOR]; };

struct file {
    char path[4096];
    struct image *images;
    size_t images_count, images_room;
    unsigned char *is_dirty;
    size_t dirty_room;
    off_t synced_size;
    int is_new;  /* its name may be lost */
    int is_gone; /* removed, but the name may come back; the bytes are at path + ".gone" */
    int is_used;
};

static struct file files[FILES];
static struct file *file_of_fd[FDS];
static const char *name;
static long count, fail_at, cut_at;
static int fail_errno, stays, is_cutting;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_ftruncate)(int, off_t);
static int (*real_open)(const char *, int, ...), (*real_close)(int), (*real_unlink)(const char *);

static long number(const char *variable) {
    const char *text = getenv(variable);
    return text == NULL ? 0 : atol(text);
}

__attribute__((constructor)) static void begin(void) {
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    fail_at = number("DISK_FAIL_AT");
    fail_errno = (int)number("DISK_ERRNO");
    stays = (int)number("DISK_STAYS");
    cut_at = number("DISK_CUT_AT");
    srandom((unsigned)number("DISK_SEED"));
    name = getenv("DISK_NAME");
}

static int is_ours(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *last = slash == NULL ? path : slash + 1;
    return name != NULL && strncmp(last, name, strlen(name)) == 0;
}

static int is_durable(const struct file *file) {
    return file != NULL && strstr(file->path, "-shm") == NULL;
}

/* The nth call fails: errno is set. */
static int fails(void) {
    count++;
    if (fail_at > 0 && (count == fail_at || (stays && count > fail_at))) {
        errno = fail_errno;
        return 1;
    }
    return 0;
}

static struct file *find(const char *path) {
    for (int i = 0; i < FILES; i++)
        if (files[i].is_used && !files[i].is_gone && strcmp(files[i].path, path) == 0) return &files[i];
    return NULL;
}

static struct file *add(const char *path) {
    for (int i = 0; i < FILES; i++)
        if (!files[i].is_used) {
            memset(&files[i], 0, sizeof files[i]);
            snprintf(files[i].path, sizeof files[i].path, "%s", path);
            files[i].is_used = 1;
            return &files[i];
        }
    abort();
}

static off_t size_of(int fd) {
    struct stat facts;
    return fstat(fd, &facts) == 0 ? facts.st_size : 0;
}

/* Keeps what the sectors from `from` to `to` hold on the disk, before they are changed. */
static void keep(struct file *file, int fd, off_t from, off_t to) {
    for (off_t sector = from / SECTOR; sector * SECTOR < to; sector++) {
        if ((size_t)sector >= file->dirty_room) {
            size_t room = (size_t)sector * 2 + 1024;
            file->is_dirty = realloc(file->is_dirty, room);
            memset(file->is_dirty + file->dirty_room, 0, room - file->dirty_room);
            file->dirty_room = room;
        }
        if (file->is_dirty[sector]) continue;
        file->is_dirty[sector] = 1;
        if (file->images_count == file->images_room) {
            file->images_room = file->images_room * 2 + 64;
            file->images = realloc(file->images, file->images_room * sizeof *file->images);
        }
        struct image *image = &file->images[file->images_count++];
        memset(image, 0, sizeof *image);
        image->sector = sector;
        if (real_pread(fd, image->bytes, SECTOR, sector * SECTOR) < 0) abort();
    }
}

static void synced(struct file *file, int fd) {
    file->images_count = 0;
    if (file->dirty_room > 0) memset(file->is_dirty, 0, file->dirty_room);
    file->synced_size = size_of(fd);
}

static void folder_synced(void) {
    for (int i = 0; i < FILES; i++) {
        files[i].is_new = 0;
        if (files[i].is_used && files[i].is_gone) {
            char gone[sizeof files[i].path + 8];
            snprintf(gone, sizeof gone, "%s.gone", files[i].path);
            real_unlink(gone);
            files[i].is_used = 0;
        }
    }
}

/* Leaves of the file what the disk may hold: all that was synced, and a part of what was not. */
static void lose(struct file *file, const char *path, int kept_of_100) {
    int fd = real_open(path, O_RDWR);
    if (fd < 0) return;
    off_t size = size_of(fd);
    off_t left = size != file->synced_size && random() % 2 ? file->synced_size : size;
    if (left > size && real_ftruncate(fd, left) != 0) abort();
    for (size_t i = 0; i < file->images_count; i++) {
        struct image *image = &file->images[i];
        off_t at = image->sector * SECTOR;
        if (at >= size || random() % 100 >= kept_of_100) {
            if (at < left) real_pwrite(fd, image->bytes, left - at < SECTOR ? left - at : SECTOR, at);
        }
    }
    if (left < size && real_ftruncate(fd, left) != 0) abort();
    real_close(fd);
}

static void cut(void) {
    static const int shares[] = {0, 50, 90, 100};
    int kept = shares[random() % 4];
    is_cutting = 1;
    for (int gone = 0; gone < 2; gone++)
        for (int i = 0; i < FILES; i++) {
            struct file *file = &files[i];
            if (!file->is_used || file->is_gone != gone) continue;
            char moved[sizeof file->path + 8];
            snprintf(moved, sizeof moved, "%s.gone", file->path);
            if (!is_durable(file)) {
                real_unlink(file->path);
            } else if (!gone) {
                lose(file, file->path, kept);
                if (file->is_new && random() % 2) real_unlink(file->path);
            } else if (random() % 2 && access(file->path, F_OK) != 0) {
                lose(file, moved, kept);
                rename(moved, file->path);
            } else {
                real_unlink(moved);
            }
        }
    raise(SIGKILL);
}

static void step_done(void) {
    if (cut_at > 0 && count == cut_at) cut();
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("DISK_COUNT");
    if (path != NULL) {
        FILE *out = fopen(path, "w");
        if (out != NULL) {
            fprintf(out, "%ld\n", count);
            fclose(out);
        }
    }
    if (cut_at == -1 && !is_cutting) cut();
}

static struct file *file_at(int fd) {
    return fd >= 0 && fd < FDS ? file_of_fd[fd] : NULL;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int is_there = access(path, F_OK) == 0;
    int fd = real_open(path, flags, mode);
    if (fd >= 0 && fd < FDS && is_ours(path)) {
        struct file *file = find(path);
        if (file == NULL) {
            file = add(path);
            file->is_new = !is_there;
            file->synced_size = is_there ? size_of(fd) : 0;
        }
        file_of_fd[fd] = file;
    }
    return fd;
}

int close(int fd) {
    if (file_at(fd) != NULL) file_of_fd[fd] = NULL;
    return real_close(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
    struct file *file = file_at(fd);
    if (file == NULL) return real_pwrite(fd, bytes, length, at);
    if (fails()) return -1;
    if (cut_at != 0 && is_durable(file)) keep(file, fd, at, at + (off_t)length);
    ssize_t written = real_pwrite(fd, bytes, length, at);
    step_done();
    return written;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    struct file *file = file_at(fd);
    return file == NULL ? real_write(fd, bytes, length) : pwrite64(fd, bytes, length, lseek(fd, 0, SEEK_CUR));
}

static int sync_file(int fd, int (*real)(int)) {
    struct file *file = file_at(fd);
    struct stat facts;
    if (file == NULL) {
        if (cut_at != 0 && fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode)) folder_synced();
        return real(fd);
    }
    if (fails()) return -1;
    if (cut_at != 0) synced(file, fd);
    step_done();
    return 0;
}

int fsync(int fd) { return sync_file(fd, real_fsync); }

int fdatasync(int fd) { return sync_file(fd, real_fdatasync); }

int ftruncate64(int fd, off_t length) {
    struct file *file = file_at(fd);
    if (file == NULL) return real_ftruncate(fd, length);
    if (fails()) return -1;
    if (cut_at != 0 && is_durable(file)) keep(file, fd, length, size_of(fd));
    int result = real_ftruncate(fd, length);
    step_done();
    return result;
}

int unlink(const char *path) {
    struct file *file = is_ours(path) ? find(path) : NULL;
    if (file == NULL) return real_unlink(path);
    if (fails()) return -1;
    if (cut_at == 0 || !is_durable(file)) {
        file->is_used = 0;
        return real_unlink(path);
    }
    char gone[sizeof file->path + 8];
    snprintf(gone, sizeof gone, "%s.gone", path);
    if (rename(path, gone) != 0) return -1;
    if (file->is_new) {
        /* Neither its name nor its removal has reached the disk. */
        file->is_used = 0;
        real_unlink(gone);
    } else {
        for (int i = 0; i < FILES; i++)
            if (files[i].is_used && files[i].is_gone && strcmp(files[i].path, path) == 0) files[i].is_used = 0;
        file->is_gone = 1;
    }
    step_done();
    return 0;
}
