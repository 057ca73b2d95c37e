import CPCRE2

/// What a pattern may cost on one line, and the memory that it may use: one for all patterns of a scanner.
///
/// PCRE2 counts backtracking for each place where a match may start, and a long line has many; so no limit of its
/// own bounds the time that a line takes. A search is therefore tried with a small limit, on lines that are short
/// enough that the small limit bounds the time. What does not end so is searched in windows of starts under a
/// deadline, with a limit that no sane pattern meets.
final class MatchLimits {
  /// Backtracks for one start, in the first try: with `quickLineBytes`, some 20 ms at worst.
  static let quickBacktracks: UInt32 = 2000
  /// A longer line is searched in windows from the beginning.
  static let quickLineBytes = 4096
  /// Backtracks for one start, in a search under a deadline: some 10 ms.
  static let patientBacktracks: UInt32 = 2_000_000
  /// A search under a deadline has so long, and more for each byte; then the line counts as not matched.
  static let patientNanoseconds: UInt64 = 25_000_000
  /// What a byte of the line adds: far more than a pattern takes that does not backtrack from every place.
  static let patientNanosecondsOfByte: UInt64 = 100
  /// No line may take longer: a signal waits for it.
  static let longestNanoseconds: UInt64 = 8_000_000_000
  /// Searches of one pattern in one batch that end so take so long together, at most; then one ends at once. Else a
  /// writer of short lines, each of which takes as long as a line may, would hold up a batch for minutes.
  static let patientNanosecondsOfBatch: UInt64 = 250_000_000
  /// What a search has then that had no first try, beside what its bytes add.
  static let leastPatientNanoseconds: UInt64 = 1_000_000
  /// Where backtracking is kept by machine code: enough for a group repeated for each byte of a line of 64 KiB.
  private static let stackBytes = 8 << 20
  /// Where the interpreter keeps it, in KiB.
  private static let heapKibibytes: UInt32 = 32 << 10

  /// pcre2_match_context of the first try.
  let quick: OpaquePointer
  /// pcre2_match_context of the search under a deadline.
  let patient: OpaquePointer
  /// Of the batch at hand.
  let patience: UnsafeMutablePointer<Patience>
  /// Of the search at hand: ends it where it cannot be done window by window.
  let watch: UnsafeMutablePointer<SearchWatch>
  private let stack: OpaquePointer?

  init() {
    patience = .allocate(capacity: 1)
    patience.initialize(to: Patience())
    watch = .allocate(capacity: 1)
    watch.initialize(to: SearchWatch())
    // Without a stack of its own, machine code uses 32 KiB of the thread's: enough for most lines.
    stack = pcre2_jit_stack_create_8(32 << 10, Self.stackBytes, nil)
    quick = Self.context(backtracks: Self.quickBacktracks, stack: stack)
    patient = Self.context(backtracks: Self.patientBacktracks, stack: stack)
    pcre2_set_callout_8(
      patient,
      { _, watch in
        let isOver = watch?.assumingMemoryBound(to: SearchWatch.self).pointee.isOver() == true
        return isOver ? PCRE2_ERROR_CALLOUT : 0
      }, watch)
  }

  deinit {
    pcre2_match_context_free_8(quick)
    pcre2_match_context_free_8(patient)
    pcre2_jit_stack_free_8(stack)
    patience.deallocate()
    watch.deallocate()
  }

  private static func context(backtracks: UInt32, stack: OpaquePointer?) -> OpaquePointer {
    guard let context = pcre2_match_context_create_8(nil) else { fatalError("out of memory") }
    pcre2_set_match_limit_8(context, backtracks)
    pcre2_set_depth_limit_8(context, backtracks)
    pcre2_set_heap_limit_8(context, heapKibibytes)
    if let stack { pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
    return context
  }
}

/// What searches under a deadline have done.
struct Patience {
  /// Counts the batches.
  var batch: UInt64 = 0
  /// Whether there was one since someone last asked.
  var wasUsed = false
}

/// What searches for one pattern under a deadline have cost.
struct PatternPatience {
  /// Those in a batch that ended without an answer: what they took beyond what their bytes added.
  private var lostNanoseconds: UInt64 = 0
  private var batch: UInt64 = 0

  /// How long a search of a line may take.
  mutating func allowance(byteCount: Int, in batch: UInt64) -> UInt64 {
    if batch != self.batch { self = PatternPatience(batch: batch) }
    let ofBytes = UInt64(byteCount) * MatchLimits.patientNanosecondsOfByte
    if lostNanoseconds < MatchLimits.patientNanosecondsOfBatch {
      return min(MatchLimits.longestNanoseconds, ofBytes + MatchLimits.patientNanoseconds)
    }
    let hadFirstTry = byteCount <= MatchLimits.quickLineBytes
    return hadFirstTry ? 0 : min(MatchLimits.longestNanoseconds, ofBytes + MatchLimits.leastPatientNanoseconds)
  }

  /// Notes a search that ended without an answer.
  mutating func lose(_ nanoseconds: UInt64, byteCount: Int) {
    let ofBytes = UInt64(byteCount) * MatchLimits.patientNanosecondsOfByte
    lostNanoseconds += max(nanoseconds, ofBytes) - ofBytes
  }

  init() {}
  private init(batch: UInt64) { self.batch = batch }
}

/// Looks at the time now and then, in a search that PCRE2 does in one go: asked at each start of a match.
struct SearchWatch {
  private var began: UInt64 = 0
  private var deadline: UInt64 = .max
  private var stride = 1
  private var left = 1

  init() {}

  init(from began: UInt64, until deadline: UInt64) {
    self.began = began
    self.deadline = deadline
  }

  /// Whether the time is over.
  mutating func isOver() -> Bool {
    left -= 1
    if left > 0 { return false }
    let now = ThreadTime.nanoseconds
    if now >= deadline { return true }
    if now - began < 500_000 { stride *= 2 } else if now - began > 4_000_000 { stride = max(1, stride / 2) }
    began = now
    left = stride
    return false
  }
}
