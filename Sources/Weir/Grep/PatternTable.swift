/// Every pattern of a scanner once, and what is known of each about the line at hand, so that pipelines which share
/// a pattern share its work.
///
/// Not Sendable. Its slots are plain memory: they are read for every pattern on every candidate line.
final class PatternTable {
  /// What is known of one pattern.
  struct Slot {
    let matcher: LineMatcher
    /// Whether the scan looks for it: then it matches in no line that the scan did not report for it.
    var isScanned = false
    /// The line that the scan reported for it, by serial number.
    var hitLine: UInt64 = 0
    /// The line that `outcome` is about, by serial number.
    var matchedLine: UInt64 = 0
    var outcome = LineMatcher.Outcome.notMatched
  }

  /// In the order in which they were met.
  let patterns: [CompiledPattern]
  /// A slot for each.
  let slots: UnsafeMutablePointer<Slot>
  let limits = MatchLimits()

  /// Compiles the patterns, which are all different.
  init(_ sources: [Pattern]) throws(PatternError) {
    var patterns: [CompiledPattern] = []
    for source in sources { patterns.append(try CompiledPattern(source)) }
    self.patterns = patterns
    slots = .allocate(capacity: max(1, patterns.count))
    for (place, pattern) in patterns.enumerated() {
      (slots + place).initialize(to: Slot(matcher: LineMatcher(pattern, limits: limits)))
    }
  }

  deinit {
    for place in patterns.indices { slots[place].matcher.free() }
    slots.deinitialize(count: patterns.count)
    slots.deallocate()
  }
}

/// The line that rules are tried on.
struct LineAtHand {
  /// Without its terminator.
  let content: UnsafeRawBufferPointer
  /// The batch's offset of its first byte.
  let start: Int
  /// Counts every line that a scanner looked at, from 1: 0 is no line.
  let serial: UInt64
  /// What the scan reported for it.
  let hits: UnsafeBufferPointer<HitList.Hit>
}

extension UnsafeMutablePointer<PatternTable.Slot> {
  /// Whether a pattern matches in the line; PCRE2 is asked at most once for each line.
  @inline(__always)
  func outcome(of pattern: Int, in line: LineAtHand) -> LineMatcher.Outcome {
    let slot = self + pattern
    if slot.pointee.matchedLine == line.serial { return slot.pointee.outcome }
    slot.pointee.matchedLine = line.serial
    if slot.pointee.isScanned && slot.pointee.hitLine != line.serial {
      slot.pointee.outcome = .notMatched
    } else {
      slot.pointee.outcome = slot.pointee.matcher.match(line.content)
    }
    return slot.pointee.outcome
  }
}
