import CLinux
import DequeModule
import Glibc

/// Closures for a bounded number of threads, which sleep while there are none.
///
/// A thread is started when there is work, none is idle and the bound allows it; it ends when the queue is closed and
/// empty.
final class JobQueue: @unchecked Sendable {
  // Invariant: everything below is touched under `mutex` alone.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var queue = Deque<() -> Void>()
  private var isClosed = false
  /// Whether somebody works in the place of a thread: none takes a job meanwhile.
  private var isHeld = false
  private var threadCount = 0
  private var idleCount = 0
  private let name: String
  private let maxThreads: Int

  /// - Parameter name: of the threads; pthread_setname_np(3) takes 15 bytes of it.
  init(name: String, maxThreads: Int) {
    precondition(maxThreads > 0, "no work is done by no threads")
    self.name = name
    self.maxThreads = maxThreads
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrived, nil)
  }

  deinit {
    pthread_cond_destroy(arrived)
    pthread_mutex_destroy(mutex)
    arrived.deallocate()
    mutex.deallocate()
  }

  func append(_ job: @escaping () -> Void) {
    locked {
      queue.append(job)
      if queue.count > idleCount, threadCount < maxThreads { startThread() }
      pthread_cond_signal(arrived)
    }
  }

  /// Keeps the threads from their next jobs until ``letGo()``, if none has or waits for one.
  ///
  /// - Returns: whether that is so.
  func holdIfIdle() -> Bool {
    locked {
      guard queue.isEmpty, idleCount == threadCount, !isHeld else { return false }
      isHeld = true
      return true
    }
  }

  func letGo() {
    locked {
      isHeld = false
      if !queue.isEmpty { pthread_cond_signal(arrived) }
    }
  }

  /// What is in line is still done.
  func close() {
    locked {
      isClosed = true
      pthread_cond_broadcast(arrived)
    }
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// A thread that cannot be had is done without where there is another.
  private func startThread() {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(self)
    let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
      Unmanaged<JobQueue>.fromOpaque(box!).takeRetainedValue().work()
    }
    let failure = pthread_create(&thread, nil, body, box.toOpaque())
    guard failure == 0 else {
      box.release()
      return precondition(threadCount > 0, "no thread could be made: \(String(cString: strerror(failure)))")
    }
    threadCount += 1
    pthread_detach(thread)
  }

  private func work() -> UnsafeMutableRawPointer? {
    linux_name_thread(name)
    while let job = next() { job() }
    return nil
  }

  /// The next job; nil when closed and empty.
  private func next() -> (() -> Void)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while queue.isEmpty || isHeld {
      if isClosed, !isHeld { return nil }
      idleCount += 1
      pthread_cond_wait(arrived, mutex)
      idleCount -= 1
    }
    return queue.popFirst()
  }
}
