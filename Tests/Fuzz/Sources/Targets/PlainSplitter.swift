/// Splits a file of which all bytes are known: as plainly as it can be said.
struct PlainSplitter {
  /// A piece of a file, with the terminator that ends it.
  enum Piece: Equatable {
    case line(Range<Int>)
    /// A line longer than the bound; its content ends before its terminator.
    case longLine(Range<Int>, contentEnd: Int)
    case hole(Range<Int>)
    /// The byte order mark.
    case mark(Range<Int>)

    var range: Range<Int> {
      switch self {
      case .line(let range), .longLine(let range, _), .hole(let range), .mark(let range): range
      }
    }
  }

  private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
  private static let shortestHole = 513

  private let file: [UInt8]
  private let limit: Int
  private let hasMark: Bool

  /// - Parameter hasMark: whether a byte order mark may stand at the start.
  init(_ file: [UInt8], limit: Int, hasMark: Bool) {
    self.file = file
    self.limit = limit
    self.hasMark = hasMark
  }

  /// The pieces of the file from `start` on, its unfinished last line among them.
  func pieces(from start: Int) -> [Piece] {
    var pieces: [Piece] = []
    var position = start
    while position < file.count {
      let piece = piece(at: position)
      pieces.append(piece)
      position = piece.range.upperBound
    }
    return pieces
  }

  private func piece(at start: Int) -> Piece {
    if start == 0, hasMark, file.starts(with: Self.mark) { return .mark(0..<Self.mark.count) }
    let nuls = file[start...].prefix { $0 == 0 }
    if nuls.count >= Self.shortestHole { return .hole(nuls.startIndex..<nuls.endIndex) }
    let lineFeed = file[start...].firstIndex(of: 0x0a)
    let end = lineFeed.map { $0 + 1 } ?? file.count
    var contentEnd = lineFeed ?? file.count
    if lineFeed != nil, contentEnd > start, file[contentEnd - 1] == 0x0d { contentEnd -= 1 }
    return contentEnd - start > limit ? .longLine(start..<end, contentEnd: contentEnd) : .line(start..<end)
  }
}
