import CPCRE2

/// Matches one pattern on one line after another and holds what the last match captured.
///
/// Pointers alone, so that a match costs no retain: its owner frees it and keeps the pattern and the limits alive.
struct LineMatcher {
  /// What a search of a line found.
  enum Outcome: UInt8 {
    case notMatched
    case matched
    /// The search was cut off: counts as not matched, and as an error.
    case limited
  }

  private let code: OpaquePointer
  private let result: OpaquePointer
  private let offsets: UnsafeMutablePointer<Int>
  private let quick: OpaquePointer
  private let patient: OpaquePointer
  private let patience: UnsafeMutablePointer<Patience>
  private let ownPatience: UnsafeMutablePointer<PatternPatience>
  private let isJITCompiled: Bool
  private let pattern: Unmanaged<CompiledPattern>

  /// - Precondition: `pattern` and `limits` outlive the matcher.
  init(_ pattern: CompiledPattern, limits: MatchLimits) {
    guard let result = pcre2_match_data_create_from_pattern_8(pattern.code, nil) else { fatalError("out of memory") }
    code = pattern.code
    self.result = result
    offsets = pcre2_get_ovector_pointer_8(result)
    quick = limits.quick
    patient = limits.patient
    patience = limits.patience
    ownPatience = .allocate(capacity: 1)
    ownPatience.initialize(to: PatternPatience())
    isJITCompiled = pattern.isJITCompiled
    self.pattern = .passUnretained(pattern)
  }

  /// Gives the memory back.
  func free() {
    pcre2_match_data_free_8(result)
    ownPatience.deallocate()
  }

  /// Seeks the first match in a line without its terminator. Bytes that are not UTF-8 are never part of a match.
  @inline(__always)
  func match(_ line: UnsafeRawBufferPointer) -> Outcome {
    if line.count <= MatchLimits.quickLineBytes {
      let code = search(line, from: 0, under: quick)
      if code > 0 { return .matched }
      if code == PCRE2_ERROR_NOMATCH { return .notMatched }
    }
    return matchPatiently(line)
  }

  /// The first match; after `.matched` alone. `\K` in a look-around could end it before it starts: then it is empty.
  var matchedRange: Range<Int> { offsets[0]..<max(offsets[0], offsets[1]) }

  /// What the first of these groups that took part captured; after `.matched` alone.
  func captured(by numbers: [Int]) -> Range<Int>? {
    for number in numbers where offsets[2 * number] >= 0 && offsets[2 * number + 1] >= offsets[2 * number] {
      return offsets[2 * number]..<offsets[2 * number + 1]
    }
    return nil
  }

  @inline(__always)
  private func search(_ line: UnsafeRawBufferPointer, from start: Int, under limits: OpaquePointer) -> Int32 {
    // PCRE2 refuses a null pointer, also for nothing.
    guard let base = line.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      return withUnsafePointer(to: 0) { run($0, count: 0, from: 0, under: limits) }
    }
    return run(base, count: line.count, from: start, under: limits)
  }

  @inline(__always)
  private func run(
    _ base: UnsafePointer<UInt8>, count: Int, from start: Int, under limits: OpaquePointer
  ) -> Int32 {
    if isJITCompiled { return pcre2_jit_match_8(code, base, count, start, 0, result, limits) }
    return pcre2_match_8(code, base, count, start, 0, result, limits)
  }

  /// Searches under a deadline, as far as the pattern's searches in this batch have not taken too long already.
  private func matchPatiently(_ line: UnsafeRawBufferPointer) -> Outcome {
    let allowance = ownPatience.pointee.allowance(forBytes: line.count, in: patience.pointee.batch)
    guard allowance > 0 else { return .limited }
    let start = ThreadTime.nanoseconds
    patience.pointee.begin(forBytes: line.count, until: start + allowance)
    let outcome = pattern._withUnsafeGuaranteedRef { pattern in
      pattern.isSearchedInWindows
        ? searchInWindows(line, from: start, until: start + allowance) : searchWithCallouts(line, pattern)
    }
    if outcome == .limited { ownPatience.pointee.lose(ThreadTime.nanoseconds - start, forBytes: line.count) }
    return outcome
  }

  /// Searches window by window of starting places, so that time can be looked at in between.
  private func searchInWindows(_ line: UnsafeRawBufferPointer, from began: UInt64, until deadline: UInt64) -> Outcome {
    defer { pcre2_set_offset_limit_8(patient, Int(bitPattern: ~0)) }
    // One start may look at all of the line.
    var window = max(1, (1 << 20) / max(1, line.count))
    var start = 0
    var began = began
    while true {
      let last = min(line.count, start + window)
      pcre2_set_offset_limit_8(patient, last)
      let code = search(line, from: start, under: patient)
      if code > 0 { return .matched }
      guard code == PCRE2_ERROR_NOMATCH else { return .limited }
      guard last < line.count else { return .notMatched }
      let now = ThreadTime.nanoseconds
      guard now < deadline else { return .limited }
      if now - began < 500_000 { window *= 2 } else if now - began > 4_000_000 { window = max(1, window / 2) }
      began = now
      start = Self.nextCharacter(in: line, after: last)
    }
  }

  /// Searches all at once; ``Patience/callout()`` looks at the time.
  private func searchWithCallouts(_ line: UnsafeRawBufferPointer, _ pattern: CompiledPattern) -> Outcome {
    guard let timed = pattern.timed, let base = line.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      return .limited  // of no bytes the first try has told all
    }
    let code =
      if timed.isJITCompiled { pcre2_jit_match_8(timed.code, base, line.count, 0, 0, result, patient) } else {
        pcre2_match_8(timed.code, base, line.count, 0, 0, result, patient)
      }
    return code > 0 ? .matched : code == PCRE2_ERROR_NOMATCH ? .notMatched : .limited
  }

  /// A search may not start inside a character: at the byte behind `place`, or behind the rest of its character.
  private static func nextCharacter(in line: UnsafeRawBufferPointer, after place: Int) -> Int {
    var next = place + 1
    while next < line.count, next < place + 4, line[next] & 0xC0 == 0x80 { next += 1 }
    return next
  }
}
