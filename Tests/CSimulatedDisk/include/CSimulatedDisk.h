// A disk in memory for SQLite, with the ways in which disks and processes fail. Everything that happens on it is drawn
// by seeds: there is no clock, no thread and no address in it, so the same calls give the same disk.
//
// What is modelled
//   - A file has its bytes as a process sees them, the bytes as they were at its last sync, and the writes and
//     truncations since, in order.
//   - A crash is the end of the process: files stay as it saw them; locks and shared memory are gone.
//   - A power cut: of what was written since a file's last sync a part survives. Up to a moment that is drawn for each
//     file, each write survives sector by sector (512 bytes), each truncation whole; after it, nothing. Bytes beside a
//     write are never harmed (SQLITE_IOCAP_POWERSAFE_OVERWRITE, as SQLite assumes of disks by itself).
//   - Names (creation, removal, renaming) are a journal in order, as ext4 and XFS have it: a sync of any file makes all
//     of them durable; at a power cut the first so many of the others survive. So the name of a file that was synced
//     is durable.
//
// A disk is one run of a machine: after a crash or a power cut the next process has a new `sim_disk`, and nothing that
// the former one still has open reaches it. A disk may be used by several threads; then order is no more the seed's.
#ifndef CSIMULATEDDISK_H
#define CSIMULATEDDISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sim_disk sim_disk;

/// What goes wrong with one operation.
typedef enum sim_fault {
  /// A write that makes a file longer writes a part and fails: ENOSPC, SQLITE_FULL.
  SIM_FULL,
  /// EIO, SQLITE_IOERR_...: of a write a part may be done.
  SIM_IO_ERROR,
  /// Another process has the lock of the writer: SQLITE_BUSY.
  SIM_BUSY,
  SIM_FAULT_COUNT,
} sim_fault;

/// An empty disk. Its SQLite VFS is registered.
sim_disk *_Nonnull sim_disk_make(uint64_t seed);
/// A copy of what a process would see on `disk`, all of it durable.
sim_disk *_Nonnull sim_disk_clone(sim_disk *_Nonnull disk, uint64_t seed);
/// Ends a disk's use. What SQLite still has open on it fails, and may be closed later.
void sim_disk_free(sim_disk *_Nonnull disk);

/// The disk after the end of the process; `disk` is dead from now on: all that is asked of it fails.
sim_disk *_Nonnull sim_disk_crash(sim_disk *_Nonnull disk);
/// The disk after a power cut; `disk` is dead from now on.
sim_disk *_Nonnull sim_disk_power_cut(sim_disk *_Nonnull disk, uint64_t seed);

/// The disk fails under a process that lives on, and is mended: what is open is lost, and what a power cut would take.
void sim_disk_fall_out(sim_disk *_Nonnull disk, uint64_t seed);

/// For sqlite3_open_v2, as long as the disk is there.
const char *_Nonnull sim_disk_vfs_name(sim_disk *_Nonnull disk);

// Files. Paths are absolute texts. A negative result is -errno.

/// 1 if an empty file was made, 0 if there is one.
int sim_disk_create(sim_disk *_Nonnull disk, const char *_Nonnull path);
/// The file's number, never used twice on a disk; 0 if there is none of that name.
int64_t sim_disk_inode(sim_disk *_Nonnull disk, const char *_Nonnull path);
int sim_disk_remove(sim_disk *_Nonnull disk, const char *_Nonnull path);
/// Takes the place of a file at `to`.
int sim_disk_rename(sim_disk *_Nonnull disk, const char *_Nonnull from, const char *_Nonnull to);
/// Makes a new file with this content, in the place of one that is there.
int sim_disk_put(sim_disk *_Nonnull disk, const char *_Nonnull path, const void *_Nullable bytes, size_t count);
/// Overwrites bytes of a file at once and durably, as a failing disk may.
int sim_disk_overwrite(
  sim_disk *_Nonnull disk, const char *_Nonnull path, size_t offset, const void *_Nonnull bytes, size_t count);
/// The file's size. Copies what fits into `bytes`.
int64_t sim_disk_content(
  sim_disk *_Nonnull disk, const char *_Nonnull path, void *_Nullable bytes, size_t capacity);

/// Takes the lock of that name, if it is free.
bool sim_disk_take_lock(sim_disk *_Nonnull disk, const char *_Nonnull name);
void sim_disk_drop_lock(sim_disk *_Nonnull disk, const char *_Nonnull name);

// Faults.

/// Each operation from number `first` to `last` fails so, one in `one_in` of them drawn by the disk's seed; 1: all.
/// 16 rules at most.
void sim_disk_add_fault(
  sim_disk *_Nonnull disk, sim_fault fault, uint64_t first, uint64_t last, uint64_t one_in);
/// Whether every operation fails so, from now on.
void sim_disk_set_fault(sim_disk *_Nonnull disk, sim_fault fault, bool is_on);
bool sim_disk_has_fault(sim_disk *_Nonnull disk, sim_fault fault);
void sim_disk_clear_faults(sim_disk *_Nonnull disk);
/// As a file system that is mounted read-only anew: EROFS.
void sim_disk_set_read_only(sim_disk *_Nonnull disk, bool is_read_only);
bool sim_disk_is_read_only(sim_disk *_Nonnull disk);

/// The process comes to its end in the operation of that number: a write is done in part, and nothing after it.
void sim_disk_halt_at(sim_disk *_Nonnull disk, uint64_t operation);
bool sim_disk_is_halted(sim_disk *_Nonnull disk);

/// How many operations were begun: what SQLite opens, reads, writes, cuts, syncs, removes, locks.
uint64_t sim_disk_operation_count(sim_disk *_Nonnull disk);
/// How many of them failed by a rule.
uint64_t sim_disk_fault_count(sim_disk *_Nonnull disk);
/// How many writes and truncations a power cut may undo now.
uint64_t sim_disk_unsynced_count(sim_disk *_Nonnull disk);

/// What SQLite takes for the time, in milliseconds since 1970; 2023-11-14T22:13:20Z at first.
void sim_disk_set_time(sim_disk *_Nonnull disk, int64_t milliseconds);

/// Disks and SQLite's handles on them that are there now, in all: 0 when everything was let go of.
int64_t sim_disk_live_count(void);

#endif
