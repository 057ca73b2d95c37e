import CPCRE2
import Synchronization

/// A pattern compiled by PCRE2: what it matches is what the pattern means.
///
/// Unsafe because it keeps PCRE2's code, which nothing writes to once `init` is done: any number of threads may
/// match by it, each with a ``LineMatcher`` of its own.
final class CompiledPattern: @unchecked Sendable {
  /// A name and the numbers of the groups that bear it: with `(?J)` several, of which the first that took part counts.
  struct Group: Equatable {
    let name: String
    let numbers: [Int]
  }

  /// The pattern's source.
  let pattern: Pattern
  /// Named groups in order of their numbers, each name once.
  let groups: [Group]
  /// Whether PCRE2 made machine code of it; if not (`(*NO_JIT)`, memory that may not be executed, a pattern that is
  /// only checked), it interprets.
  let isJITCompiled: Bool
  /// How it is searched in a long line: in windows of starts, or with the callouts of ``timed``.
  let isSearchedInWindows: Bool
  /// pcre2_code.
  let code: OpaquePointer
  /// What PCRE2 has compiled: `pattern`, with what its settings add.
  private let text: String
  /// pcre2_code with callouts, made when it is needed first.
  private let timedCode = Mutex<OpaquePointer?>(nil)

  /// Named groups in order of their numbers, each once.
  var groupNames: [String] { groups.map(\.name) }

  /// Compiles `pattern`.
  ///
  /// - Parameter isOnlyChecked: nothing is matched with it; to make machine code takes longer than to compile.
  /// - Throws: what PCRE2 says of the text that the user wrote, at the place in that text.
  init(_ pattern: Pattern, isOnlyChecked: Bool = false) throws(PatternError) {
    self.pattern = pattern
    switch (pattern.isFixed, pattern.isWord) {
    case (true, let isWord):
      let escaped = PatternText.escaped(pattern.text)
      text = isWord ? PatternText.word(escaped) : escaped
      code = try Self.compile(text, ignoresCase: pattern.ignoresCase)
    case (false, false):
      text = pattern.text
      code = try Self.compile(text, ignoresCase: pattern.ignoresCase)
    case (false, true):
      (text, code) = try Self.compileWord(pattern.text, ignoresCase: pattern.ignoresCase)
    }
    if !isOnlyChecked { pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) }
    isJITCompiled = Self.fact(PCRE2_INFO_JITSIZE, of: code, as: 0) > 0
    isSearchedInWindows = pattern.isFixed || PatternShape.isSearchedInWindows(pattern.text)
    groups = Self.groups(of: code)
  }

  deinit {
    pcre2_code_free_8(code)
    pcre2_code_free_8(timedCode.withLock(\.self))
  }

  /// The same with a callout before each of its items, by which a search can be ended at any time; takes several times
  /// as long. nil where it is too large for PCRE2 so.
  var timed: (code: OpaquePointer, isJITCompiled: Bool)? {
    let code = timedCode.withLock { code -> OpaquePointer? in
      if code != nil { return code }
      code = try? Self.compile(text, ignoresCase: pattern.ignoresCase, PCRE2_AUTO_CALLOUT)
      if isJITCompiled { pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) }
      return code
    }
    return code.map { ($0, Self.fact(PCRE2_INFO_JITSIZE, of: $0, as: 0) > 0) }
  }

  /// As `grep -w`. The text is compiled alone first, so that an error stands where the user made it.
  private static func compileWord(
    _ text: String, ignoresCase: Bool
  ) throws(PatternError) -> (text: String, code: OpaquePointer) {
    pcre2_code_free_8(try compile(text, ignoresCase: ignoresCase))
    var word = PatternText.word(text)
    do {
      return (word, try compile(word, ignoresCase: ignoresCase))
    } catch {
      // A comment of (?x) runs to the end of its line and would take the closing parenthesis with it.
      word = PatternText.word(text + "\n")
      return (word, try compile(word, ignoresCase: ignoresCase))
    }
  }

  private static func compile(
    _ text: String, ignoresCase: Bool, _ more: UInt32 = 0
  ) throws(PatternError) -> OpaquePointer {
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    // A line has no LF in it, so that `.` is any character and `$` the end, also where a CR stands alone.
    pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    pcre2_set_bsr_8(context, UInt32(PCRE2_BSR_UNICODE))
    // \C takes a byte out of a character. The offset limit is what lets a long search be timed.
    var options =
      PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT | more
    if ignoresCase { options |= PCRE2_CASELESS }
    var problem: Int32 = 0
    var offset = 0
    let bytes = Array(text.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &problem, &offset, context) else {
      var message = [UInt8](repeating: 0, count: 256)
      let length = pcre2_get_error_message_8(problem, &message, message.count)
      throw PatternError(
        message: String(decoding: message.prefix(Int(max(0, length))), as: UTF8.self),
        offset: min(offset, bytes.count))
    }
    return code
  }

  private static func fact<Value>(_ what: Int32, of code: OpaquePointer, as initial: Value) -> Value
  where Value: BitwiseCopyable {
    var value = initial
    pcre2_pattern_info_8(code, UInt32(what), &value)
    return value
  }

  private static func groups(of code: OpaquePointer) -> [Group] {
    let count = Int(fact(PCRE2_INFO_NAMECOUNT, of: code, as: UInt32(0)))
    let size = Int(fact(PCRE2_INFO_NAMEENTRYSIZE, of: code, as: UInt32(0)))
    guard count > 0, let table = fact(PCRE2_INFO_NAMETABLE, of: code, as: UnsafePointer<UInt8>?.none) else { return [] }
    // An entry is the number, high byte first, and the name with a NUL.
    let entries = (0..<count).map { index in
      let entry = table + index * size
      return (number: Int(entry[0]) << 8 | Int(entry[1]), name: String(cString: entry + 2))
    }
    var groups: [Group] = []
    for entry in entries.sorted(by: { $0.number < $1.number }) {
      if let place = groups.firstIndex(where: { $0.name == entry.name }) {
        groups[place] = Group(name: entry.name, numbers: groups[place].numbers + [entry.number])
      } else {
        groups.append(Group(name: entry.name, numbers: [entry.number]))
      }
    }
    return groups
  }
}
