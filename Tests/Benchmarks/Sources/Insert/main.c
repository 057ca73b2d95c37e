// The limit of storing: a prepared INSERT for each line, ten thousand of them and the checkpoint in a transaction.
//
//   insert FILE DATABASE [PATTERN]
//
// With PATTERN, which has two named groups and selects each line, what they captured is stored as JSON too.
#define _GNU_SOURCE
#define PCRE2_CODE_UNIT_WIDTH 8
#include "store.h"

#include <fcntl.h>
#include <pcre2.h>
#include <unistd.h>

static pcre2_code *pattern;
static pcre2_match_data *found;
static char names[2][64];

static void compile(const char *text) {
    int error;
    PCRE2_SIZE place;
    // As the program means its patterns: text, not bytes.
    pattern = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &error, &place, NULL);
    if (!pattern || pcre2_jit_compile(pattern, PCRE2_JIT_COMPLETE)) fail(text);
    found = pcre2_match_data_create_from_pattern(pattern, NULL);
    uint32_t size;
    const char *table;
    pcre2_pattern_info(pattern, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(pattern, PCRE2_INFO_NAMETABLE, &table);
    for (int i = 0; i < 2; i++, table += size) strcpy(names[table[1] - 1], table + 2);
}

static char *put_string(char *end, const char *bytes, size_t length) {
    *end++ = '"';
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < ' ') {
            end += sprintf(end, byte == '\t' ? "\\t" : "\\u%04x", byte);
        } else {
            if (byte == '"' || byte == '\\') *end++ = '\\';
            *end++ = (char)byte;
        }
    }
    *end++ = '"';
    return end;
}

static void bind_fields(const char *line, size_t length) {
    static char json[1 << 16];
    if (pcre2_jit_match(pattern, (PCRE2_SPTR)line, length, 0, 0, found, NULL) < 3) fail("the pattern did not match");
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(found);
    char *end = json;
    for (int group = 1; group <= 2; group++) {
        *end++ = group == 1 ? '{' : ',';
        end = put_string(end, names[group - 1], strlen(names[group - 1]));
        *end++ = ':';
        end = put_string(end, line + places[2 * group], places[2 * group + 1] - places[2 * group]);
    }
    *end++ = '}';
    sqlite3_bind_text(insert, 4, json, (int)(end - json), SQLITE_STATIC);
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    if (count > 3) compile(arguments[3]);
    int file = open(arguments[1], O_RDONLY);
    if (file < 0) fail(arguments[1]);
    store_open(arguments[2]);
    const size_t size = 256 << 10;
    char *bytes = malloc(size);
    size_t held = 0;
    int64_t offset = 0;
    int pending = 0;
    for (ssize_t got; (got = read(file, bytes + held, size - held)) > 0;) {
        int64_t time = nanoseconds(CLOCK_REALTIME) / 1000000;
        char *line = bytes, *end = bytes + held + got, *newline;
        while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
            size_t length = (size_t)(newline - line);
            if (pending == 0) store_step(begin);
            if (pattern) bind_fields(line, length);
            store_line(time, offset, line, length);
            offset += (int64_t)length + 1;
            line = newline + 1;
            if (++pending == 10000) store_commit(offset), pending = 0;
        }
        held = (size_t)(end - line);
        memmove(bytes, line, held);
    }
    if (pending > 0) store_commit(offset);
    store_close();
    return 0;
}
