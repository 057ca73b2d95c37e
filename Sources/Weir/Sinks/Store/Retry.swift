import Coroutines
import Logging

/// Tries again, with growing pauses, what a store cannot do now.
///
/// Says so once when it begins and once when it works again, not per try.
public struct Retry: Sendable {
  /// The pause before the second try; each is twice the one before.
  public static let firstPause = Duration.milliseconds(100)
  /// No pause is longer.
  public static let longestPause = Duration.seconds(10)

  /// Pauses on `scheduler` and tells `log`, in sentences that begin with `subject`.
  public init(of subject: String, on scheduler: Scheduler, log: Logger) {
    self.subject = subject
    self.scheduler = scheduler
    self.log = log
  }

  private let subject: String
  private let scheduler: Scheduler
  private let log: Logger

  /// Runs `body` until it does not throw a ``StoreError`` that may pass.
  ///
  /// - Throws: any other error of `body`; `CancellationError` at once when the task is cancelled.
  public func run<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    var pause = Self.firstPause
    var isRetrying = false
    while true {
      do {
        let value = try await body()
        if isRetrying { log.info("\(subject): works again") }
        return value
      } catch let error as StoreError where error.isPassing {
        if !isRetrying { log.warning("\(subject): \(error); nothing is lost, trying again") }
        isRetrying = true
        try await scheduler.sleep(for: pause)
        pause = min(pause * 2, Self.longestPause)
      }
    }
  }
}
