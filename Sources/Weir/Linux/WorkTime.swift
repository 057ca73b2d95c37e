import Glibc

/// CLOCK_MONOTONIC: how long something takes, whatever clock the scheduler has.
enum MonotonicTime {
  static var nanoseconds: UInt64 { .read(CLOCK_MONOTONIC) }
}

/// CLOCK_THREAD_CPUTIME_ID: how long the calling thread has worked; it stands while the thread is stopped, or others
/// have its processor. A system call, of some 200 ns.
enum ThreadTime {
  static var nanoseconds: UInt64 { .read(CLOCK_THREAD_CPUTIME_ID) }
}

extension UInt64 {
  fileprivate static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
