#include <sqlite3.h>

/// sqlite3_db_config(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE), which Swift cannot call for its variable arguments: whether
/// closing the last connection leaves the -wal and the database as they are.
static inline int sqlite_leave_files_on_close(sqlite3 *connection, int leaves) {
  return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leaves, (int *)0);
}

/// sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0): no lock is taken at each allocation to add up what nobody asks for. Has
/// an effect before SQLite is used only; says SQLITE_MISUSE after that.
static inline int sqlite_leave_out_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
