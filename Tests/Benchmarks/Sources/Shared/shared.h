// What the small programs in C share: they end at the first thing that goes wrong.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Ends the program, with what it could not do.
static inline _Noreturn void fail(const char *what) {
    fprintf(stderr, "%s: ", what);
    perror(NULL);
    exit(1);
}

static inline int64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}
