#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A line being written; longer ones than this do not occur.
struct line {
    size_t length;
    char bytes[2048];
};

/// The next number of the seed's sequence, below `limit`.
uint32_t below(uint32_t limit);

#define PICK(list) (list)[below(sizeof(list) / sizeof((list)[0]))]

/// The next line of the log, with its newline.
void put_line(struct line *line, uint32_t needles);
/// A line that each filter selects.
void put_last(struct line *line);

void put_text(struct line *line, const char *text);
/// `value` in decimal, with zeros in front up to `width`.
void put_number(struct line *line, uint32_t value, int width);
/// `value` as eight hexadecimal digits.
void put_hexadecimal(struct line *line, uint32_t value);

/// What is looked for, or looks like it; mostly nothing. The same numbers are drawn whatever `needles` is.
void put_findable(struct line *line, uint32_t needles);
void put_all_findable(struct line *line);
void put_strings(uint64_t count);
void put_regexes(uint64_t count);
