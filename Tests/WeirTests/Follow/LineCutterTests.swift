import Testing

@testable import Weir

/// The cutter against a splitter that sees all bytes at once, over buffers of drawn sizes.
@Suite struct LineCutterTests {
  /// What came of a line, without saying how lines were put together into pieces.
  enum Line: Equatable {
    case whole([UInt8], start: UInt64)
    case cut([UInt8], start: UInt64, contentEnd: UInt64, end: UInt64)
    case hole(Range<UInt64>)
  }

  @Test(arguments: 0..<400) func sameAsNaiveSplitter(seed: Int) {
    var random = Generator(state: UInt64(seed))
    let limit = [1, 3, 10, 100, 5000].randomElement(using: &random)!
    let bytes = Self.text(&random)
    var cutter = LineCutter(maxLineBytes: limit)
    var lines: [Line] = []
    var (held, base) = ([UInt8](), UInt64(0))
    var position = 0
    while position < bytes.count {
      let count = min(
        bytes.count - position, Int.random(in: 1...[1, 7, 300, 4000].randomElement(using: &random)!, using: &random))
      let buffer = held + bytes[position..<position + count]
      position += count
      let (pieces, rest) = buffer.withUnsafeBytes { cutter.cut($0, at: base) }
      lines += pieces.flatMap { Self.lines(of: $0, in: buffer, at: base) }
      held = Array(buffer[rest...])
      base += UInt64(rest)
      #expect(held.count <= max(limit + 1, LineCutter.holeBytes), "memory is bounded")
    }
    if let piece = held.withUnsafeBytes({ cutter.finish($0, at: base) }) {
      lines += Self.lines(of: piece, in: held, at: base)
    }
    #expect(lines == Self.naive(bytes, limit: limit), "limit \(limit)")
  }

  @Test func cutsBetweenCharacters() {
    var cutter = LineCutter(maxLineBytes: 4)
    let text = Array("añоx€\nabc€\n".utf8)
    let (pieces, rest) = text.withUnsafeBytes { cutter.cut($0, at: 10) }
    #expect(rest == text.count)
    #expect(
      pieces == [
        .longLine(.init(start: 10, kept: Array("añ".utf8), contentEnd: 19, end: 20)),
        .longLine(.init(start: 20, kept: Array("abc".utf8), contentEnd: 26, end: 27)),
      ])
  }

  @Test func byteOrderMarkIsNotPartOfTheFirstLine() {
    var cutter = LineCutter(maxLineBytes: 100)
    let text: [UInt8] = [0xef, 0xbb, 0xbf, 0x61, 0x0a]
    #expect(text.withUnsafeBytes { cutter.cut($0, at: 0) }.pieces == [.lines(3..<5)])
    #expect(text.withUnsafeBytes { cutter.cut($0, at: 5) }.pieces == [.lines(0..<5)])
  }

  @Test func aLineAsLongAsTheBoundIsWhole() {
    var cutter = LineCutter(maxLineBytes: 3)
    let text = Array("abc\r\nabc\nabcd\n".utf8)
    let (pieces, _) = text.withUnsafeBytes { cutter.cut($0, at: 0) }
    #expect(pieces == [.lines(0..<9), .longLine(.init(start: 9, kept: Array("abc".utf8), contentEnd: 13, end: 14))])
  }

  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private static func text(_ random: inout Generator) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...60, using: &random) {
      switch Int.random(in: 0..<12, using: &random) {
      case 0: bytes += [0x0d, 0x0a]
      case 1: bytes += [0x0d]
      case 2: bytes += [UInt8](repeating: 0, count: Int.random(in: 1...1500, using: &random))
      case 3: bytes += Array("héllо€".utf8)
      case 4: bytes += [0xff, 0xc3, 0x0a]
      case 5: bytes += [UInt8](repeating: 0x78, count: Int.random(in: 1...9000, using: &random))
      case 6, 7, 8: bytes += [0x0a]
      default: bytes += Array("some words".utf8.prefix(Int.random(in: 0...10, using: &random)))
      }
    }
    return bytes
  }

  private static func lines(of piece: LineCutter.Piece, in buffer: [UInt8], at base: UInt64) -> [Line] {
    switch piece {
    case .hole(let range): return [.hole(range)]
    case .longLine(let line): return [.cut(line.kept, start: line.start, contentEnd: line.contentEnd, end: line.end)]
    case .lines(let range):
      var lines: [Line] = []
      var start = range.lowerBound
      for index in range where buffer[index] == 0x0a || index == range.upperBound - 1 {
        lines.append(.whole(Array(buffer[start...index]), start: base + UInt64(start)))
        start = index + 1
      }
      return lines
    }
  }

  private static func naive(_ bytes: [UInt8], limit: Int) -> [Line] {
    var lines: [Line] = []
    var start = 0
    while start < bytes.count {
      let nuls = bytes[start...].prefix { $0 == 0 }.count
      if nuls > LineCutter.holeBytes {
        lines.append(.hole(UInt64(start)..<UInt64(start + nuls)))
        start += nuls
        continue
      }
      let newline = bytes[start...].firstIndex(of: 0x0a)
      let end = newline.map { $0 + 1 } ?? bytes.count
      var contentEnd = newline ?? bytes.count
      if newline != nil, contentEnd > start, bytes[contentEnd - 1] == 0x0d { contentEnd -= 1 }
      if contentEnd - start <= limit {
        lines.append(.whole(Array(bytes[start..<end]), start: UInt64(start)))
      } else {
        let kept = Self.cut(Array(bytes[start..<contentEnd]), limit)
        lines.append(.cut(kept, start: UInt64(start), contentEnd: UInt64(contentEnd), end: UInt64(end)))
      }
      start = end
    }
    return lines
  }

  /// As many bytes as fit; one, two or three fewer where that is inside a character.
  private static func cut(_ line: [UInt8], _ limit: Int) -> [UInt8] {
    for end in stride(from: limit, to: max(0, limit - 4), by: -1) {
      guard end < limit else { if line[end] & 0xc0 != 0x80 { break } else { continue } }
      let lead = line[end]
      guard lead & 0xc0 != 0x80 else { continue }
      let length = lead >= 0xf8 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
      return Array(line[..<(end + length > limit ? end : limit)])
    }
    return Array(line[..<limit])
  }
}
