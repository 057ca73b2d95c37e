#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"

// A disk's life, and its files as a process without SQLite has them.

static atomic_llong made_count, live_count;

static sim_disk *make(uint64_t seed) {
  sim_disk *disk = allocate(sizeof *disk);
  disk->reference_count = 1;
  disk->random = seed;
  disk->next_inode = 1;
  disk->halt_at = UINT64_MAX;
  disk->time = 1700000000000;
  if (pthread_mutex_init(&disk->mutex, NULL) != 0) abort();
  snprintf(disk->name, sizeof disk->name, "simulated-%lld", (long long)atomic_fetch_add(&made_count, 1));
  vfs_prepare(disk);
  if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK) abort();
  atomic_fetch_add(&live_count, 1);
  return disk;
}

sim_disk *sim_disk_make(uint64_t seed) { return make(seed); }

int64_t sim_disk_live_count(void) { return atomic_load(&live_count); }

const char *sim_disk_vfs_name(sim_disk *disk) { return disk->name; }

void disk_lock(sim_disk *disk) { pthread_mutex_lock(&disk->mutex); }

void disk_unlock(sim_disk *disk) { pthread_mutex_unlock(&disk->mutex); }

void disk_note_handle(int change) { atomic_fetch_add(&live_count, change); }

static void forget_namings(sim_disk *disk) {
  for (size_t index = 0; index < disk->naming_count; index++) {
    free(disk->namings[index].name);
    free(disk->namings[index].from);
    node_release(disk->namings[index].node);
  }
  disk->naming_count = 0;
}

static void forget_files(sim_disk *disk) {
  forget_namings(disk);
  folder_clear(&disk->names);
  folder_clear(&disk->durable_names);
  folder_clear(&disk->locks);
}

// Called with the disk locked; the last one unlocks and frees it.
void disk_release(sim_disk *disk) {
  bool is_last = --disk->reference_count == 0;
  disk_unlock(disk);
  if (!is_last) return;
  forget_files(disk);
  free(disk->namings);
  pthread_mutex_destroy(&disk->mutex);
  free(disk);
  atomic_fetch_add(&live_count, -1);
}

// What is open is so no more: its handles fail from now on.
static void cut_off(sim_disk *disk) {
  for (handle *handle = disk->handles; handle != NULL; handle = handle->next) {
    if (handle->node != NULL) node_drop_locks(handle->node);
    node_release(handle->node);
    handle->node = NULL;
  }
}

static void die(sim_disk *disk) {
  disk->is_dead = true;
  cut_off(disk);
}

void sim_disk_free(sim_disk *disk) {
  sqlite3_vfs_unregister(&disk->vfs);
  disk_lock(disk);
  die(disk);
  forget_files(disk);
  disk_release(disk);
}

// Names.

void disk_name(sim_disk *disk, const char *name, node *node, const char *from) {
  disk->namings = grow(disk->namings, &disk->naming_capacity, disk->naming_count + 1, sizeof *disk->namings);
  disk->namings[disk->naming_count++] =
    (naming){copied_text(name), from == NULL ? NULL : copied_text(from), node_retain(node)};
  folder_set(&disk->names, name, node);
  if (from != NULL) folder_set(&disk->names, from, NULL);
}

static void make_durable(sim_disk *disk, size_t count) {
  for (size_t index = 0; index < count; index++) {
    folder_set(&disk->durable_names, disk->namings[index].name, disk->namings[index].node);
    if (disk->namings[index].from != NULL) folder_set(&disk->durable_names, disk->namings[index].from, NULL);
  }
  forget_namings(disk);
}

void disk_names_are_durable(sim_disk *disk) { make_durable(disk, disk->naming_count); }

// What comes after.

// The files and the clock of `disk` for the next process; `disk` is dead then. Both are locked by the caller.
static void hand_over(sim_disk *disk, sim_disk *next) {
  die(disk);
  next->names = disk->names;
  next->durable_names = disk->durable_names;
  next->namings = disk->namings;
  next->naming_count = disk->naming_count;
  next->naming_capacity = disk->naming_capacity;
  next->next_inode = disk->next_inode;
  next->random = disk->random;
  next->time = disk->time;
  next->is_read_only = disk->is_read_only;
  memset(&disk->names, 0, sizeof disk->names);
  memset(&disk->durable_names, 0, sizeof disk->durable_names);
  disk->namings = NULL;
  disk->naming_count = disk->naming_capacity = 0;
  for (size_t index = 0; index < next->names.count; index++) node_drop_locks(next->names.entries[index].node);
}

sim_disk *sim_disk_crash(sim_disk *disk) {
  sim_disk *next = make(0);
  disk_lock(disk);
  hand_over(disk, next);
  disk_unlock(disk);
  return next;
}

static void cut_power(sim_disk *disk, uint64_t random) {
  make_durable(disk, random_below(&random, disk->naming_count + 1));
  folder_copy(&disk->names, &disk->durable_names);
  for (size_t index = 0; index < disk->names.count; index++) node_cut(disk->names.entries[index].node, &random);
}

sim_disk *sim_disk_power_cut(sim_disk *disk, uint64_t seed) {
  sim_disk *next = sim_disk_crash(disk);
  cut_power(next, seed);
  return next;
}

