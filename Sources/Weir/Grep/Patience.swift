import CPCRE2

/// Searches under a deadline, and when the one at hand has to end.
struct Patience {
  /// Counts the batches.
  var batch: UInt64 = 0
  /// Whether there was one since someone last asked.
  var wasUsed = false
  /// The clock is looked at after so many callouts: between two of them lies a pass over the line at most.
  private var calloutsBetween = 1
  private var calloutsLeft = 1
  /// By ``ThreadTime``.
  private var deadline = UInt64.max
  /// By ``MonotonicTime``, which costs an eighth: no sooner is the other looked at.
  private var nextLook: UInt64 = 0
  private static let nanosecondsBetween: UInt64 = 500_000

  /// Has callouts end the search of a line when its time is over.
  mutating func begin(forBytes count: Int, until deadline: UInt64) {
    calloutsBetween = max(1, (1 << 24) / max(1 << 16, count))
    calloutsLeft = calloutsBetween
    self.deadline = deadline
    wasUsed = true
  }

  /// What PCRE2 is told before each item of a pattern: to go on, or to end.
  mutating func callout() -> Int32 {
    calloutsLeft -= 1
    if calloutsLeft > 0 { return 0 }
    calloutsLeft = calloutsBetween
    let now = MonotonicTime.nanoseconds
    if now < nextLook { return 0 }
    nextLook = now + Self.nanosecondsBetween
    return ThreadTime.nanoseconds < deadline ? 0 : PCRE2_ERROR_CALLOUT
  }
}

/// What searches for one pattern under a deadline have cost.
struct PatternPatience {
  /// Those in a batch that ended without an answer: what they took beyond what their bytes added.
  private var lostNanoseconds: UInt64 = 0
  private var batch: UInt64 = 0

  /// How long a search of a line may take.
  mutating func allowance(forBytes count: Int, in batch: UInt64) -> UInt64 {
    if batch != self.batch { (lostNanoseconds, self.batch) = (0, batch) }
    let more = UInt64(count) * MatchLimits.nanosecondsOfByte
    if lostNanoseconds < MatchLimits.patientNanosecondsOfBatch {
      return min(MatchLimits.longestNanoseconds, MatchLimits.patientNanoseconds + more)
    }
    let hadFirstTry = count <= MatchLimits.quickLineBytes
    return hadFirstTry ? 0 : min(MatchLimits.longestNanoseconds, MatchLimits.leastPatientNanoseconds + more)
  }

  /// Notes a search that ended without an answer.
  mutating func lose(_ nanoseconds: UInt64, forBytes count: Int) {
    let more = UInt64(count) * MatchLimits.nanosecondsOfByte
    lostNanoseconds += max(nanoseconds, more) - more
  }
}
