import Coroutines
import Synchronization

/// How much a ``Committer`` does at once.
enum CommitPace {
  /// What is delivered is committed so long after it at the latest.
  static let longestHold = Duration.seconds(1)
  /// What so many files have to deliver is taken together at most, and so many lines of that.
  static let takenTogether = 100
  static let rowsTakenTogether = 1000
  /// So long after a quiet file had lines while others were busy, little is committed at once, so that it waits for
  /// less: so many rows, and what came with the last delivery.
  static let eagerTime = Duration.seconds(1)
  static let eagerRows = 2000
}

extension Store {
  /// Lines of a quiet file wait for what others commit.
  nonisolated func noteHaste(at now: Duration) { lastHaste.store(now.nanoseconds, ordering: .relaxed) }

  /// Whether that was so a moment ago: then who commits much commits it in small parts.
  nonisolated func hasHaste(at now: Duration) -> Bool {
    let last = lastHaste.load(ordering: .relaxed)
    return last != .min && now.nanoseconds - last < CommitPace.eagerTime.nanoseconds
  }
}
