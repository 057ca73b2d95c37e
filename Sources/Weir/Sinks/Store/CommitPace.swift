import Coroutines

/// How much a ``Committer`` does at once.
enum CommitPace {
  /// What is delivered is committed so long after it at the latest.
  static let longestHold = Duration.seconds(1)
  /// What so many files have to deliver is taken together at most, and so many lines of that.
  static let takenTogether = 100
  static let rowsTakenTogether = 1000
  /// Where there is ``Haste``, so many rows are committed at once, and what came with the last delivery.
  static let eagerRows = 2000
}
