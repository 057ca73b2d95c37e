// Writes lines of a corpus to files in turns, so many a second: every 10 ms a write for each file; with `single`, every
// millisecond, and a write for each line. Prints how many lines and bytes there were.
//
//   feeder CORPUS FOLDER FILES LINES_PER_SECOND SECONDS [single]
#include "shared.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

static const char *place, *end;

/// Writes the corpus's next `count` lines to `file` at once.
static size_t feed(int file, long count) {
    const char *start = place;
    for (; count > 0; count--) {
        const char *newline = memchr(place, '\n', (size_t)(end - place));
        if (!newline) fail("the corpus is too short");
        place = newline + 1;
    }
    ssize_t length = place - start;
    if (write(file, start, (size_t)length) != length) fail("write");
    return (size_t)length;
}

static void map(const char *path) {
    struct stat status;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &status)) fail(path);
    place = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (place == MAP_FAILED) fail(path);
    end = place + status.st_size;
}

int main(int count, char **arguments) {
    if (count < 6) return 64;
    map(arguments[1]);
    int file_count = atoi(arguments[3]), files[1024];
    for (int i = 0; i < file_count; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%d.log", arguments[2], i);
        files[i] = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        if (files[i] < 0) fail(name);
    }
    bool single = count > 6;
    long milliseconds = single ? 1 : 10, rate = atol(arguments[4]), total = rate * atol(arguments[5]);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec every = {{0, milliseconds * 1000000}, {0, milliseconds * 1000000}};
    timerfd_settime(timer, 0, &every, NULL);
    long sent = 0, turn = 0;
    uint64_t ticks = 0, more;
    size_t bytes = 0;
    while (sent < total) {
        if (read(timer, &more, sizeof more) != sizeof more) fail("timer");
        ticks += more;
        long due = (long)ticks * milliseconds * rate / 1000;
        if (due > total) due = total;
        long share = single ? 1 : (due - sent + file_count - 1) / file_count;
        for (; sent < due; turn++) {
            long lines = share < due - sent ? share : due - sent;
            bytes += feed(files[turn % file_count], lines);
            sent += lines;
        }
    }
    printf("%ld %zu\n", sent, bytes);
    return 0;
}
