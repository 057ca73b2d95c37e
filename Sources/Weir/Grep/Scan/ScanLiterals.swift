/// Literals of which one is in every match of a pattern: what the scan looks for in its place.
struct ScanLiterals: Equatable, Sendable {
  /// Bytes to look for.
  struct Literal: Equatable, Sendable {
    var bytes: [UInt8] = []
    /// Of ASCII letters.
    var ignoresCase = false

    mutating func append(_ other: Literal) {
      bytes += other.bytes
      ignoresCase = ignoresCase || other.ignoresCase
    }

    static func + (left: Literal, right: Literal) -> Literal {
      Literal(bytes: left.bytes + right.bytes, ignoresCase: left.ignoresCase || right.ignoresCase)
    }
  }

  let literals: [Literal]
  /// How many bytes the shortest has: long ones are in few lines.
  let shortestBytes: Int
  /// How rare hits are, and how fast the scan for them; to compare with others.
  let worth: Int

  init(_ literals: [Literal]) {
    self.literals = literals
    shortestBytes = literals.lazy.map { $0.bytes.count }.min() ?? 0
    // Letters tell lines apart, digits and blanks are in most. Beyond some bytes, a literal is rare enough, and a
    // single one is what the scan is fastest at.
    let weights = literals.map { literal in
      min(20, literal.bytes.reduce(0) { $0 + (Self.isTelling($1) ? 2 : 1) })
    }
    worth = (weights.min() ?? 0) - literals.count.bitWidth + literals.count.leadingZeroBitCount
  }

  private static func isTelling(_ byte: UInt8) -> Bool {
    byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }

  /// More than these for one pattern are too many.
  private static let countLimit = 64
  /// More ways than these to write one literal are too many.
  private static let waysLimit = 8
  /// Longer ones are cut: they are rare enough.
  private static let bytesLimit = 32

  /// The best literals for `outline`; nil if it has none.
  init?(_ outline: PatternOutline) {
    let found = Self.find(in: outline)
    guard let best = Self.better(found.inside, found.whole.map(ScanLiterals.init)), best.shortestBytes > 0 else {
      return nil
    }
    self = best
  }

  /// What `outline` can be as a whole, where that is few literals, and the best literals inside of it.
  private static func find(in outline: PatternOutline) -> (whole: [Literal]?, inside: ScanLiterals?) {
    switch outline {
    case .anything: return (nil, nil)
    case .character(let ways, let ignoresCase):
      return (ways.map { Literal(bytes: $0, ignoresCase: ignoresCase) }, nil)
    case .sequence(let parts): return find(inSequence: parts)
    case .either(let branches): return find(inEither: branches)
    }
  }

  private static func find(inEither branches: [PatternOutline]) -> (whole: [Literal]?, inside: ScanLiterals?) {
    let found = branches.map(find)
    let wholes = found.compactMap(\.whole)
    if wholes.count == branches.count, wholes.joined().count <= waysLimit { return (Array(wholes.joined()), nil) }
    var all: [Literal] = []
    for branch in found {
      guard let best = better(branch.inside, branch.whole.map(ScanLiterals.init)) else { return (nil, nil) }
      all += best.literals
    }
    return (nil, all.count <= countLimit ? ScanLiterals(all) : nil)
  }

  private static func find(inSequence parts: [PatternOutline]) -> (whole: [Literal]?, inside: ScanLiterals?) {
    var best: ScanLiterals?
    // What the parts behind the last gap can be; and the same since the last part that can be several things.
    var run = [Literal()]
    var plain = Literal()
    var isWhole = true
    func end() {
      best = better(best, ScanLiterals(run))
      best = better(best, ScanLiterals([plain]))
    }
    for part in parts {
      let found = find(in: part)
      best = better(best, found.inside)
      guard let ways = found.whole else {
        end()
        (run, plain, isWhole) = ([Literal()], Literal(), false)
        continue
      }
      if ways.count == 1, plain.bytes.count < bytesLimit {
        plain.append(ways[0])
      } else {
        best = better(best, ScanLiterals([plain]))
        plain = ways.count == 1 ? ways[0] : Literal()
      }
      if run.count * ways.count > waysLimit || (run.lazy.map { $0.bytes.count }.max() ?? 0) >= bytesLimit {
        end()
        (run, isWhole) = (ways, false)
      } else if ways.count == 1 {
        for index in run.indices { run[index].append(ways[0]) }
      } else {
        run = run.flatMap { head in ways.map { head + $0 } }
      }
    }
    if isWhole { return (run, best) }
    end()
    return (nil, best)
  }

  private static func better(_ left: ScanLiterals?, _ right: ScanLiterals?) -> ScanLiterals? {
    guard let right, right.shortestBytes > 0 else { return left }
    guard let left, left.worth >= right.worth else { return right }
    return left
  }
}
