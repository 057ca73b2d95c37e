// How long it takes from before a line is appended to a file until it is seen elsewhere.
//
//   latency FILE COUNT RATE                     seen on standard input, a pipe of who follows the file
//   latency FILE COUNT RATE DATABASE QUERY      seen by another connection: QUERY gives how many there are
//
// Appends RATE lines of 150 bytes a second, each with its number. Prints how many were sent, how many seen, and the
// median, the 99th percentile and the longest time in microseconds; the first 20 do not count. Ends earlier, in order,
// when it gets SIGTERM.
#define _GNU_SOURCE
#include "shared.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { line_bytes = 150, warm_up = 20 };
static const int64_t patience = 5000000000ll, eager = 5000000ll;

static long total, sent, seen;
static int64_t *sent_at, *seen_at;
static volatile sig_atomic_t stopped;

static void stop(int signal) {
    (void)signal;
    stopped = 1;
}

static void append(int file) {
    char line[line_bytes + 1];
    int length = snprintf(line, sizeof line, "May 17 06:40:00 web02 app[4711]: quiet_but_watched seq=%08ld ", sent);
    memset(line + length, 'x', (size_t)(line_bytes - 1 - length));
    line[line_bytes - 1] = '\n';
    sent_at[sent] = nanoseconds(CLOCK_MONOTONIC);
    if (write(file, line, line_bytes) != line_bytes) fail("write");
    sent++;
}

static void see(long number) {
    if (number < 0 || number >= sent || seen_at[number]) return;
    seen_at[number] = nanoseconds(CLOCK_MONOTONIC);
    seen++;
}

/// Takes the lines that came by the pipe.
static bool take_lines(void) {
    static char bytes[1 << 20];
    static size_t held;
    ssize_t got = read(STDIN_FILENO, bytes + held, sizeof bytes - held);
    if (got <= 0) return false;
    char *line = bytes, *end = bytes + held + got, *newline;
    while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
        char *number = memmem(line, (size_t)(newline - line), "seq=", 4);
        if (number) see(atol(number + 4));
        line = newline + 1;
    }
    held = (size_t)(end - line);
    memmove(bytes, line, held);
    return true;
}

static sqlite3_stmt *query;

static void ask(void) {
    if (sqlite3_step(query) == SQLITE_ROW) {
        long count = sqlite3_column_int64(query, 0);
        while (seen < count && seen < sent) see(seen);
    }
    sqlite3_reset(query);
}

static int watch_database(const char *path, const char *sql) {
    char log[4096];
    snprintf(log, sizeof log, "%s-wal", path);
    sqlite3 *connection;
    if (sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, NULL)) fail(path);
    sqlite3_busy_timeout(connection, 1000);
    if (sqlite3_prepare_v2(connection, sql, -1, &query, NULL)) fail(sqlite3_errmsg(connection));
    int events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (inotify_add_watch(events, log, IN_MODIFY) < 0) fail(log);
    return events;
}

static void drain(int events) {
    char happened[1 << 14];
    while (read(events, happened, sizeof happened) > 0) {}
}

/// Appends and looks, until all was seen, or none came for some seconds after the last.
static void run(int file, int timer, int input) {
    int64_t woken_at = 0, last_at = nanoseconds(CLOCK_MONOTONIC);
    while (seen < total && !(stopped && seen == sent)) {
        int64_t now = nanoseconds(CLOCK_MONOTONIC);
        if (now - last_at > patience) break;
        // The log grows shortly before its rows can be seen: then it asks often, and else waits for an event.
        bool asks = query && seen < sent && now - woken_at < eager;
        struct timespec wait = {0, asks ? 20000 : 100000000};
        struct pollfd ready[2] = {{timer, POLLIN, 0}, {input, POLLIN, 0}};
        if (ppoll(ready, 2, &wait, NULL) < 0) continue;
        uint64_t ticks = 0;
        if (ready[0].revents && read(timer, &ticks, sizeof ticks) != sizeof ticks) fail("timer");
        for (; ticks > 0 && sent < total && !stopped; ticks--) append(file), last_at = nanoseconds(CLOCK_MONOTONIC);
        if (ready[1].revents && !query && !take_lines()) break;
        if (ready[1].revents && query) drain(input), woken_at = nanoseconds(CLOCK_MONOTONIC);
        if (query && seen < sent) ask();
    }
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    if (count < 4) return 64;
    total = atol(arguments[2]);
    long rate = atol(arguments[3]);
    sent_at = calloc((size_t)total, sizeof *sent_at);
    seen_at = calloc((size_t)total, sizeof *seen_at);
    signal(SIGTERM, stop);
    int file = open(arguments[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) fail(arguments[1]);
    int input = count > 5 ? watch_database(arguments[4], arguments[5]) : STDIN_FILENO;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec every = {{0, 1000000000 / rate}, {0, 1000000000 / rate}};
    timerfd_settime(timer, 0, &every, NULL);
    run(file, timer, input);
    int64_t *times = malloc((size_t)total * sizeof *times);
    long measured = 0;
    for (long i = warm_up; i < sent; i++)
        if (seen_at[i]) times[measured++] = seen_at[i] - sent_at[i];
    if (measured == 0) fail("no line was seen");
    qsort(times, (size_t)measured, sizeof *times, compare);
    printf("%ld %ld %.1f %.1f %.1f\n", sent, seen, (double)times[measured / 2] / 1e3,
           (double)times[measured * 99 / 100] / 1e3, (double)times[measured - 1] / 1e3);
    return 0;
}
