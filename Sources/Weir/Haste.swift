import Coroutines
import Synchronization

/// Whether lines of quiet files wait while much is stored of busy ones: then busy files are read, and what they have is
/// committed, in small parts, so that the others wait for less.
///
/// One for the databases of an agent and the files that it follows, whichever sink has what: they share threads. Any
/// thread may call it.
final class Haste: Sendable {
  /// It goes on so long after a line waited.
  static let duration = Duration.seconds(1)

  /// When one did last, in nanoseconds of the clock's monotonic time.
  private let last = Atomic(Int64.min)

  /// A line waits.
  func note(at now: Duration) { last.store(now.nanoseconds, ordering: .relaxed) }

  /// Whether one waited a moment ago.
  func isOn(at now: Duration) -> Bool {
    let last = last.load(ordering: .relaxed)
    return last != .min && now.nanoseconds - last < Self.duration.nanoseconds
  }
}
