#include <string.h>

#include "disk.h"

// What SQLite asks of a disk that is not about an open file.

static sim_disk *disk_of(sqlite3_vfs *vfs) { return vfs->pAppData; }

static node *opened_node(sim_disk *disk, const char *name, int flags) {
  if (name == NULL) return node_make(0);
  node *node = folder_find(&disk->names, name);
  if (node != NULL) return (flags & SQLITE_OPEN_EXCLUSIVE) != 0 ? NULL : node_retain(node);
  if ((flags & SQLITE_OPEN_CREATE) == 0 || disk->is_read_only) return NULL;
  return node_retain(disk_new_file(disk, name));
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *granted) {
  sim_disk *disk = disk_of(vfs);
  handle *made = (handle *)file;
  memset(made, 0, sizeof *made);
  disk_lock(disk);
  node *node = disk_begin(disk, DEED_OTHER) == FINE ? opened_node(disk, name, flags) : NULL;
  if (node == NULL) {
    disk_unlock(disk);
    return SQLITE_CANTOPEN;
  }
  made->file.pMethods = &file_methods;
  made->disk = disk;
  made->node = node;
  made->name = name == NULL ? NULL : copied_text(name);
  made->deletes_on_close = name != NULL && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  made->is_read_only = name != NULL && disk->is_read_only;
  made->next = disk->handles;
  if (disk->handles != NULL) disk->handles->previous = made;
  disk->handles = made;
  disk->reference_count++;
  disk_unlock(disk);
  disk_note_handle(1);
  if (granted != NULL) {
    int writing = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    *granted = made->is_read_only ? (flags & ~writing) | SQLITE_OPEN_READONLY : flags;
  }
  return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int syncs_folder) {
  sim_disk *disk = disk_of(vfs);
  disk_lock(disk);
  int result = SQLITE_OK;
  if (disk_begin(disk, DEED_OTHER) != FINE || disk->is_read_only) {
    result = SQLITE_IOERR_DELETE;
  } else if (folder_find(&disk->names, name) == NULL) {
    result = SQLITE_IOERR_DELETE_NOENT;
  } else {
    disk_name(disk, name, NULL, NULL);
    if (syncs_folder) disk_names_are_durable(disk);
  }
  disk_unlock(disk);
  return result;
}

// As SQLite's own VFS: an empty file does not exist, for it cannot be a journal.
static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
  sim_disk *disk = disk_of(vfs);
  disk_lock(disk);
  node *node = disk_is_stopped(disk) ? NULL : folder_find(&disk->names, name);
  *result = node != NULL;
  if (flags == SQLITE_ACCESS_EXISTS) *result = node != NULL && node->content.size > 0;
  if (flags == SQLITE_ACCESS_READWRITE) *result = node != NULL && !disk->is_read_only;
  int code = disk_is_stopped(disk) ? SQLITE_IOERR_ACCESS : SQLITE_OK;
  disk_unlock(disk);
  return code;
}

static int full_pathname(sqlite3_vfs *vfs, const char *name, int capacity, char *full) {
  (void)vfs;
  sqlite3_snprintf(capacity, full, "%s", name);
  return SQLITE_OK;
}

static int randomness(sqlite3_vfs *vfs, int count, char *bytes) {
  sim_disk *disk = disk_of(vfs);
  disk_lock(disk);
  for (int index = 0; index < count; index++) bytes[index] = (char)next_random(&disk->random);
  disk_unlock(disk);
  return count;
}

// Nobody sleeps: a wait for a lock is as many tries, at once.
static int sleep_not(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return microseconds;
}

static int current_time_int64(sqlite3_vfs *vfs, sqlite3_int64 *time) {
  sim_disk *disk = disk_of(vfs);
  disk_lock(disk);
  *time = disk->time + 210866760000000;  // 1970 as a Julian day, in milliseconds
  disk_unlock(disk);
  return SQLITE_OK;
}

static int current_time(sqlite3_vfs *vfs, double *days) {
  sqlite3_int64 time;
  current_time_int64(vfs, &time);
  *days = (double)time / 86400000.0;
  return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int capacity, char *text) {
  (void)vfs;
  (void)capacity;
  (void)text;
  return 0;
}

void vfs_prepare(sim_disk *disk) {
  disk->vfs = (sqlite3_vfs){
    .iVersion = 2,
    .szOsFile = sizeof(handle),
    .mxPathname = 512,
    .zName = disk->name,
    .pAppData = disk,
    .xOpen = open_file,
    .xDelete = delete_file,
    .xAccess = access_file,
    .xFullPathname = full_pathname,
    .xRandomness = randomness,
    .xSleep = sleep_not,
    .xCurrentTime = current_time,
    .xGetLastError = last_error,
    .xCurrentTimeInt64 = current_time_int64,
  };
}
