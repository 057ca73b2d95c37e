// What the Glibc module does not bring to Swift: system interfaces whose headers it leaves out, and
// functions that glibc hides behind _GNU_SOURCE. Nothing here decides anything.
//
// _GNU_SOURCE is set in CLinux.c alone: set here, it would change types that the Glibc module has too.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>

/// memrchr(3): the last `byte` among `count` bytes, or null.
const void *_Nullable linux_memrchr(const void *_Nonnull bytes, int byte, size_t count);

/// How many of `count` bytes are `byte`. In C, of which SIMD code is made: it runs over everything that is read.
size_t linux_count_byte(const void *_Nonnull bytes, int byte, size_t count);

/// st_mtim of the struct stat at `status`, in nanoseconds since 1970. Several modules of C headers have timespec, and
/// the one that is built first owns it: Swift code that names its members does not build in every order.
int64_t linux_modified_nanoseconds(const void *_Nonnull status);

/// pthread_setname_np(3) for the calling thread; the name is cut to the 15 bytes that it takes.
void linux_name_thread(const char *_Nonnull name);

/// What this thread was last told to keep, or null: the scheduler that runs on it. Swift has no thread-local variables.
const void *_Nullable linux_thread_owner(void);
void linux_set_thread_owner(const void *_Nullable owner);

void *_Nullable swift_task_getCurrent(void) __attribute__((swiftcall));
_Bool swift_task_isCancelled(const void *_Nonnull task) __attribute__((swiftcall));

/// Which Swift task the caller is, as a name to compare; null outside a task. Nothing is read through it.
///
/// withUnsafeCurrentTask tells the same, but its value belongs to a library whose layout the compiler may not assume:
/// to keep and compare it is a dozen calls, three times in each send. This is the function of Swift's runtime below it.
static inline const void *_Nullable linux_current_task(void) { return swift_task_getCurrent(); }

/// Whether the caller's task, which linux_current_task gave, was cancelled.
static inline _Bool linux_task_is_cancelled(const void *_Nonnull task) { return swift_task_isCancelled(task); }

#endif
