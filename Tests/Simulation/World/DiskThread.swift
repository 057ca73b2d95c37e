import Coroutines
import DequeModule

/// Where a store lives in the simulation: on the scheduler's thread, but as if it had one of its own, which takes a
/// moment for each job. So others have their turn between what is asked of a store and what it answers. What may be
/// done at once is so half of the times.
final class DiskThread: HostingExecutor, @unchecked Sendable {
  private let scheduler: Scheduler
  private let delay: () -> Duration
  private var jobs = Deque<UnownedJob>()
  private var isWorking = false
  private var isRunning = false

  init(_ scheduler: Scheduler, delay: @escaping () -> Duration) {
    self.scheduler = scheduler
    self.delay = delay
  }

  func enqueue(_ job: consuming ExecutorJob) {
    jobs.append(UnownedJob(job))
    guard !isWorking else { return }
    isWorking = true
    scheduler.spawn(name: "disk", after: delay()) { [self] in
      while let job = jobs.popFirst() {
        isRunning = true
        job.runSynchronously(on: asUnownedSerialExecutor())
        isRunning = false
        if !jobs.isEmpty { try await scheduler.sleep(for: delay()) }
      }
      isWorking = false
    }
  }

  func runHereIfIdle<Value>(_ body: () throws -> Value) rethrows -> Value? {
    guard !isWorking, !isRunning, delay().wholeMilliseconds % 2 == 0 else { return nil }
    isRunning = true
    defer { isRunning = false }
    return try body()
  }

  func isIsolatingCurrentContext() -> Bool? { isRunning }
  func checkIsolated() { precondition(isRunning, "not on the store's thread") }
}
