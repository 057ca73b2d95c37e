// A store as small as it can be: a row a line, with its file as a number, and how far that was read.
#pragma once
#include "shared.h"

#include <sqlite3.h>

static sqlite3 *connection;
static sqlite3_stmt *begin, *insert, *checkpoint, *commit;

static inline void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "%s\n", sqlite3_errmsg(connection));
    exit(1);
}

static inline sqlite3_stmt *store_prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static inline void store_step(sqlite3_stmt *statement) {
    check(sqlite3_step(statement));
    sqlite3_reset(statement);
}

static inline void store_open(const char *path) {
    check(sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    check(sqlite3_exec(connection,
                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                       "CREATE TABLE checkpoint(file INTEGER PRIMARY KEY, offset INTEGER NOT NULL);"
                       "CREATE TABLE match(id INTEGER PRIMARY KEY, time INTEGER NOT NULL, file INTEGER NOT NULL,"
                       "  offset INTEGER NOT NULL, line TEXT NOT NULL, fields TEXT);",
                       NULL, NULL, NULL));
    begin = store_prepare("BEGIN IMMEDIATE");
    insert = store_prepare("INSERT INTO match(time, file, offset, line, fields) VALUES(?1, 1, ?2, ?3, ?4)");
    checkpoint = store_prepare("INSERT OR REPLACE INTO checkpoint VALUES(1, ?1)");
    commit = store_prepare("COMMIT");
}

static inline void store_line(int64_t time, int64_t offset, const char *line, size_t length) {
    sqlite3_bind_int64(insert, 1, time);
    sqlite3_bind_int64(insert, 2, offset);
    sqlite3_bind_text(insert, 3, line, (int)length, SQLITE_STATIC);
    store_step(insert);
}

/// Ends a transaction: all before `offset` is stored.
static inline void store_commit(int64_t offset) {
    sqlite3_bind_int64(checkpoint, 1, offset);
    store_step(checkpoint);
    store_step(commit);
}

static inline void store_close(void) {
    sqlite3_finalize(begin);
    sqlite3_finalize(insert);
    sqlite3_finalize(checkpoint);
    sqlite3_finalize(commit);
    check(sqlite3_close(connection));
}
