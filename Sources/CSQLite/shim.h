#include <sqlite3.h>

/// sqlite3_db_config(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE), which Swift cannot call for its variable arguments: whether
/// closing the last connection leaves the -wal and the database as they are.
static inline int sqlite_leave_files_on_close(sqlite3 *connection, int leaves) {
  return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leaves, (int *)0);
}
