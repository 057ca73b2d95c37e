#include "corpus.h"

// The 1,000 strings and 100 regular expressions are made of these: `auth.session.expired`.
static const char *const services[] = {"auth",    "billing",   "cart",   "catalog", "delivery",
                                       "gateway", "inventory", "kernel", "ledger",  "search"};
static const char *const things[] = {"session", "invoice", "token",  "index", "replica",
                                     "socket",  "shard",   "worker", "quota", "cursor"};
static const char *const events[] = {"expired", "revoked", "denied",  "created", "updated",
                                     "closed",  "opened",  "delayed", "merged",  "purged"};

static const char *const needle = "payment_gateway_timeout";
static const char *const troubles[] = {"error", "Error", "ERROR", "fatal", "FATAL", "Panic", "panic"};
static const char *const stores[] = {"db", "DB", "cache", "Cache", "queue", "QUEUE"};
static const char *const ways[] = {"unreachable", "Unreachable", "timed out", "Timed Out", "TIMED OUT"};
static const char *const lookalikes[] = {"error: db connection slow", "Fatal: cache is cold", "panic: queue empty",
                                         "ERROR: db-x unreachable", "error budget ok"};

static void put_trouble(struct line *line) {
    put_text(line, PICK(troubles));
    put_text(line, ": ");
    put_text(line, PICK(stores));
    put_text(line, "-");
    put_number(line, below(100), 2);
    put_text(line, " ");
    put_text(line, PICK(ways));
}

static void put_string(struct line *line, uint32_t number) {
    put_text(line, services[number / 100]);
    put_text(line, ".");
    put_text(line, things[number / 10 % 10]);
    put_text(line, ".");
    put_text(line, events[number % 10]);
}

void put_findable(struct line *line, uint32_t needles) {
    uint32_t lot = below(1000000);
    if (lot < needles) {
        put_text(line, needle);
    } else if (lot < needles + 10000) {
        put_trouble(line);
    } else if (lot < needles + 20000) {
        put_string(line, below(1000));
        put_text(line, " code=");
        put_number(line, 200 + below(400), 0);
    } else if (lot < needles + 40000) {
        put_text(line, PICK(lookalikes));
    }
}

void put_all_findable(struct line *line) {
    put_text(line, needle);
    put_text(line, " error: db-07 unreachable ");
    put_string(line, 0);
    put_text(line, " code=500");
}

// Steps that have no divisor in common with the counts, so that the first few strings begin unlike each other.
void put_strings(uint64_t count) {
    for (uint32_t number = 0; count > 0 && count <= 1000; count--, number = (number + 377) % 1000) {
        struct line line = {.length = 0};
        put_string(&line, number);
        printf("%.*s\n", (int)line.length, line.bytes);
    }
}

void put_regexes(uint64_t count) {
    for (uint32_t number = 0; count > 0 && count <= 100; count--, number = (number + 37) % 100)
        printf("%s\\.%s\\.(expired|revoked|denied)[^ ]* code=[45][0-9][0-9]\n", services[number / 10],
               things[number % 10]);
}
