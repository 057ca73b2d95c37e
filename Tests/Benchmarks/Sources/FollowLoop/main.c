// The limit of following: inotify says that a file grew, and each of its new lines is committed as a row at once.
//
//   follow-loop FILE DATABASE      or `-`: the lines go to standard output, a write(2) each
//
// Says READY=1 where NOTIFY_SOCKET asks for it.
#include "ready.h"
#include "store.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

static int64_t offset;

static void store_now(const char *line, size_t length) {
    store_step(begin);
    store_line(nanoseconds(CLOCK_REALTIME) / 1000000, offset, line, length);
    store_commit(offset + (int64_t)length + 1);
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    bool stores = strcmp(arguments[2], "-") != 0;
    if (stores) store_open(arguments[2]);
    int file = open(arguments[1], O_RDONLY), events = inotify_init1(IN_CLOEXEC);
    if (file < 0 || inotify_add_watch(events, arguments[1], IN_MODIFY) < 0) fail(arguments[1]);
    offset = lseek(file, 0, SEEK_END);
    say_ready();
    static char bytes[1 << 20], happened[1 << 16];
    size_t held = 0;
    for (;;) {
        for (ssize_t got; (got = read(file, bytes + held, sizeof bytes - held)) > 0;) {
            char *line = bytes, *end = bytes + held + got, *newline;
            while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
                size_t length = (size_t)(newline - line);
                if (stores) store_now(line, length);
                else if (write(STDOUT_FILENO, line, length + 1) < 0) fail("write");
                offset += (int64_t)length + 1;
                line = newline + 1;
            }
            held = (size_t)(end - line);
            memmove(bytes, line, held);
        }
        if (read(events, happened, sizeof happened) <= 0) fail("inotify");
    }
}
