/// What is in a class: at most, and at least. A negated class has at most what is not in it at least.
struct ClassMembers {
  var maybe: ScanSet
  var surely: ScanSet

  /// Exactly these ASCII characters, and some others: under UCP, `\d`, `\w` and `\s` have members in every script.
  init(_ ascii: ScanSet, isInverted: Bool = false) {
    surely = isInverted ? ascii.inverted : ascii
    maybe = surely
    maybe.hasOthers = true
  }

  private init(maybe: ScanSet, surely: ScanSet) {
    self.maybe = maybe
    self.surely = surely
  }

  /// Of which nothing is known.
  static let unknown = ClassMembers(maybe: .all, surely: .none)
  static let empty = ClassMembers(maybe: .none, surely: .none)

  /// Adds what another has.
  mutating func add(_ other: ClassMembers) {
    maybe = maybe.union(other.maybe)
    surely = surely.union(other.surely)
  }

  /// Adds the characters from one to another.
  mutating func add(_ range: ClosedRange<Unicode.Scalar>) {
    let ascii = range.lowerBound.isASCII ? ScanSet(range) : .none
    maybe = maybe.union(ascii)
    surely = surely.union(ascii)
    if !range.upperBound.isASCII { maybe.hasOthers = true }
  }
}

extension ScanParser {
  /// A class, behind its opening bracket.
  mutating func characterClass() throws(Unreadable) -> ScanNode {
    let isNegated = take("^")
    var members = ClassMembers.empty
    var isQuoted = false
    // A bracket that comes first is a member.
    var isFirst = true
    while true {
      if isQuoted ? take("\\E") : take("\\Q") {
        isQuoted.toggle()
        continue
      }
      if !isQuoted && take("\\E") { continue }
      if !isQuoted && !isFirst && take("]") { break }
      isFirst = false
      try classItem(into: &members, isQuoted: isQuoted)
    }
    var set = isNegated ? members.surely.inverted : members.maybe
    if flags.ignoresCase && !isNegated { set = set.caseless }
    // Nothing but LF: no line has it.
    guard !set.isEmpty else { throw Unreadable() }
    return .set(set)
  }

  private mutating func classItem(into members: inout ClassMembers, isQuoted: Bool) throws(Unreadable) {
    if !isQuoted, peek() == "[", let mark = peek(1), mark == ":" || mark == "." || mark == "=" {
      // `[:alpha:]` has members that only PCRE2 knows; where none ends here, the bracket is one character.
      guard mark == ":" else { throw Unreadable() }
      return try addSet(try posixClass(), to: &members)
    }
    if !isQuoted, peek() == "\\" {
      _ = try next()
      if let set = try escapedSet() { return try addSet(set, to: &members) }
      let first: Unicode.Scalar = take("b") ? "\u{8}" : try escapedCharacter()
      return try classRange(from: first, into: &members)
    }
    let first = try next()
    if isQuoted { return members.add(first...first) }
    try classRange(from: first, into: &members)
  }

  /// What a hyphen between a set and something else means, PCRE2's releases do not agree on.
  private func addSet(_ set: ClassMembers, to members: inout ClassMembers) throws(Unreadable) {
    if peek() == "-", peek(1) != "]" { throw Unreadable() }
    members.add(set)
  }

  private mutating func classRange(from first: Unicode.Scalar, into members: inout ClassMembers) throws(Unreadable) {
    guard peek() == "-", let second = peek(1), second != "]" else { return members.add(first...first) }
    _ = try next()
    var last = try next()
    if last == "[" { throw Unreadable() }
    if last == "\\" {
      if peek() == "Q" || peek() == "E" { throw Unreadable() }
      if try escapedSet() != nil { throw Unreadable() }
      last = take("b") ? "\u{8}" : try escapedCharacter()
    }
    guard first <= last else { throw Unreadable() }
    members.add(first...last)
  }

  /// `[:name:]` or `[:^name:]`, behind the class's own bracket: at most everything, at least nothing.
  private mutating func posixClass() throws(Unreadable) -> ClassMembers {
    _ = try next()
    _ = try next()
    let name = String(String.UnicodeScalarView(try take(through: ":")))
    guard take("]") else { throw Unreadable() }
    switch name {
    case "digit": return ClassMembers(.digits)
    case "alpha": return ClassMembers(.letters)
    case "alnum": return ClassMembers(ScanSet.letters.union(.digits))
    case "space": return ClassMembers(.spaces)
    case "word": return ClassMembers(.wordCharacters)
    case "<", ">": throw Unreadable()
    default: return .unknown
    }
  }
}
