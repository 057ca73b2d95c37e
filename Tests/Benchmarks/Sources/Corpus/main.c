// Writes logs of four kinds, mixed as on a busy machine: the same bytes from the same arguments, wherever it runs.
//
//   corpus bytes|lines COUNT SEED [NEEDLES]    a log; NEEDLES: of a million lines, how many have the fixed string
//   corpus strings COUNT                       up to 1,000 fixed strings, a line each
//   corpus regexes COUNT                       up to 100 regular expressions, a line each
//
// Of the lines, 39 % are nginx's, 25 % JSON, 21 % syslog's, and 15 % Java's errors with their stack traces. What is
// looked for stands in 0.1 % (the fixed string), 1 % (the regular expression) and 1 % (one of the strings); 2 % begin
// like one of them. Each filter selects the last line, so that the end is seen in every output.
#include "corpus.h"

static uint64_t state;

uint32_t below(uint32_t limit) {
    uint64_t z = (state += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return (uint32_t)(((z ^ (z >> 31)) >> 32) * limit >> 32);
}

static void write_log(bool in_bytes, uint64_t limit, uint32_t needles) {
    struct line last = {.length = 0}, line;
    put_last(&last);
    uint64_t written = in_bytes ? last.length : 1;
    for (;;) {
        line.length = 0;
        put_line(&line, needles);
        written += in_bytes ? line.length : 1;
        if (written > limit) break;
        fwrite(line.bytes, 1, line.length, stdout);
    }
    fwrite(last.bytes, 1, last.length, stdout);
}

int main(int count, char **arguments) {
    static char buffer[1 << 20];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    const char *mode = count > 2 ? arguments[1] : "";
    uint64_t limit = count > 2 ? strtoull(arguments[2], NULL, 10) : 0;
    if (!strcmp(mode, "strings")) {
        put_strings(limit);
    } else if (!strcmp(mode, "regexes")) {
        put_regexes(limit);
    } else if ((!strcmp(mode, "bytes") || !strcmp(mode, "lines")) && count > 3) {
        state = strtoull(arguments[3], NULL, 10);
        write_log(mode[0] == 'b', limit, count > 4 ? (uint32_t)atol(arguments[4]) : 1000);
    } else {
        fprintf(stderr, "usage: corpus bytes|lines COUNT SEED [NEEDLES] | corpus strings|regexes COUNT\n");
        return 64;
    }
    return fflush(stdout) ? 1 : 0;
}
