#include "disk.h"

// What goes wrong, and when the process ends.

bool disk_is_stopped(const sim_disk *disk) { return disk->is_dead || disk->is_halted; }

static bool applies(sim_fault fault, deed deed) {
  switch (fault) {
    case SIM_FULL: return deed == DEED_GROWING_WRITE;
    case SIM_BUSY: return deed == DEED_LOCK;
    case SIM_IO_ERROR: return deed == DEED_OTHER || deed == DEED_GROWING_WRITE;
    case SIM_FAULT_COUNT: break;
  }
  return false;
}

static outcome outcome_of(sim_fault fault) {
  switch (fault) {
    case SIM_FULL: return FULL;
    case SIM_BUSY: return BUSY;
    case SIM_IO_ERROR: return IO_ERROR;
    case SIM_FAULT_COUNT: break;
  }
  return FINE;
}

static outcome drawn(sim_disk *disk, deed deed) {
  for (int fault = 0; fault < SIM_FAULT_COUNT; fault++) {
    if (disk->is_on[fault] && applies((sim_fault)fault, deed)) return outcome_of((sim_fault)fault);
  }
  for (int index = 0; index < disk->rule_count; index++) {
    const rule *rule = &disk->rules[index];
    if (disk->operation_count < rule->first || disk->operation_count > rule->last) continue;
    if (!applies(rule->fault, deed)) continue;
    if (rule->one_in <= 1 || random_below(&disk->random, rule->one_in) == 0) return outcome_of(rule->fault);
  }
  return FINE;
}

// Counts an operation that begins, and says how it ends.
outcome disk_begin(sim_disk *disk, deed deed) {
  if (disk_is_stopped(disk)) return STOPPED;
  disk->operation_count++;
  if (disk->operation_count >= disk->halt_at) {
    disk->is_halted = true;
    return HALTING;
  }
  outcome outcome = drawn(disk, deed);
  if (outcome != FINE) disk->fault_count++;
  return outcome;
}

outcome handle_begin(handle *handle, deed deed) {
  outcome outcome = disk_begin(handle->disk, deed);
  return handle->node == NULL ? STOPPED : outcome;
}

void sim_disk_add_fault(sim_disk *disk, sim_fault fault, uint64_t first, uint64_t last, uint64_t one_in) {
  disk_lock(disk);
  if (disk->rule_count < RULE_LIMIT) disk->rules[disk->rule_count++] = (rule){fault, first, last, one_in};
  disk_unlock(disk);
}

void sim_disk_set_fault(sim_disk *disk, sim_fault fault, bool is_on) {
  disk_lock(disk);
  disk->is_on[fault] = is_on;
  disk_unlock(disk);
}

bool sim_disk_has_fault(sim_disk *disk, sim_fault fault) {
  disk_lock(disk);
  bool is_on = disk->is_on[fault];
  disk_unlock(disk);
  return is_on;
}

void sim_disk_clear_faults(sim_disk *disk) {
  disk_lock(disk);
  disk->rule_count = 0;
  for (int fault = 0; fault < SIM_FAULT_COUNT; fault++) disk->is_on[fault] = false;
  disk->is_read_only = false;
  disk_unlock(disk);
}

void sim_disk_set_read_only(sim_disk *disk, bool is_read_only) {
  disk_lock(disk);
  disk->is_read_only = is_read_only;
  disk_unlock(disk);
}

bool sim_disk_is_read_only(sim_disk *disk) {
  disk_lock(disk);
  bool is_read_only = disk->is_read_only;
  disk_unlock(disk);
  return is_read_only;
}

void sim_disk_halt_at(sim_disk *disk, uint64_t operation) {
  disk_lock(disk);
  disk->halt_at = operation;
  disk_unlock(disk);
}

bool sim_disk_is_halted(sim_disk *disk) {
  disk_lock(disk);
  bool is_halted = disk->is_halted;
  disk_unlock(disk);
  return is_halted;
}

uint64_t sim_disk_operation_count(sim_disk *disk) {
  disk_lock(disk);
  uint64_t count = disk->operation_count;
  disk_unlock(disk);
  return count;
}

uint64_t sim_disk_fault_count(sim_disk *disk) {
  disk_lock(disk);
  uint64_t count = disk->fault_count;
  disk_unlock(disk);
  return count;
}
