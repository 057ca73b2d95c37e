#define _GNU_SOURCE
#include "CLinux.h"

#include <pthread.h>
#include <string.h>

const void *linux_memrchr(const void *bytes, int byte, size_t count) { return memrchr(bytes, byte, count); }

void linux_name_thread(const char *name) {
  char cut[16] = {0};
  strncpy(cut, name, sizeof cut - 1);
  pthread_setname_np(pthread_self(), cut);
}
