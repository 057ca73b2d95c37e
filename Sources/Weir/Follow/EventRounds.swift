/// How long is waited from one round of events to the next. The first event of a quiet time is taken at once.
///
/// While events come closer than ``busyInterval``, each next round is twice as much later, up to ``longestPause``; else
/// half as much. So files that are written to line by line, or by many writers every few milliseconds, cost some ten
/// rounds a second, and not one a write.
struct EventRounds {
  static let shortestPause = Duration.milliseconds(2)
  /// What is read is this much behind, at most, while files are busy.
  static let longestPause = Duration.milliseconds(100)
  /// Between two events, on average over a round.
  static let busyInterval = Duration.milliseconds(2.5)

  /// So long ago the last round counts as after a quiet time, in which nobody knows when the first event came.
  private static let quietInterval = Duration.milliseconds(32)

  private var pause = Self.shortestPause
  /// When the last round was; nil before the first.
  private var last: Duration?

  /// How much later the next round is.
  ///
  /// - Parameters:
  ///   - count: how many events this one had.
  ///   - now: when they are taken.
  mutating func pause(after count: Int, at now: Duration) -> Duration {
    var interval = last.map { now - $0 } ?? .seconds(1)
    last = now
    if interval >= pause + Self.longestPause { (interval, pause) = (Self.quietInterval, Self.shortestPause) }
    let isBusy = interval < Self.busyInterval * count
    pause = isBusy ? min(pause * 2, Self.longestPause) : max(pause / 2, Self.shortestPause)
    return pause
  }
}
