#include <stdlib.h>
#include <string.h>

#include "disk.h"

// What SQLite does with an open file.

static handle *handle_of(sqlite3_file *file) { return (handle *)file; }

static int close_file(sqlite3_file *file) {
  handle *handle = handle_of(file);
  sim_disk *disk = handle->disk;
  disk_lock(disk);
  leave_locks(handle);
  leave_memory(handle);
  if (handle->deletes_on_close && handle->node != NULL && !disk_is_stopped(disk)) {
    disk_name(disk, handle->name, NULL, NULL);
  }
  if (handle->next != NULL) handle->next->previous = handle->previous;
  if (handle->previous != NULL) handle->previous->next = handle->next;
  if (disk->handles == handle) disk->handles = handle->next;
  node_release(handle->node);
  free(handle->name);
  disk_release(disk);
  disk_note_handle(-1);
  return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  handle *handle = handle_of(file);
  disk_lock(handle->disk);
  int result = handle_begin(handle, DEED_OTHER) == FINE ? SQLITE_OK : SQLITE_IOERR_READ;
  if (result == SQLITE_OK) {
    const buffer *content = &handle->node->content;
    size_t there = (size_t)offset < content->size ? content->size - (size_t)offset : 0;
    if (there > (size_t)count) there = (size_t)count;
    if (there > 0) memcpy(bytes, content->bytes + offset, there);
    if (there < (size_t)count) {
      memset((char *)bytes + there, 0, (size_t)count - there);
      result = SQLITE_IOERR_SHORT_READ;
    }
  }
  disk_unlock(handle->disk);
  return result;
}

// Of a write that fails, as many whole sectors as are drawn are done; where an error is all that is known, it may be
// that nothing is missing.
static void write_in_part(handle *handle, const void *bytes, size_t count, size_t offset, outcome outcome) {
  uint64_t *random = &handle->disk->random;
  size_t done = random_below(random, count);
  done -= done % SECTOR_BYTES;
  if (outcome == IO_ERROR && random_below(random, 4) == 0) done = count;
  if (done > 0) node_change(handle->node, offset, bytes, done);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  handle *handle = handle_of(file);
  sim_disk *disk = handle->disk;
  disk_lock(disk);
  bool grows = handle->node != NULL && (size_t)offset + (size_t)count > handle->node->content.size;
  outcome outcome = handle_begin(handle, grows ? DEED_GROWING_WRITE : DEED_OTHER);
  int result = SQLITE_OK;
  if (outcome == STOPPED || (disk->is_read_only && handle->name != NULL)) {
    result = SQLITE_IOERR_WRITE;
  } else if (outcome != FINE) {
    write_in_part(handle, bytes, (size_t)count, (size_t)offset, outcome);
    result = outcome == FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  } else {
    node_change(handle->node, (size_t)offset, bytes, (size_t)count);
  }
  disk_unlock(disk);
  return result;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
  handle *handle = handle_of(file);
  disk_lock(handle->disk);
  int result = handle_begin(handle, DEED_OTHER) == FINE ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
  if (handle->disk->is_read_only && handle->name != NULL) result = SQLITE_IOERR_TRUNCATE;
  if (result == SQLITE_OK) node_change(handle->node, (size_t)size, NULL, 0);
  disk_unlock(handle->disk);
  return result;
}

static int sync_file(sqlite3_file *file, int flags) {
  (void)flags;
  handle *handle = handle_of(file);
  disk_lock(handle->disk);
  int result = handle_begin(handle, DEED_OTHER) == FINE ? SQLITE_OK : SQLITE_IOERR_FSYNC;
  if (result == SQLITE_OK) {
    node_sync(handle->node);
    disk_names_are_durable(handle->disk);
  }
  disk_unlock(handle->disk);
  return result;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  handle *handle = handle_of(file);
  disk_lock(handle->disk);
  bool is_lost = disk_is_stopped(handle->disk) || handle->node == NULL;
  int result = is_lost ? SQLITE_IOERR_FSTAT : SQLITE_OK;
  *size = result == SQLITE_OK ? (sqlite3_int64)handle->node->content.size : 0;
  disk_unlock(handle->disk);
  return result;
}

static int control_file(sqlite3_file *file, int operation, void *argument) {
  handle *handle = handle_of(file);
  switch (operation) {
    case SQLITE_FCNTL_PERSIST_WAL: {
      int *wish = argument;
      if (*wish >= 0) handle->keeps_wal = *wish != 0;
      *wish = handle->keeps_wal;
      return SQLITE_OK;
    }
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
      *(int *)argument = 1;
      return SQLITE_OK;
    case SQLITE_FCNTL_VFSNAME:
      *(char **)argument = sqlite3_mprintf("%s", handle->disk->name);
      return SQLITE_OK;
    case SQLITE_FCNTL_HAS_MOVED:
      disk_lock(handle->disk);
      *(int *)argument = handle->name != NULL && folder_find(&handle->disk->names, handle->name) != handle->node;
      disk_unlock(handle->disk);
      return SQLITE_OK;
    default: return SQLITE_NOTFOUND;
  }
}

static int sector_size(sqlite3_file *file) {
  (void)file;
  return 4096;  // what SQLite's own VFS says of every file
}

static int characteristics(sqlite3_file *file) {
  (void)file;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods file_methods = {
  .iVersion = 2,
  .xClose = close_file,
  .xRead = read_file,
  .xWrite = write_file,
  .xTruncate = truncate_file,
  .xSync = sync_file,
  .xFileSize = file_size,
  .xLock = lock_file,
  .xUnlock = unlock_file,
  .xCheckReservedLock = check_reserved,
  .xFileControl = control_file,
  .xSectorSize = sector_size,
  .xDeviceCharacteristics = characteristics,
  .xShmMap = map_memory,
  .xShmLock = lock_memory,
  .xShmBarrier = memory_barrier,
  .xShmUnmap = unmap_memory,
};
