// The limit of searching: blocks from read(2), one Vectorscan scan of each, and the lines around the hits.
//
//   scan FILE PATTERNS strings|regexes [caseless] [count]
//
// PATTERNS has one a line. Prints the lines that a pattern selects; with `count`, how many each of them selects, if
// any, and its number before it. Regular expressions are confirmed by PCRE2 on the line itself, since in a block they
// may match across its end. Says on standard error how many bytes the database takes.
#include "patterns.h"

#include <fcntl.h>
#include <unistd.h>

static struct patterns patterns;
static bool counts;
static unsigned long *selected;
// The block, the line of the last hit in it, and for each pattern the last line that it selected.
static const char *block, *block_end, *line, *line_end;
static const char **seen;

static int hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *unused) {
    (void)from, (void)flags, (void)unused;
    const char *last = block + (to > 0 ? to - 1 : 0);
    if (last >= line_end || last < line) {
        const char *before = memrchr(block, '\n', (size_t)(last - block));
        const char *after = memchr(last, '\n', (size_t)(block_end - last));
        line = before ? before + 1 : block;
        line_end = after ? after + 1 : block_end;
    }
    if (seen[id] == line) return 0;
    seen[id] = line;
    size_t length = (size_t)(line_end - line);
    if (!patterns_confirm(&patterns, id, line, length)) return 0;
    selected[id]++;
    if (!counts) fwrite_unlocked(line, 1, length, stdout);
    return 0;
}

static void scan(int file, hs_scratch_t *scratch) {
    const size_t size = 256 << 10;
    char *bytes = malloc(size);
    size_t held = 0;
    ssize_t got;
    block = bytes;
    while ((got = read(file, bytes + held, size - held)) > 0) {
        held += (size_t)got;
        const char *newline = memrchr(bytes, '\n', held);
        if (!newline) fail("a line is longer than a block");
        block_end = newline + 1;
        line = line_end = NULL;
        memset(seen, 0, patterns.count * sizeof *seen);
        size_t whole = (size_t)(block_end - bytes);
        if (hs_scan(patterns.database, bytes, (unsigned)whole, 0, scratch, hit, NULL)) fail("hs_scan");
        held -= whole;
        memmove(bytes, block_end, held);
    }
}

int main(int count, char **arguments) {
    if (count < 4) return 64;
    bool caseless = false;
    for (int i = 4; i < count; i++) {
        caseless |= !strcmp(arguments[i], "caseless");
        counts |= !strcmp(arguments[i], "count");
    }
    patterns_compile(&patterns, arguments[2], !strcmp(arguments[3], "strings"), caseless);
    seen = calloc(patterns.count, sizeof *seen);
    selected = calloc(patterns.count, sizeof *selected);
    hs_scratch_t *scratch = NULL;
    if (hs_alloc_scratch(patterns.database, &scratch)) fail("hs_alloc_scratch");
    static char buffer[1 << 18];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    int file = open(arguments[1], O_RDONLY);
    if (file < 0) fail(arguments[1]);
    scan(file, scratch);
    for (unsigned id = 0; counts && id < patterns.count; id++)
        if (selected[id] > 0) printf("%u|%lu\n", id, selected[id]);
    size_t bytes = 0;
    hs_database_size(patterns.database, &bytes);
    fprintf(stderr, "%zu\n", bytes);
    return fflush(stdout) ? 1 : 0;
}
