#include <stdlib.h>

#include "disk.h"

// Locks of a file, and the memory that the connections to a database in WAL mode share. As SQLite's own VFS has them.

static handle *handle_of(sqlite3_file *file) { return (handle *)file; }

static bool is_others(const handle *holder, const handle *handle) { return holder != NULL && holder != handle; }

static int take_lock(handle *handle, int level) {
  node *node = handle->node;
  if (level == SQLITE_LOCK_SHARED) {
    if (is_others(node->pending, handle) || is_others(node->exclusive, handle)) return SQLITE_BUSY;
    node->shared_count++;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (is_others(node->reserved, handle) || is_others(node->pending, handle)) return SQLITE_BUSY;
    node->reserved = handle;
  } else {
    if (is_others(node->reserved, handle) || is_others(node->pending, handle)) return SQLITE_BUSY;
    node->pending = handle;
    if (node->shared_count > 1) {
      handle->lock_level = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    node->exclusive = handle;
  }
  handle->lock_level = level;
  return SQLITE_OK;
}

int lock_file(sqlite3_file *file, int level) {
  handle *handle = handle_of(file);
  if (handle->lock_level >= level) return SQLITE_OK;
  disk_lock(handle->disk);
  outcome outcome = handle_begin(handle, level >= SQLITE_LOCK_RESERVED ? DEED_LOCK : DEED_LOOK);
  int result = SQLITE_IOERR_LOCK;
  if (outcome == BUSY) result = SQLITE_BUSY;
  if (outcome == FINE) result = take_lock(handle, level);
  disk_unlock(handle->disk);
  return result;
}

// With the disk locked.
static void lower_lock(handle *handle, int level) {
  node *node = handle->node;
  if (node != NULL) {
    if (node->reserved == handle) node->reserved = NULL;
    if (node->pending == handle) node->pending = NULL;
    if (node->exclusive == handle) node->exclusive = NULL;
    if (level == SQLITE_LOCK_NONE && handle->lock_level >= SQLITE_LOCK_SHARED) node->shared_count--;
  }
  handle->lock_level = level;
}

int unlock_file(sqlite3_file *file, int level) {
  handle *handle = handle_of(file);
  if (handle->lock_level <= level) return SQLITE_OK;
  disk_lock(handle->disk);
  lower_lock(handle, level);
  disk_unlock(handle->disk);
  return SQLITE_OK;
}

void leave_locks(handle *handle) {
  if (handle->lock_level > SQLITE_LOCK_NONE) lower_lock(handle, SQLITE_LOCK_NONE);
}

int check_reserved(sqlite3_file *file, int *is_reserved) {
  handle *handle = handle_of(file);
  disk_lock(handle->disk);
  *is_reserved = handle->node != NULL && (handle->node->reserved != NULL || handle->node->pending != NULL);
  disk_unlock(handle->disk);
  return SQLITE_OK;
}

// Memory.

static void release_memory(shared_memory *memory) {
  if (--memory->reference_count > 0) return;
  for (int index = 0; index < memory->region_count; index++) free(memory->regions[index]);
  free(memory->regions);
  free(memory);
}

static void join_memory(handle *handle, int region_bytes) {
  if (handle->memory != NULL) return;
  if (handle->node->memory == NULL) {
    handle->node->memory = allocate(sizeof(shared_memory));
    handle->node->memory->region_bytes = region_bytes;
  }
  handle->memory = handle->node->memory;
  handle->memory->reference_count++;
}

int map_memory(sqlite3_file *file, int region, int region_bytes, int extends, void volatile **mapped) {
  handle *handle = handle_of(file);
  *mapped = NULL;
  disk_lock(handle->disk);
  int result = handle_begin(handle, DEED_LOOK) == FINE ? SQLITE_OK : SQLITE_IOERR_SHMMAP;
  if (result == SQLITE_OK) {
    join_memory(handle, region_bytes);
    shared_memory *memory = handle->memory;
    if (region >= memory->region_count && extends) {
      memory->regions = realloc(memory->regions, (size_t)(region + 1) * sizeof *memory->regions);
      if (memory->regions == NULL) abort();
      while (memory->region_count <= region) memory->regions[memory->region_count++] = allocate((size_t)region_bytes);
    }
    if (region < memory->region_count) *mapped = memory->regions[region];
  }
  disk_unlock(handle->disk);
  return result;
}

static int take_memory_locks(handle *handle, int first, int count, bool is_exclusive) {
  shared_memory *memory = handle->memory;
  for (int slot = first; slot < first + count; slot++) {
    int own = (handle->shared_mask >> slot) & 1;
    if (is_others(memory->exclusive[slot], handle)) return SQLITE_BUSY;
    if (is_exclusive && memory->shared_counts[slot] > own) return SQLITE_BUSY;
  }
  for (int slot = first; slot < first + count; slot++) {
    uint16_t mask = (uint16_t)(1u << slot);
    if (is_exclusive) {
      memory->exclusive[slot] = handle;
    } else if ((handle->shared_mask & mask) == 0) {
      memory->shared_counts[slot]++;
      handle->shared_mask |= mask;
    }
  }
  return SQLITE_OK;
}

static void drop_memory_locks(handle *handle, int first, int count) {
  for (int slot = first; slot < first + count; slot++) {
    uint16_t mask = (uint16_t)(1u << slot);
    if (handle->memory->exclusive[slot] == handle) handle->memory->exclusive[slot] = NULL;
    if ((handle->shared_mask & mask) != 0) handle->memory->shared_counts[slot]--;
    handle->shared_mask &= (uint16_t)~mask;
  }
}

int lock_memory(sqlite3_file *file, int first, int count, int flags) {
  handle *handle = handle_of(file);
  if (handle->memory == NULL) return SQLITE_IOERR_SHMLOCK;
  disk_lock(handle->disk);
  int result = SQLITE_OK;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    drop_memory_locks(handle, first, count);
  } else {
    bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    // The lock of the writer is the first.
    outcome outcome = handle_begin(handle, is_exclusive && first == 0 ? DEED_LOCK : DEED_LOOK);
    result = SQLITE_IOERR_SHMLOCK;
    if (outcome == BUSY) result = SQLITE_BUSY;
    if (outcome == FINE) result = take_memory_locks(handle, first, count, is_exclusive);
  }
  disk_unlock(handle->disk);
  return result;
}

void memory_barrier(sqlite3_file *file) {
  handle *handle = handle_of(file);
  disk_lock(handle->disk);
  disk_unlock(handle->disk);
}

void leave_memory(handle *handle) {
  if (handle->memory == NULL) return;
  drop_memory_locks(handle, 0, SHM_LOCK_COUNT);
  if (handle->node != NULL && handle->node->memory == handle->memory && handle->memory->reference_count == 1) {
    handle->node->memory = NULL;
  }
  release_memory(handle->memory);
  handle->memory = NULL;
}

int unmap_memory(sqlite3_file *file, int deletes) {
  (void)deletes;
  handle *handle = handle_of(file);
  disk_lock(handle->disk);
  leave_memory(handle);
  disk_unlock(handle->disk);
  return SQLITE_OK;
}
