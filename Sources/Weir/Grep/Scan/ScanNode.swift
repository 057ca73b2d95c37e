/// What of a pattern the scan looks for: it matches in every line in which the pattern does, and maybe in more.
indirect enum ScanNode: Equatable, Sendable {
  /// One character: its bytes, in each way that it may be written (upper or lower case).
  case character([[UInt8]])
  /// One character of a set.
  case set(ScanSet)
  case sequence([ScanNode])
  /// Any of them.
  case either([ScanNode])
  /// `most` nil: without end.
  case repeated(ScanNode, least: Int, most: Int?)
  /// The line's first byte is next.
  case start
  /// The line's content is over.
  case end

  static let nothing = ScanNode.sequence([])
  static let anything = ScanNode.repeated(.set(.all), least: 0, most: nil)
}

extension ScanNode {
  /// The longest run of bytes that is in every match: what the scan can go by. Long runs are rare in lines.
  var longestRun: Int {
    switch self {
    case .character(let ways): return ways.map(\.count).min() ?? 0
    case .set, .start, .end: return 0
    case .either(let nodes): return nodes.map(\.longestRun).min() ?? 0
    case .repeated(let node, let least, _): return least > 0 ? node.longestRun : 0
    case .sequence(let nodes):
      var longest = 0
      var run = 0
      for node in nodes {
        if case .character = node { run += node.longestRun } else { run = 0 }
        longest = max(longest, run, node.longestRun)
      }
      return longest
    }
  }

  /// Sequences inside sequences opened, so that runs of characters stand side by side.
  var flattened: ScanNode {
    switch self {
    case .sequence(let nodes):
      var flat: [ScanNode] = []
      for node in nodes.map(\.flattened) {
        if case .sequence(let inner) = node { flat += inner } else { flat.append(node) }
      }
      return flat.count == 1 ? flat[0] : .sequence(flat)
    case .either(let nodes): return nodes.count == 1 ? nodes[0].flattened : .either(nodes.map(\.flattened))
    case .repeated(let node, let least, let most): return .repeated(node.flattened, least: least, most: most)
    case .character, .set, .start, .end: return self
    }
  }

  /// Without what makes the scan report a line more often and finds no line less: a match of a part of the pattern
  /// is in every line that has a match of the whole, so what is in front of the first long run and behind the
  /// last is PCRE2's to check. `error.*` would else report every byte behind `error`.
  ///
  /// - Precondition: flattened.
  var trimmed: ScanNode {
    switch self {
    case .either(let nodes): return .either(nodes.map(\.trimmed))
    case .sequence(let nodes):
      if let core = Self.core(of: nodes) { return .sequence(core) }
      return .sequence(Self.shortened(nodes))
    case .repeated, .character, .set, .start, .end: return .sequence(Self.shortened([self]))
    }
  }

  /// A run of bytes is long enough to go by alone.
  static let longRunBytes = 3

  private static func core(of nodes: [ScanNode]) -> [ScanNode]? {
    var isLong = nodes.map { $0.longestRun >= longRunBytes }
    var run = 0..<0
    for (place, node) in nodes.enumerated() {
      guard case .character = node else {
        run = place + 1..<place + 1
        continue
      }
      run = run.lowerBound..<place + 1
      if ScanNode.sequence(Array(nodes[run])).longestRun >= longRunBytes { for index in run { isLong[index] = true } }
    }
    guard var first = isLong.firstIndex(of: true), var last = isLong.lastIndex(of: true) else { return nil }
    if first == 1, nodes[0] == .start { first = 0 }
    if last == nodes.count - 2, nodes[nodes.count - 1] == .end { last += 1 }
    return Array(nodes[first...last])
  }

  /// Repeats at both ends as short as they may be.
  private static func shortened(_ nodes: [ScanNode]) -> [ScanNode] {
    var nodes = nodes[...]
    func shorten(_ node: ScanNode) -> ScanNode? {
      guard case .repeated(let inner, let least, _) = node else { return node == .nothing ? nil : node }
      return least == 0 ? nil : .repeated(inner, least: least, most: least)
    }
    while let last = nodes.last {
      guard let short = shorten(last) else {
        nodes.removeLast()
        continue
      }
      nodes[nodes.endIndex - 1] = short
      break
    }
    while let first = nodes.first {
      guard let short = shorten(first) else {
        nodes.removeFirst()
        continue
      }
      nodes[nodes.startIndex] = short
      break
    }
    return Array(nodes)
  }
}
