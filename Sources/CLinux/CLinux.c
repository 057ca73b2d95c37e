#define _GNU_SOURCE
#include "CLinux.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

const void *linux_memrchr(const void *bytes, int byte, size_t count) { return memrchr(bytes, byte, count); }

// Counts in single bytes, as wide as the machine goes, and adds them up before one can overflow.
size_t linux_count_byte(const void *bytes, int byte, size_t count) {
  const uint8_t *at = bytes;
  const uint8_t sought = (uint8_t)byte;
  size_t total = 0;
  while (count >= 64) {
    size_t rounds = count / 64 < 255 ? count / 64 : 255;
    uint8_t sums[64] = {0};
    for (size_t round = 0; round < rounds; round++, at += 64) {
      for (int lane = 0; lane < 64; lane++) sums[lane] = (uint8_t)(sums[lane] + (at[lane] == sought));
    }
    for (int lane = 0; lane < 64; lane++) total += sums[lane];
    count -= 64 * rounds;
  }
  while (count-- > 0) total += *at++ == sought;
  return total;
}

int64_t linux_modified_nanoseconds(const void *status) {
  const struct stat *file = status;
  return (int64_t)file->st_mtim.tv_sec * 1000000000 + file->st_mtim.tv_nsec;
}

void linux_name_thread(const char *name) {
  char cut[16] = {0};
  strncpy(cut, name, sizeof cut - 1);
  pthread_setname_np(pthread_self(), cut);
}

static _Thread_local const void *thread_owner;

const void *linux_thread_owner(void) { return thread_owner; }

void linux_set_thread_owner(const void *owner) { thread_owner = owner; }
