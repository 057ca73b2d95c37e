import Glibc

/// Where time comes from: the machine, or a test.
///
/// Everything in this library that waits or measures asks its time source, so a program runs on a
/// ``VirtualClock`` without a change.
public protocol TimeSource: AnyObject, Sendable {
  /// Monotonic time since an arbitrary origin; it does not run backwards when the wall clock is set.
  var now: Duration { get }

  /// Wall time since 1970-01-01T00:00:00Z. It may jump in either direction.
  var wall: Duration { get }

  /// How long the calling thread has computed, since an arbitrary origin; zero where that is not known.
  var cpu: Duration { get }

  /// Moves time on to `deadline` if time can be moved; a scheduler with nothing to do calls it.
  ///
  /// - Returns: false where time passes by itself, and one has to sleep.
  func skip(to deadline: Duration) -> Bool
}

extension TimeSource {
  /// Zero, for a source that does not know.
  public var cpu: Duration { .zero }
}

/// The machine's clocks: `CLOCK_MONOTONIC`, `CLOCK_REALTIME` and `CLOCK_THREAD_CPUTIME_ID`; see clock_gettime(2).
public final class SystemClock: TimeSource {
  /// Makes a source; all are alike.
  public init() {}

  /// Since the machine's start; it stands still while the machine is suspended.
  public var now: Duration { read(CLOCK_MONOTONIC) }
  /// Since 1970, as the machine's clock is set.
  public var wall: Duration { read(CLOCK_REALTIME) }
  /// Of the calling thread, since its start.
  public var cpu: Duration { read(CLOCK_THREAD_CPUTIME_ID) }
  /// False: the machine's time passes by itself.
  public func skip(to deadline: Duration) -> Bool { false }

  private func read(_ clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return Duration(secondsComponent: Int64(time.tv_sec), attosecondsComponent: Int64(time.tv_nsec) * 1_000_000_000)
  }
}

/// A clock that stands still until a scheduler has nothing to do, and then jumps to the next deadline.
public final class VirtualClock: TimeSource {
  private let elapsed = Locked(Duration.zero)
  private let origin: Locked<Duration>

  /// - Parameter wall: the wall time at the start, since 1970.
  public init(wall: Duration = .zero) { origin = Locked(wall) }

  /// Zero at the start; on any thread.
  public var now: Duration { elapsed.withLock { $0 } }
  /// The wall time at the start, or as it was set last, and what has passed since.
  public var wall: Duration { origin.withLock { $0 } + now }

  /// Sets the wall time, as a person or NTP does; ``now`` goes on as it did.
  public func setWall(_ wall: Duration) {
    let now = now
    origin.withLock { $0 = wall - now }
  }

  /// Moves to `deadline`, or stays where that has passed; always true.
  public func skip(to deadline: Duration) -> Bool {
    elapsed.withLock { $0 = max($0, deadline) }
    return true
  }

  /// Lets `duration` pass at once.
  public func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }
}

/// Durations as numbers.
extension Duration {
  /// Whole nanoseconds, rounded down.
  public var nanoseconds: Int64 {
    let parts = components
    return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
  }

  /// Whole milliseconds, rounded down.
  public var wholeMilliseconds: Int64 { nanoseconds / 1_000_000 }

  /// Seconds with their fraction.
  public var inSeconds: Double {
    let parts = components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }
}
