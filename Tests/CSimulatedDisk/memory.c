#include <stdlib.h>
#include <string.h>

#include "disk.h"

// Bytes, files and names.

void *allocate(size_t bytes) {
  void *memory = calloc(1, bytes == 0 ? 1 : bytes);
  if (memory == NULL) abort();
  return memory;
}

void *grow(void *items, size_t *capacity, size_t needed, size_t item_bytes) {
  if (needed <= *capacity) return items;
  size_t wanted = *capacity * 2 > needed ? *capacity * 2 : needed;
  if (wanted < 8) wanted = 8;
  items = realloc(items, wanted * item_bytes);
  if (items == NULL) abort();
  *capacity = wanted;
  return items;
}

char *copied_text(const char *text) {
  size_t size = strlen(text) + 1;
  return memcpy(allocate(size), text, size);
}

// SplitMix64.
uint64_t next_random(uint64_t *state) {
  *state += 0x9E3779B97F4A7C15u;
  uint64_t mixed = *state;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

uint64_t random_below(uint64_t *state, uint64_t bound) { return bound == 0 ? 0 : next_random(state) % bound; }

void buffer_truncate(buffer *buffer, size_t size) {
  if (size > buffer->size) {
    buffer->bytes = grow(buffer->bytes, &buffer->capacity, size, 1);
    memset(buffer->bytes + buffer->size, 0, size - buffer->size);
  }
  buffer->size = size;
}

void buffer_write(buffer *buffer, size_t offset, const void *bytes, size_t count) {
  if (count == 0) return;
  if (offset + count > buffer->size) buffer_truncate(buffer, offset + count);
  memcpy(buffer->bytes + offset, bytes, count);
}

void buffer_copy(buffer *to, const buffer *from) {
  to->size = 0;
  buffer_write(to, 0, from->bytes, from->size);
}

node *node_make(uint64_t inode) {
  node *made = allocate(sizeof *made);
  made->inode = inode;
  made->reference_count = 1;
  return made;
}

node *node_retain(node *node) {
  if (node != NULL) node->reference_count++;
  return node;
}

static void forget_changes(node *node) {
  for (size_t index = 0; index < node->change_count; index++) free(node->changes[index].bytes);
  node->change_count = 0;
}

void node_release(node *node) {
  if (node == NULL || --node->reference_count > 0) return;
  forget_changes(node);
  free(node->changes);
  free(node->content.bytes);
  free(node->durable.bytes);
  free(node);
}

// Writes, or with `bytes` null cuts at `offset`; not durable yet.
void node_change(node *node, size_t offset, const void *bytes, size_t count) {
  change made = {offset, count, NULL};
  if (bytes == NULL) {
    buffer_truncate(&node->content, offset);
  } else {
    buffer_write(&node->content, offset, bytes, count);
    made.bytes = allocate(count);
    memcpy(made.bytes, bytes, count);
  }
  node->changes = grow(node->changes, &node->change_capacity, node->change_count + 1, sizeof made);
  node->changes[node->change_count++] = made;
}

static void apply_whole(buffer *buffer, const change *change) {
  if (change->bytes == NULL) {
    buffer_truncate(buffer, change->offset);
  } else {
    buffer_write(buffer, change->offset, change->bytes, change->count);
  }
}

void node_sync(node *node) {
  for (size_t index = 0; index < node->change_count; index++) apply_whole(&node->durable, &node->changes[index]);
  forget_changes(node);
}

void node_drop_locks(node *node) {
  node->shared_count = 0;
  node->reserved = node->pending = node->exclusive = NULL;
  node->memory = NULL;
}

// Of each sector of a write, whether it survives; the file is as long as the last sector that does.
static void apply_in_part(buffer *buffer, const change *change, uint64_t *random) {
  size_t done = 0;
  while (done < change->count) {
    size_t in_sector = SECTOR_BYTES - (change->offset + done) % SECTOR_BYTES;
    size_t count = change->count - done < in_sector ? change->count - done : in_sector;
    if (random_below(random, 2) == 0) buffer_write(buffer, change->offset + done, change->bytes + done, count);
    done += count;
  }
}

// What a power cut leaves.
void node_cut(node *node, uint64_t *random) {
  // How likely a change before the moment survives whole, in eighths. All, none, and much in between.
  static const uint64_t chances[] = {0, 1, 4, 7, 8};
  size_t issued = random_below(random, node->change_count + 1);
  uint64_t chance = chances[random_below(random, sizeof chances / sizeof *chances)];
  for (size_t index = 0; index < issued; index++) {
    const change *change = &node->changes[index];
    if (random_below(random, 8) < chance) {
      apply_whole(&node->durable, change);
    } else if (change->bytes != NULL && chance > 0 && random_below(random, 2) == 0) {
      apply_in_part(&node->durable, change, random);
    }
  }
  forget_changes(node);
  buffer_copy(&node->content, &node->durable);
}

node *folder_find(const folder *folder, const char *name) {
  for (size_t index = 0; index < folder->count; index++) {
    if (strcmp(folder->entries[index].name, name) == 0) return folder->entries[index].node;
  }
  return NULL;
}

// Gives a name to a node, or with null takes it away.
void folder_set(folder *folder, const char *name, node *node) {
  for (size_t index = 0; index < folder->count; index++) {
    entry *entry = &folder->entries[index];
    if (strcmp(entry->name, name) != 0) continue;
    struct node *former = entry->node;
    entry->node = node_retain(node);
    node_release(former);
    if (node != NULL) return;
    free(entry->name);
    memmove(entry, entry + 1, (folder->count - index - 1) * sizeof *entry);
    folder->count--;
    return;
  }
  if (node == NULL) return;
  folder->entries = grow(folder->entries, &folder->capacity, folder->count + 1, sizeof *folder->entries);
  folder->entries[folder->count++] = (entry){copied_text(name), node_retain(node)};
}

void folder_clear(folder *folder) {
  for (size_t index = 0; index < folder->count; index++) {
    free(folder->entries[index].name);
    node_release(folder->entries[index].node);
  }
  free(folder->entries);
  *folder = (struct folder){0};
}

void folder_copy(folder *to, const folder *from) {
  folder_clear(to);
  for (size_t index = 0; index < from->count; index++) {
    folder_set(to, from->entries[index].name, from->entries[index].node);
  }
}
