/// How long is waited from one round of events to the next. The first event of a quiet time is taken at once.
///
/// While events come closer than ``busyInterval``, each next round is twice as much later, up to ``longestPause``; else
/// half as much. So files that are written to line by line cost some thirty rounds a second, not one a line.
struct EventRounds {
  static let shortestPause = Duration.milliseconds(2)
  /// What is read is this much behind, at most, while files are busy.
  static let longestPause = Duration.milliseconds(32)
  /// Between two events, on average over a round.
  static let busyInterval = Duration.milliseconds(2.5)

  private var pause = Self.shortestPause
  private var last: Duration

  /// - Parameter now: when the first events came after a quiet time.
  init(beginningAt now: Duration) { last = now - Self.longestPause }

  /// How much later the next round is.
  ///
  /// - Parameters:
  ///   - count: how many events this one had.
  ///   - now: when they are taken.
  mutating func pause(after count: Int, at now: Duration) -> Duration {
    let isBusy = now - last < Self.busyInterval * count
    last = now
    pause = isBusy ? min(pause * 2, Self.longestPause) : max(pause / 2, Self.shortestPause)
    return pause
  }
}
