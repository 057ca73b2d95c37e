// The limit of starting: the same libraries, a config read, its patterns compiled, a database made, files opened.
//
//   start CONFIG DATABASE PATTERNS FILE...
//
// Where NOTIFY_SOCKET is set it says READY=1 there and waits for a signal; else it prints the last file's first match.
#include "patterns.h"
#include "ready.h"
#include "store.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <yaml.h>
#include <zlib.h>

static char bytes[1 << 18];

static void read_config(const char *path) {
    FILE *file = fopen(path, "re");
    if (!file) fail(path);
    yaml_parser_t parser;
    yaml_event_t event;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_file(&parser, file);
    bool goes_on = true;
    while (goes_on) {
        if (!yaml_parser_parse(&parser, &event)) fail(path);
        goes_on = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    fclose(file);
}

static int print_line(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *length) {
    (void)id, (void)from, (void)flags;
    const char *before = memrchr(bytes, '\n', to), *after = memchr(bytes + to, '\n', *(size_t *)length - to);
    const char *line = before ? before + 1 : bytes;
    if (write(STDOUT_FILENO, line, (size_t)(after - line) + 1) < 0) fail("write");
    return 1;
}

int main(int count, char **arguments) {
    if (count < 5) return 64;
    read_config(arguments[1]);
    struct patterns patterns = {.count = 0};
    patterns_compile(&patterns, arguments[3], true, false);
    hs_scratch_t *scratch = NULL;
    z_stream stream = {.next_in = NULL};
    if (hs_alloc_scratch(patterns.database, &scratch) || inflateInit(&stream)) fail("scratch");
    inflateEnd(&stream);
    store_open(arguments[2]);
    int file = -1, events = inotify_init1(IN_CLOEXEC);
    for (char **path = arguments + 4; *path; path++) {
        file = open(*path, O_RDONLY);
        if (file < 0 || inotify_add_watch(events, *path, IN_MODIFY) < 0) fail(*path);
    }
    if (say_ready()) pause();
    ssize_t got = read(file, bytes, sizeof bytes);
    size_t length = got > 0 ? (size_t)got : 0;
    hs_scan(patterns.database, bytes, (unsigned)length, 0, scratch, print_line, &length);
    store_close();
    return 0;
}
