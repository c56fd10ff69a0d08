/* A preloaded library that makes the disk fail at one chosen call, in files below one folder.
 *
 * The environment says what: DISK_FAULT_FOLDER (a path), DISK_FAULT_CALL (write, flush or read), DISK_FAULT_AT (the
 * first call is 1), DISK_FAULT_DOES (an errno, or "kill"), DISK_FAULT_FIRED (a file that is created when it happens).
 * Calls after the chosen one succeed again. Built and used by injection.py.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long seen = 0;

static int is_below(int fd, const char *folder) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* 0: the call is made. Otherwise errno is set and the call fails. */
static int fails(int fd, const char *call) {
    const char *chosen = getenv("DISK_FAULT_CALL"), *folder = getenv("DISK_FAULT_FOLDER");
    if (!chosen || !folder || strcmp(chosen, call) != 0 || !is_below(fd, folder)) return 0;
    if (++seen != atol(getenv("DISK_FAULT_AT"))) return 0;
    int fired = open(getenv("DISK_FAULT_FIRED"), O_CREAT | O_WRONLY, 0600);
    if (fired >= 0) close(fired);
    const char *what = getenv("DISK_FAULT_DOES");
    if (strcmp(what, "kill") == 0) kill(getpid(), SIGKILL);
    errno = atoi(what);
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *buffer, size_t size) {
    return fails(fd, "write") ? -1 : REAL(write)(fd, buffer, size);
}
ssize_t pwrite(int fd, const void *buffer, size_t size, off_t at) {
    return fails(fd, "write") ? -1 : REAL(pwrite)(fd, buffer, size, at);
}
ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t at) {
    return fails(fd, "write") ? -1 : REAL(pwrite64)(fd, buffer, size, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    return fails(fd, "write") ? -1 : REAL(writev)(fd, parts, count);
}
ssize_t sendfile64(int out, int in, off64_t *at, size_t size) {
    static ssize_t (*real)(int, int, off64_t *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "sendfile64");
    return fails(out, "write") ? -1 : real(out, in, at, size);
}
int ftruncate64(int fd, off64_t size) {
    return fails(fd, "write") ? -1 : REAL(ftruncate64)(fd, size);
}
ssize_t read(int fd, void *buffer, size_t size) {
    return fails(fd, "read") ? -1 : REAL(read)(fd, buffer, size);
}
ssize_t pread(int fd, void *buffer, size_t size, off_t at) {
    return fails(fd, "read") ? -1 : REAL(pread)(fd, buffer, size, at);
}
ssize_t pread64(int fd, void *buffer, size_t size, off64_t at) {
    return fails(fd, "read") ? -1 : REAL(pread64)(fd, buffer, size, at);
}
int fsync(int fd) {
    return fails(fd, "flush") ? -1 : REAL(fsync)(fd);
}
int fdatasync(int fd) {
    return fails(fd, "flush") ? -1 : REAL(fdatasync)(fd);
}
