// Patterns of a file, a line each, in one Vectorscan database; and by PCRE2, where a hit has to be confirmed.
#pragma once
#define _GNU_SOURCE
#define PCRE2_CODE_UNIT_WIDTH 8
#include "shared.h"

#include <hs/hs.h>
#include <pcre2.h>
#include <stdbool.h>

struct patterns {
    unsigned count;
    hs_database_t *database;
    pcre2_code **confirmations;  ///< NULL where they are plain strings, and each hit is a match
    pcre2_match_data *found;
};

/// `line` without its end, with a backslash before what means something in a regular expression.
static inline char *patterns_copy(const char *line, size_t length, bool strings) {
    char *copy = malloc(2 * length + 1), *end = copy;
    for (size_t i = 0; i < length; i++) {
        if (strings && strchr("\\^$.|?*+()[]{}-#", line[i])) *end++ = '\\';
        *end++ = line[i];
    }
    *end = 0;
    return copy;
}

static inline pcre2_code *patterns_compile_one(const char *text, uint32_t options) {
    int error;
    PCRE2_SIZE place;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &error, &place, NULL);
    if (!code || pcre2_jit_compile(code, PCRE2_JIT_COMPLETE)) fail(text);
    return code;
}

static inline void patterns_compile(struct patterns *patterns, const char *path, bool strings, bool caseless) {
    FILE *file = fopen(path, "re");
    if (!file) fail(path);
    char **texts = NULL, *line = NULL;
    unsigned *flags = NULL, *ids = NULL;
    size_t capacity = 0;
    for (ssize_t length; (length = getline(&line, &capacity, file)) > 0; patterns->count++) {
        unsigned id = patterns->count;
        texts = realloc(texts, (id + 1) * sizeof *texts);
        flags = realloc(flags, (id + 1) * sizeof *flags);
        ids = realloc(ids, (id + 1) * sizeof *ids);
        texts[id] = patterns_copy(line, (size_t)length - (line[length - 1] == '\n'), strings);
        flags[id] = HS_FLAG_MULTILINE | HS_FLAG_PREFILTER | (caseless ? HS_FLAG_CASELESS : 0);
        ids[id] = id;
    }
    fclose(file);
    unsigned count = patterns->count;
    hs_compile_error_t *error;
    const char *const *all = (const char *const *)texts;
    if (hs_compile_multi(all, flags, ids, count, HS_MODE_BLOCK, NULL, &patterns->database, &error))
        fail(error->message);
    if (strings) return;
    patterns->confirmations = malloc(count * sizeof *patterns->confirmations);
    for (unsigned id = 0; id < count; id++)
        patterns->confirmations[id] = patterns_compile_one(texts[id], caseless ? PCRE2_CASELESS : 0);
    patterns->found = pcre2_match_data_create(1, NULL);
}

static inline bool patterns_confirm(const struct patterns *patterns, unsigned id, const char *line, size_t length) {
    if (!patterns->confirmations) return true;
    return pcre2_jit_match(patterns->confirmations[id], (PCRE2_SPTR)line, length, 0, 0, patterns->found, NULL) >= 0;
}
