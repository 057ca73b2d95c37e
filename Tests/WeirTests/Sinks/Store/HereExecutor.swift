import Coroutines
import Synchronization

/// Does each job where and when it comes.
final class HereExecutor: HostingExecutor {
  private let guests = Atomic(0)

  /// How often something was done in its place.
  var guestCount: Int { guests.load(ordering: .relaxed) }

  func enqueue(_ job: consuming ExecutorJob) { job.runSynchronously(on: asUnownedSerialExecutor()) }
  func runHereIfIdle<Value>(_ body: () throws -> Value) rethrows -> Value? {
    guests.add(1, ordering: .relaxed)
    return try body()
  }
  func isIsolatingCurrentContext() -> Bool? { true }
  func checkIsolated() {}
}
