// What the files of this target share: the disk as it is in memory.
#ifndef DISK_H
#define DISK_H

#include <pthread.h>
#include <sqlite3.h>

#include "CSimulatedDisk.h"

enum { SECTOR_BYTES = 512, RULE_LIMIT = 16, SHM_LOCK_COUNT = 8 };

typedef struct buffer {
  uint8_t *bytes;
  size_t size, capacity;
} buffer;

// A write, or with `bytes` null a truncation to `offset`.
typedef struct change {
  size_t offset, count;
  uint8_t *bytes;
} change;

// Shared memory of a database: it stays valid for handles of a dead disk.
typedef struct shared_memory {
  int reference_count;
  int region_count, region_bytes;
  void **regions;
  int shared_counts[SHM_LOCK_COUNT];
  const struct handle *exclusive[SHM_LOCK_COUNT];
} shared_memory;

// A file, whatever names it has.
typedef struct node {
  int reference_count;
  uint64_t inode;
  buffer content, durable;
  change *changes;
  size_t change_count, change_capacity;
  // Locks of the process that runs.
  int shared_count;
  const struct handle *reserved, *pending, *exclusive;
  shared_memory *memory;
} node;

typedef struct entry {
  char *name;
  node *node;
} entry;

typedef struct folder {
  entry *entries;
  size_t count, capacity;
} folder;

// A name that was given to a node, or with null taken away, and with `from` another that was taken away with it.
typedef struct naming {
  char *name, *from;
  node *node;
} naming;

typedef struct rule {
  sim_fault fault;
  uint64_t first, last, one_in;
} rule;

struct sim_disk {
  sqlite3_vfs vfs;
  char name[32];
  pthread_mutex_t mutex;
  // The owner, and each open handle.
  int reference_count;
  bool is_dead, is_halted, is_read_only;
  folder names, durable_names;
  naming *namings;
  size_t naming_count, naming_capacity;
  folder locks;
  uint64_t next_inode, random;
  uint64_t operation_count, fault_count, halt_at;
  rule rules[RULE_LIMIT];
  int rule_count;
  bool is_on[SIM_FAULT_COUNT];
  int64_t time;
  struct handle *handles;
};

// SQLite's file.
typedef struct handle {
  sqlite3_file file;
  sim_disk *disk;
  // Null when the disk is dead.
  node *node;
  char *name;
  shared_memory *memory;
  struct handle *next, *previous;
  int lock_level;
  // Of the memory's locks, those that it shares.
  uint16_t shared_mask;
  bool keeps_wal, is_read_only, deletes_on_close;
} handle;

// In memory.c
void *grow(void *items, size_t *capacity, size_t needed, size_t item_bytes);
void *allocate(size_t bytes);
char *copied_text(const char *text);
uint64_t next_random(uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t bound);
void buffer_write(buffer *buffer, size_t offset, const void *bytes, size_t count);
void buffer_truncate(buffer *buffer, size_t size);
void buffer_copy(buffer *to, const buffer *from);
node *node_make(uint64_t inode);
void node_release(node *node);
node *node_retain(node *node);
void node_change(node *node, size_t offset, const void *bytes, size_t count);
void node_sync(node *node);
void node_drop_locks(node *node);
void node_cut(node *node, uint64_t *random);
node *folder_find(const folder *folder, const char *name);
void folder_set(folder *folder, const char *name, node *node);
void folder_copy(folder *to, const folder *from);
void folder_clear(folder *folder);

// In disk.c
void disk_name(sim_disk *disk, const char *name, node *node, const char *from);
void disk_names_are_durable(sim_disk *disk);
node *disk_new_file(sim_disk *disk, const char *path);
void disk_release(sim_disk *disk);
void disk_lock(sim_disk *disk);
void disk_unlock(sim_disk *disk);
void disk_note_handle(int change);

// In faults.c

// What an operation does: which faults it can have. A look (shared locks and memory) has none.
typedef enum deed { DEED_LOOK, DEED_OTHER, DEED_GROWING_WRITE, DEED_LOCK } deed;
// How it ends.
typedef enum outcome { FINE, STOPPED, HALTING, FULL, IO_ERROR, BUSY } outcome;
outcome disk_begin(sim_disk *disk, deed deed);
// The same, of an open file.
outcome handle_begin(handle *handle, deed deed);
bool disk_is_stopped(const sim_disk *disk);

// In vfs.c
void vfs_prepare(sim_disk *disk);

// In file.c
extern const sqlite3_io_methods file_methods;

// In locks.c
int lock_file(sqlite3_file *file, int level);
int unlock_file(sqlite3_file *file, int level);
int check_reserved(sqlite3_file *file, int *is_reserved);
int map_memory(sqlite3_file *file, int region, int region_bytes, int extends, void volatile **mapped);
int lock_memory(sqlite3_file *file, int first, int count, int flags);
void memory_barrier(sqlite3_file *file);
int unmap_memory(sqlite3_file *file, int deletes);
// With the disk locked.
void leave_locks(handle *handle);
void leave_memory(handle *handle);

#endif
