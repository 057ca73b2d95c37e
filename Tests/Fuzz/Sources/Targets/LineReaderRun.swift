import SystemPackage

@testable import Weir

/// Reads a file through a `LineReader` in reads of drawn sizes, and holds what it gives against what is expected.
struct LineReaderRun {
  private static let origin = Origin(path: "/fuzz.log", identity: FileIdentity(device: 1, inode: 2))

  let file: [UInt8]
  /// What is added to every offset: then nothing is known of the file's first bytes.
  let shift: UInt64
  let limit: Int

  /// - Returns: the batches.
  func check(
    from start: Int, expected: [PlainSplitter.Piece], random: inout SplitMix
  ) throws(FuzzFinding) -> [Batch] {
    let readings = try readings(from: start, random: &random)
    var pieces: [PlainSplitter.Piece] = []
    var batches: [Batch] = []
    var tooLong: Gap?
    if case .mark(let range)? = expected.first { pieces.append(.mark(range)) }
    for reading in readings {
      switch reading {
      case .gap(let gap) where gap.reason == .hole:
        pieces.append(.hole(Int(gap.first - shift)..<Int(gap.last + 1 - shift)))
      case .gap(let gap):
        try must(gap.reason == .tooLong && tooLong == nil, "a gap of a kind that no cutting makes: \(gap)")
        tooLong = gap
      case .batch(let batch):
        try checkKnown(batch)
        if batch.isTruncated {
          pieces.append(try longLine(batch, tooLong))
          tooLong = nil
        } else {
          pieces += try lines(batch)
        }
        batches.append(batch)
      case .change: throw FuzzFinding(description: "a change of readers that nobody asked for")
      }
    }
    try must(tooLong == nil, "a gap of too long a line without the line")
    try must(pieces == expected, "from \(start), limit \(limit): \(pieces) instead of \(expected)")
    return batches
  }

  private func readings(from start: Int, random: inout SplitMix) throws(FuzzFinding) -> [Reading] {
    var head = FileHead()
    if shift == 0 { file[..<start].withUnsafeBytes { head.extend(with: $0, at: 0) } }
    var reader = LineReader(
      origin: Self.origin, offset: UInt64(start) + shift, lead: Array(file[..<start].suffix(64)), head: head,
      maxLineBytes: limit)
    let time = ReadTime(atMilliseconds: 0)
    var readings: [Reading] = []
    var position = start
    var given = start
    while position < file.count {
      let count = readCount(at: position, &random)
      let block = Block(copying: reader.held + file[position..<position + count])
      let fresh = reader.take(block, freshCount: count, read: time)
      position += count
      given = fresh.last.map(end) ?? given
      try checkCutPlace(of: reader, given: given)
      readings += fresh
      try must(reader.readOffset == UInt64(position) + shift, "the next byte to read is \(reader.readOffset)")
      let bound = Fingerprint.markerByteLimit + max(limit + 1, LineCutter.holeBytes)
      try must(reader.held.count <= bound, "\(reader.held.count) bytes are held back, \(bound) at most")
    }
    return readings + reader.finish(read: time)
  }

  /// Often to where a line ends, or just before or within its terminator.
  private func readCount(at position: Int, _ random: inout SplitMix) -> Int {
    let most = file.count - position
    let isDrawn = Bool.random(using: &random)
    guard !isDrawn, let lineFeed = file[position...].firstIndex(of: 0x0a) else {
      let scale = [1, 3, 17, 300, 1025, 5000, 60_000].randomElement(using: &random) ?? 1
      return min(most, Int.random(in: 1...scale, using: &random))
    }
    return max(1, min(most, lineFeed - position + Int.random(in: -1...1, using: &random)))
  }

  /// Who begins where the reader is begins behind what it has given out, a byte order mark apart.
  private func checkCutPlace(of reader: LineReader, given: Int) throws(FuzzFinding) {
    let place = reader.cutPlace
    let offset = Int(place.offset - shift)
    let isBehindMark = shift == 0 && given == 0 && offset == 3 && file.starts(with: [0xef, 0xbb, 0xbf])
    try must(offset == given || isBehindMark, "the first byte that was not given out is at \(given), not \(offset)")
    let marker = file[..<offset].withUnsafeBytes { Fingerprint.marker(before: $0) }
    try must(place.marker == marker, "the marker before \(offset), where nothing was given out")
  }

  private func end(of reading: Reading) -> Int {
    switch reading {
    case .batch(let batch): Int(batch.end - shift)
    case .gap(let gap): Int(gap.last + 1 - shift)
    case .change: -1
    }
  }

  /// A batch must know the file's first bytes and those before its end.
  private func checkKnown(_ batch: Batch) throws(FuzzFinding) {
    let end = Int(batch.end - shift)
    let marker = file[..<end].withUnsafeBytes { Fingerprint.marker(before: $0) }
    try must(batch.marker == marker, "the marker at \(end)")
    let head = file[..<min(end, FileHead.byteLimit)].withUnsafeBytes { Fingerprint(of: $0) }
    try must(batch.head == (shift == 0 ? head : .none), "the head at \(end)")
  }

  private func lines(_ batch: Batch) throws(FuzzFinding) -> [PlainSplitter.Piece] {
    let range = Int(batch.start - shift)..<Int(batch.end - shift)
    try must(batch.withBytes { $0.elementsEqual(file[range]) }, "the bytes of the batch at \(range)")
    var lines: [PlainSplitter.Piece] = []
    var start = range.lowerBound
    for index in range where file[index] == 0x0a || index == range.upperBound - 1 {
      lines.append(.line(start..<(index + 1)))
      start = index + 1
    }
    return lines
  }

  /// The kept bytes, the gap and the terminator follow each other.
  private func longLine(_ batch: Batch, _ gap: Gap?) throws(FuzzFinding) -> PlainSplitter.Piece {
    let range = Int(batch.start - shift)..<Int(batch.end - shift)
    guard let gap else { throw FuzzFinding(description: "a cut line at \(range) without a gap") }
    let kept = batch.withBytes { Array($0) }
    try must(file[range].starts(with: kept), "the kept bytes of the line at \(range)")
    try must(gap.first == batch.start + UInt64(kept.count), "the gap begins at \(gap.first)")
    let contentEnd = Int(gap.last + 1 - shift)
    try must(contentEnd <= range.upperBound, "the gap ends behind its line")
    try must(kept.count <= limit && kept.count > limit - 4 && !kept.isEmpty, "\(kept.count) bytes kept of \(limit)")
    if limit >= 4, let text = String(validating: file[range.lowerBound..<contentEnd], as: UTF8.self) {
      var fitting = 0
      for scalar in text.unicodeScalars {
        guard fitting + UTF8.width(scalar) <= limit else { break }
        fitting += UTF8.width(scalar)
      }
      try must(kept.count == fitting, "\(kept.count) bytes kept where \(fitting) are whole characters")
    }
    return .longLine(range, contentEnd: contentEnd)
  }
}