void sim_disk_fall_out(sim_disk *disk, uint64_t seed) {
  disk_lock(disk);
  cut_off(disk);
  cut_power(disk, seed);
  disk_unlock(disk);
}

sim_disk *sim_disk_clone(sim_disk *disk, uint64_t seed) {
  sim_disk *copy = make(seed);
  disk_lock(disk);
  for (size_t index = 0; index < disk->names.count; index++) {
    entry *entry = &disk->names.entries[index];
    node *made = node_make(entry->node->inode);
    buffer_copy(&made->content, &entry->node->content);
    buffer_copy(&made->durable, &entry->node->content);
    folder_set(&copy->names, entry->name, made);
    folder_set(&copy->durable_names, entry->name, made);
    node_release(made);
  }
  copy->next_inode = disk->next_inode;
  copy->time = disk->time;
  disk_unlock(disk);
  return copy;
}

uint64_t sim_disk_unsynced_count(sim_disk *disk) {
  disk_lock(disk);
  uint64_t count = 0;
  for (size_t index = 0; index < disk->names.count; index++) count += disk->names.entries[index].node->change_count;
  disk_unlock(disk);
  return count;
}

void sim_disk_set_time(sim_disk *disk, int64_t milliseconds) {
  disk_lock(disk);
  disk->time = milliseconds;
  disk_unlock(disk);
}

// Files.

// 0, or why nothing can be asked of the disk now.
static int refusal(const sim_disk *disk, bool is_change) {
  if (disk_is_stopped(disk)) return -EIO;
  return is_change && disk->is_read_only ? -EROFS : 0;
}

node *disk_new_file(sim_disk *disk, const char *path) {
  node *made = node_make(disk->next_inode++);
  disk_name(disk, path, made, NULL);
  node_release(made);
  return made;
}

int sim_disk_create(sim_disk *disk, const char *path) {
  disk_lock(disk);
  int result = refusal(disk, false);
  if (result == 0 && folder_find(&disk->names, path) == NULL) {
    result = refusal(disk, true);
    if (result == 0) {
      disk_new_file(disk, path);
      result = 1;
    }
  }
  disk_unlock(disk);
  return result;
}

int64_t sim_disk_inode(sim_disk *disk, const char *path) {
  disk_lock(disk);
  int64_t result = refusal(disk, false);
  node *node = folder_find(&disk->names, path);
  if (result == 0 && node != NULL) result = (int64_t)node->inode;
  disk_unlock(disk);
  return result;
}

int sim_disk_remove(sim_disk *disk, const char *path) {
  disk_lock(disk);
  int result = refusal(disk, true);
  if (result == 0 && folder_find(&disk->names, path) == NULL) result = -ENOENT;
  if (result == 0) disk_name(disk, path, NULL, NULL);
  disk_unlock(disk);
  return result;
}

int sim_disk_rename(sim_disk *disk, const char *from, const char *to) {
  disk_lock(disk);
  int result = refusal(disk, true);
  node *node = folder_find(&disk->names, from);
  if (result == 0 && node == NULL) result = -ENOENT;
  if (result == 0) disk_name(disk, to, node, from);
  disk_unlock(disk);
  return result;
}

int sim_disk_put(sim_disk *disk, const char *path, const void *bytes, size_t count) {
  disk_lock(disk);
  int result = refusal(disk, true);
  if (result == 0) {
    node *node = disk_new_file(disk, path);
    if (count > 0) node_change(node, 0, bytes, count);
  }
  disk_unlock(disk);
  return result;
}

int sim_disk_overwrite(sim_disk *disk, const char *path, size_t offset, const void *bytes, size_t count) {
  disk_lock(disk);
  int result = refusal(disk, false);
  node *node = folder_find(&disk->names, path);
  if (result == 0 && node == NULL) result = -ENOENT;
  if (result == 0) {
    buffer_write(&node->content, offset, bytes, count);
    buffer_write(&node->durable, offset, bytes, count);
  }
  disk_unlock(disk);
  return result;
}

int64_t sim_disk_content(sim_disk *disk, const char *path, void *bytes, size_t capacity) {
  disk_lock(disk);
  int64_t result = refusal(disk, false);
  node *node = folder_find(&disk->names, path);
  if (result == 0 && node == NULL) result = -ENOENT;
  if (result == 0) {
    result = (int64_t)node->content.size;
    size_t count = node->content.size < capacity ? node->content.size : capacity;
    if (count > 0) memcpy(bytes, node->content.bytes, count);
  }
  disk_unlock(disk);
  return result;
}

// Locks: names that are in a folder of their own, without a file.

bool sim_disk_take_lock(sim_disk *disk, const char *name) {
  disk_lock(disk);
  bool is_free = !disk_is_stopped(disk) && folder_find(&disk->locks, name) == NULL;
  if (is_free) {
    node *mark = node_make(0);
    folder_set(&disk->locks, name, mark);
    node_release(mark);
  }
  disk_unlock(disk);
  return is_free;
}

void sim_disk_drop_lock(sim_disk *disk, const char *name) {
  disk_lock(disk);
  folder_set(&disk->locks, name, NULL);
  disk_unlock(disk);
}
