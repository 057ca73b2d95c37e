import CLinux
import Glibc

/// Decides where what was read of a file is cut: into whole lines, lines that are too long, and holes.
///
/// A value without a file. Its results do not depend on how the bytes came apart into buffers. A line is scanned for
/// only where it could be longer than the bound; otherwise the last LF of a buffer is all that is looked for.
struct LineCutter {
  /// A run of NULs at the start of a line that is longer than this is a hole, as a file has that was truncated
  /// under a writer which goes on at its old offset. Shorter runs are part of their line.
  static let holeBytes = 512

  /// What a buffer gave, in the order of the file.
  enum Piece: Equatable {
    /// Whole lines; a part of the buffer.
    case lines(Range<Int>)
    case longLine(LongLine)
    /// NULs before a line; offsets in the file.
    case hole(Range<UInt64>)
  }

  /// A line longer than the bound.
  struct LongLine: Equatable {
    /// Offset of its first byte.
    let start: UInt64
    /// Its first bytes: as many characters as fit.
    let kept: [UInt8]
    /// Offset behind its last byte, without the terminator.
    var contentEnd: UInt64
    /// Offset behind its terminator.
    var end: UInt64
  }

  /// A line's bytes without its terminator, at most.
  let maxLineBytes: Int
  /// The line whose beginning was kept and whose end is sought.
  private(set) var unfinishedLongLine: LongLine?
  private var lastByteWasReturn = false
  private var holeStart: UInt64?

  /// Where the line or hole begins that is passed over until its end is found.
  var unfinishedStart: UInt64? { unfinishedLongLine?.start ?? holeStart }

  init(maxLineBytes: Int) { self.maxLineBytes = max(1, maxLineBytes) }

  /// Cuts `buffer`, which begins at `base` in the file, where the last call left off.
  ///
  /// - Returns: the pieces, and where the rest begins that has to come again at the start of the next buffer.
  mutating func cut(_ buffer: UnsafeRawBufferPointer, at base: UInt64) -> (pieces: [Piece], rest: Int) {
    var pieces: [Piece] = []
    var position = base == 0 ? Self.markLength(buffer) : 0
    if unfinishedLongLine != nil {
      guard let line = endOfLongLine(buffer, at: base, &position) else { return ([], buffer.count) }
      pieces.append(.longLine(line))
    }
    if let start = holeStart {
      position = endOfNULs(buffer, from: 0)
      if position == buffer.count { return ([], position) }
      pieces.append(.hole(start..<base + UInt64(position)))
      holeStart = nil
    }
    if let newline = lastNewline(in: buffer, from: position) {
      cutWholeLines(buffer, position..<newline + 1, at: base, &pieces)
      position = newline + 1
    }
    let rest = beginLine(buffer, from: position, at: base, &pieces)
    return (pieces, rest)
  }

  /// The last piece of a file whose life is over: its unfinished line. `rest` begins at `base`.
  mutating func finish(_ rest: UnsafeRawBufferPointer, at base: UInt64) -> Piece? {
    if var line = unfinishedLongLine {
      line.contentEnd = base
      line.end = base
      unfinishedLongLine = nil
      return .longLine(line)
    }
    if let start = holeStart {
      holeStart = nil
      return .hole(start..<base)
    }
    guard rest.count > maxLineBytes else { return rest.isEmpty ? nil : .lines(0..<rest.count) }
    let end = base + UInt64(rest.count)
    return .longLine(LongLine(start: base, kept: kept(of: rest, from: 0), contentEnd: end, end: end))
  }

