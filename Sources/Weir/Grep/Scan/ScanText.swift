/// Writes what the scan looks for as an expression of Vectorscan's, over bytes.
struct ScanText {
  private(set) var text = ""

  /// The expression for `node`, flattened and trimmed. Anchors count at its ends alone, where Vectorscan takes them.
  init(_ node: ScanNode) {
    switch node {
    case .either(let nodes): writeEither(nodes, writeOne: { $0.writeTop($1) })
    default: writeTop(node)
    }
  }

  private mutating func writeTop(_ node: ScanNode) {
    guard case .sequence(let nodes) = node else { return write(node) }
    for (place, node) in nodes.enumerated() {
      switch node {
      // Multiline: behind every LF too. A line's content ends in front of a CR, which a scan over bytes meets first.
      case .start: if place == 0 { text += "^" }
      case .end: if place == nodes.count - 1 { text += "\\r?$" }
      default: write(node)
      }
    }
  }

  private mutating func write(_ node: ScanNode, isRepeated: Bool = false) {
    switch node {
    case .character(let ways): writeCharacter(ways)
    case .set(let set): writeSet(set, least: 1, most: 1)
    case .sequence(let nodes): nodes.forEach { write($0, isRepeated: isRepeated) }
    case .either(let nodes): writeEither(nodes, writeOne: { $0.write($1, isRepeated: isRepeated) })
    case .start, .end: break
    case .repeated(.set(let set), let least, let most): writeSet(set, least: least, most: most)
    case .repeated(let node, let least, let most):
      if most == 0 { return }
      text += "(?:"
      write(node, isRepeated: true)
      text += ")"
      // A repeat is as large as all of its copies, and repeats in repeats multiply: there, only "none" and "some".
      let limit = isRepeated ? 1 : Self.groupCopiesLimit
      writeBounds(least: min(least, limit), most: most.flatMap { $0 > limit ? nil : $0 })
    }
  }

  /// More copies than these become "at least", which finds more and costs less.
  private static let groupCopiesLimit = 8
  private static let setCopiesLimit = 32

  private mutating func writeEither(_ nodes: [ScanNode], writeOne: (inout ScanText, ScanNode) -> Void) {
    text += "(?:"
    for (place, node) in nodes.enumerated() {
      if place > 0 { text += "|" }
      writeOne(&self, node)
    }
    text += ")"
  }

  private mutating func writeCharacter(_ ways: [[UInt8]]) {
    if ways.allSatisfy({ $0.count == 1 }) {
      let bytes = ways.map { $0[0] }
      if bytes.count == 1 { return writeByte(bytes[0]) }
      text += "["
      bytes.forEach { writeByte($0) }
      text += "]"
    } else if ways.count == 1 {
      ways[0].forEach { writeByte($0) }
    } else {
      text += "(?:"
      for (place, way) in ways.enumerated() {
        if place > 0 { text += "|" }
        way.forEach { writeByte($0) }
      }
      text += ")"
    }
  }

  /// A character beyond ASCII is two to four bytes, so that `least` to `most` characters are these many bytes.
  private mutating func writeSet(_ set: ScanSet, least: Int, most: Int?) {
    if most == 0 { return }
    text += "["
    var byte = 0
    while byte < 128 {
      guard set.contains(UInt8(byte)) else {
        byte += 1
        continue
      }
      let first = byte
      while byte < 128, set.contains(UInt8(byte)) { byte += 1 }
      writeRange(UInt8(first)...UInt8(byte - 1))
    }
    if set.hasOthers { writeRange(0x80...0xFF) }
    text += "]"
    let least = set.hasASCII ? least : 2 * least
    let most = most.map { set.hasOthers ? 4 * $0 : $0 }
    writeBounds(
      least: min(least, Self.setCopiesLimit), most: most.flatMap { $0 > Self.setCopiesLimit ? nil : $0 })
  }

  private mutating func writeBounds(least: Int, most: Int?) {
    switch (least, most) {
    case (1, 1): break
    case (0, nil): text += "*"
    case (1, nil): text += "+"
    case (0, 1): text += "?"
    case (_, nil): text += "{\(least),}"
    case (_, let most?): text += "{\(least),\(most)}"
    }
  }

  private mutating func writeRange(_ range: ClosedRange<UInt8>) {
    writeByte(range.lowerBound)
    guard range.count > 1 else { return }
    text += "-"
    writeByte(range.upperBound)
  }

  private mutating func writeByte(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      text.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let digits = String(byte, radix: 16)
      text += digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }
  }
}
