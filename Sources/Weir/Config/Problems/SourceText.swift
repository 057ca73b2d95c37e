import SystemPackage

/// The text of one config file, addressed by Unicode scalars, with what is needed to show a place in it.
final class SourceText: Sendable {
  /// The file's name as the user gave it.
  let name: String
  /// Absolute: what relative paths in the file are relative to.
  let folder: FilePath
  /// Without a byte order mark; bytes that are not UTF-8 are U+FFFD.
  let scalars: [Unicode.Scalar]
  /// Where in `scalars` each line begins. A line ends with LF, as editors count.
  private let lineStarts: [Int]

  init(name: String, folder: FilePath, bytes: some Collection<UInt8>) {
    self.name = name
    self.folder = folder
    var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    if scalars.first == "\u{feff}" { scalars.removeFirst() }
    var lineStarts = [0]
    for (index, scalar) in scalars.enumerated() where scalar == "\n" { lineStarts.append(index + 1) }
    self.scalars = scalars
    self.lineStarts = lineStarts
  }

  /// The text as a parser takes it.
  var utf8: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(scalars.count)
    for scalar in scalars { bytes += scalar.utf8 }
    return bytes
  }

  /// Counted from 1. The end of the file counts as the end of its last line.
  func lineAndColumn(of position: Int) -> (line: Int, column: Int) {
    let position = clamped(position)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= position { low = middle } else { high = middle }
    }
    return (low + 1, position - lineStarts[low] + 1)
  }

  /// The scalars of a line, counted from 1, without its terminator.
  func range(ofLine line: Int) -> Range<Int> {
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] - 1 : scalars.count
    if end > start, scalars[end - 1] == "\r" { end -= 1 }
    return start..<end
  }

  /// All of the file as a place: its first character.
  var start: Place { Place(source: self, range: 0..<0) }

  /// A place of these scalars.
  func place(_ range: Range<Int>) -> Place { Place(source: self, range: range) }

  /// The position, or where it is behind the last line's text, the end of that text.
  private func clamped(_ position: Int) -> Int {
    guard position >= scalars.count else { return max(0, position) }
    var end = scalars.count
    while end > 0, scalars[end - 1] == "\n" || scalars[end - 1] == "\r" { end -= 1 }
    return end
  }
}

/// A range of a config file that an error can point at.
struct Place: Sendable {
  let source: SourceText
  /// Scalars of the source; may be empty: then it is the point before `lowerBound`.
  let range: Range<Int>

  /// Line and column from 1, as `12:34`.
  var lineAndColumn: String {
    let (line, column) = source.lineAndColumn(of: range.lowerBound)
    return "\(line):\(column)"
  }

  /// How another error refers to this place.
  func described(from other: Place) -> String {
    source === other.source ? lineAndColumn : "\(source.name.harmless):\(lineAndColumn)"
  }
}