  /// How long the byte order mark is that `buffer` begins with.
  private static func markLength(_ buffer: UnsafeRawBufferPointer) -> Int {
    buffer.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  private mutating func endOfLongLine(
    _ buffer: UnsafeRawBufferPointer, at base: UInt64, _ position: inout Int
  ) -> LongLine? {
    guard let newline = place(in: buffer, from: 0, of: 0x0a) else {
      if let last = buffer.last { lastByteWasReturn = last == 0x0d }
      return nil
    }
    let hasReturn = newline > 0 ? buffer[newline - 1] == 0x0d : lastByteWasReturn
    var line = unfinishedLongLine
    line?.contentEnd = base + UInt64(newline) - (hasReturn ? 1 : 0)
    line?.end = base + UInt64(newline) + 1
    unfinishedLongLine = nil
    position = newline + 1
    return line
  }

  /// What follows the last LF: a hole or a long line begins, or the rest is kept for the next buffer.
  private mutating func beginLine(
    _ buffer: UnsafeRawBufferPointer, from start: Int, at base: UInt64, _ pieces: inout [Piece]
  ) -> Int {
    var position = start
    let endOfHole = endOfNULs(buffer, from: position)
    if endOfHole - position > Self.holeBytes {
      if endOfHole == buffer.count {
        holeStart = base + UInt64(position)
        return buffer.count
      }
      pieces.append(.hole(base + UInt64(position)..<base + UInt64(endOfHole)))
      position = endOfHole
    } else if endOfHole == buffer.count {
      return position  // it may still become a hole
    }
    // One byte more than the bound may be the CR of a terminator.
    guard buffer.count - position > maxLineBytes + 1 else { return position }
    let first = base + UInt64(position)
    unfinishedLongLine = LongLine(start: first, kept: kept(of: buffer, from: position), contentEnd: first, end: first)
    lastByteWasReturn = buffer.last == 0x0d
    return buffer.count
  }

  /// Whole lines: around holes, then around lines that are too long.
  private func cutWholeLines(
    _ buffer: UnsafeRawBufferPointer, _ range: Range<Int>, at base: UInt64, _ pieces: inout [Piece]
  ) {
    var start = range.lowerBound
    var search = mayHaveHole(buffer, range) ? start : range.upperBound
    while let nul = place(in: buffer, from: search, of: 0), nul < range.upperBound {
      let isAtLineStart = nul == range.lowerBound || buffer[nul - 1] == 0x0a
      let end = isAtLineStart ? endOfNULs(buffer, from: nul) : nul + 1
      if end - nul > Self.holeBytes {
        cutLongLines(buffer, start..<nul, at: base, &pieces)
        pieces.append(.hole(base + UInt64(nul)..<base + UInt64(end)))
        start = end
      }
      guard let next = place(in: buffer, from: end, of: 0x0a) else { break }
      search = next + 1
    }
    cutLongLines(buffer, start..<range.upperBound, at: base, &pieces)
  }

  /// Whether there may be a run of more than `holeBytes` NULs: one would have a byte at a multiple of `holeBytes`.
  /// Looking at those alone costs nothing; looking at all of the bytes costs as much as a third of their scan.
  private func mayHaveHole(_ buffer: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    stride(from: range.lowerBound, to: range.upperBound, by: Self.holeBytes).contains { buffer[$0] == 0 }
  }

  private func cutLongLines(
    _ buffer: UnsafeRawBufferPointer, _ range: Range<Int>, at base: UInt64, _ pieces: inout [Piece]
  ) {
    var first = range.lowerBound
    var position = first
    while range.upperBound - position > maxLineBytes + 1 {
      // All lines up to the last LF within this window are short enough.
      if let newline = lastNewline(in: buffer, from: position, to: position + maxLineBytes + 1) {
        position = newline + 1
        continue
      }
      let end = place(in: buffer, from: position + maxLineBytes, of: 0x0a)! + 1  // the range ends with one
      let contentEnd = buffer[end - 2] == 0x0d ? end - 2 : end - 1
      if contentEnd - position > maxLineBytes {
        if first < position { pieces.append(.lines(first..<position)) }
        let line = LongLine(
          start: base + UInt64(position), kept: kept(of: buffer, from: position),
          contentEnd: base + UInt64(contentEnd), end: base + UInt64(end))
        pieces.append(.longLine(line))
        first = end
      }
      position = end
    }
    if first < range.upperBound { pieces.append(.lines(first..<range.upperBound)) }
  }

  /// The bytes of a long line that are delivered: never a part of a character, where the line is UTF-8.
  private func kept(of buffer: UnsafeRawBufferPointer, from start: Int) -> [UInt8] {
    var end = start + maxLineBytes
    if buffer[end] & 0xc0 == 0x80 {
      // Inside a character: its first byte is at most three bytes before.
      for lead in stride(from: end - 1, through: max(start + 1, end - 3), by: -1) where buffer[lead] & 0xc0 != 0x80 {
        let length = (~buffer[lead]).leadingZeroBitCount
        if (2...4).contains(length), lead + length > end { end = lead }
        break
      }
    }
    return Array(buffer[start..<end])
  }

  private func endOfNULs(_ buffer: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    while position < buffer.count, buffer[position] == 0 { position += 1 }
    return position
  }

  private func place(in buffer: UnsafeRawBufferPointer, from start: Int, of byte: Int32) -> Int? {
    guard start < buffer.count, let found = memchr(buffer.baseAddress! + start, byte, buffer.count - start) else {
      return nil
    }
    return UnsafeRawPointer(found) - buffer.baseAddress!
  }

  private func lastNewline(in buffer: UnsafeRawBufferPointer, from start: Int, to end: Int? = nil) -> Int? {
    let end = end ?? buffer.count
    guard start < end, let found = linux_memrchr(buffer.baseAddress! + start, 0x0a, end - start) else { return nil }
    return found - buffer.baseAddress!
  }
}
