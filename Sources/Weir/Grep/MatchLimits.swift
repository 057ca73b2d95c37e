import CPCRE2

/// What a pattern may cost on one line, and the memory that it may use: one for all patterns of a scanner.
///
/// PCRE2 counts backtracking for each place where a match may start, and a long line has many; nor does machine code
/// count each step. So no limit of its own bounds the time that a line takes. A search is therefore tried with a small
/// limit, on lines that are short enough that the small limit bounds the time. What does not end so is searched under a
/// deadline, with a limit that no sane pattern meets: in windows of starts, or with callouts.
///
/// Deadlines are of the time that the thread works (``ThreadTime``): a stop, or a busy machine, takes nothing from it.
final class MatchLimits {
  /// Backtracks for one start, in the first try: with `quickLineBytes`, some 20 ms at worst.
  static let quickBacktracks: UInt32 = 2000
  /// A longer line is searched in windows from the beginning.
  static let quickLineBytes = 4096
  /// Backtracks for one start, in a search under a deadline: some 10 ms.
  static let patientBacktracks: UInt32 = 2_000_000
  /// A search under a deadline ends here, and the line counts as not matched; but for what its length adds.
  static let patientNanoseconds: UInt64 = 25_000_000
  /// Searches that backtrack little take 1 to 10 ns a byte, and several times that with callouts.
  static let nanosecondsOfByte: UInt64 = 100
  /// No line may take longer: a signal waits for it.
  static let longestNanoseconds: UInt64 = 8_000_000_000
  /// Searches of one pattern in one batch that end so take so long together, at most, beside what lengths add; then one
  /// ends at once. Else a writer of short lines, each of which takes as long as a line may, would hold up a batch for
  /// minutes.
  static let patientNanosecondsOfBatch: UInt64 = 250_000_000
  /// What a search has then that had no first try, beside what its length adds.
  static let leastPatientNanoseconds: UInt64 = 1_000_000
  /// Where backtracking is kept by machine code: enough for a group repeated for each byte of a line of 64 KiB.
  private static let stackBytes = 8 << 20
  /// Where the interpreter keeps it, in KiB.
  private static let heapKibibytes: UInt32 = 32 << 10

  /// pcre2_match_context of the first try.
  let quick: OpaquePointer
  /// pcre2_match_context of the search under a deadline.
  let patient: OpaquePointer
  /// Of the search at hand.
  let patience: UnsafeMutablePointer<Patience>
  private let stack: OpaquePointer?

  init() {
    patience = .allocate(capacity: 1)
    patience.initialize(to: Patience())
    // Without a stack of its own, machine code uses 32 KiB of the thread's: enough for most lines.
    stack = pcre2_jit_stack_create_8(32 << 10, Self.stackBytes, nil)
    quick = Self.context(backtracks: Self.quickBacktracks, stack: stack)
    patient = Self.context(backtracks: Self.patientBacktracks, stack: stack)
    pcre2_set_callout_8(
      patient, { _, patience in patience!.assumingMemoryBound(to: Patience.self).pointee.callout() }, patience)
  }

  deinit {
    pcre2_match_context_free_8(quick)
    pcre2_match_context_free_8(patient)
    pcre2_jit_stack_free_8(stack)
    patience.deallocate()
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
