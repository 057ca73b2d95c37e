import SystemPackage

@testable import Weir

/// A delivery of an input's lines: which are selected, where the match is and what was captured are drawn.
struct DrawnDelivery {
  /// 0 to 9999-12-31, in milliseconds: the years that a time is written for.
  private static let lastMillisecond: UInt64 = 253_402_300_799_999

  let content: [UInt8]
  let path: [UInt8]
  let delivery: Delivery

  init(_ input: inout FuzzInput, seed: UInt64, start: UInt64, time: UInt64) {
    var random = SplitMix(seed: seed)
    let name = String(decoding: input.line(), as: UTF8.self)
    var fields: [String] = []
    for field in String(decoding: input.line(), as: UTF8.self).split(separator: " ").prefix(6)
    where !fields.contains(String(field)) { fields.append(String(field)) }
    let path = GlobTarget.path(input.line().filter { $0 != 0 })
    self.path = path.withBytes { Array($0) }
    content = Array(input.rest)
    let batch = Batch(
      origin: Origin(path: path, identity: nil), start: start >> 1, end: start >> 1 + UInt64(content.count),
      block: Block(copying: content), range: 0..<content.count, isTruncated: Bool.random(using: &random), head: .none,
      marker: .none, readAtMilliseconds: Int64(time % Self.lastMillisecond))
    delivery = Delivery(
      pipeline: PipelineLabel(name: name, fields: fields), batch: batch,
      selection: Self.selection(of: content, fieldCount: fields.count, &random))
  }

  private static func selection(of content: [UInt8], fieldCount: Int, _ random: inout SplitMix) -> Selection {
    var selection = Selection(fieldCount: fieldCount)
    var start = 0
    while start < content.count {
      let lineFeed = content[start...].firstIndex(of: 0x0a)
      var end = lineFeed ?? content.count
      if lineFeed != nil, end > start, content[end - 1] == 0x0d { end -= 1 }
      if Int.random(in: 0..<4, using: &random) > 0 {
        let match = stretch(in: start..<end, &random)
        selection.lines.append(
          .init(start: Int32(start), end: Int32(end), matchStart: match.start, matchEnd: match.end))
        for _ in 0..<fieldCount {
          selection.captures.append(Bool.random(using: &random) ? stretch(in: start..<end, &random) : .none)
        }
      }
      start = (lineFeed ?? content.count) + 1
    }
    return selection
  }

  private static func stretch(in range: Range<Int>, _ random: inout SplitMix) -> Selection.Capture {
    let first = Int32.random(in: Int32(range.lowerBound)...Int32(range.upperBound), using: &random)
    return .init(start: first, end: Int32.random(in: first...Int32(range.upperBound), using: &random))
  }

  /// What a page holds after it.
  func printed(as format: PrintFormat, _ look: Rendering.Look) -> [UInt8] {
    var page = Page()
    Rendering(format: format, look: look, label: delivery.pipeline).append(delivery, to: &page)
    return page.bytes
  }

  /// What is printed into a pipe, line by line and plainly.
  func plain(_ format: PrintFormat) -> [UInt8] {
    delivery.selection.lines.indices.flatMap { index -> [UInt8] in
      let line = delivery.selection.lines[index]
      let text = Array(content[Int(line.start)..<Int(line.end)])
      switch format {
      case .text, .json: return text + [0x0a]
      case .raw:
        let terminator = content[Int(line.end)...].prefix { $0 == 0x0d || $0 == 0x0a }
        let lineFeed = terminator.firstIndex(of: 0x0a)
        if let lineFeed { return text + content[Int(line.end)...lineFeed] }
        return text + (delivery.batch.isTruncated ? [0x0a] : [])
      case .template(let template): return template.pieces.flatMap { plain($0, line: index) } + [0x0a]
      }
    }
  }

  private func plain(_ piece: PrintTemplate.Piece, line index: Int) -> [UInt8] {
    let line = delivery.selection.lines[index]
    switch piece {
    case .text(let text): return text
    case .column(.line): return Array(content[Int(line.start)..<Int(line.end)])
    case .column(.path): return path
    case .column(.pipeline): return Array(delivery.pipeline.name.utf8)
    case .column(.offset): return Array("\(delivery.batch.start + UInt64(line.start))".utf8)
    case .column(.truncated): return delivery.batch.isTruncated ? [0x31] : [0x30]
    case .column(.time): return Array(PlainTime.text(ofMilliseconds: delivery.batch.readAtMilliseconds).utf8)
    case .field(let name):
      guard let field = delivery.pipeline.fields.firstIndex(of: PrintTemplate.field(forPlaceholder: name)) else {
        return []
      }
      return captured(line: index, field: field) ?? []
    }
  }

  /// The bytes that a field captured in the line of that number.
  func captured(line: Int, field: Int) -> [UInt8]? {
    let capture = delivery.selection.capture(line: line, field: field)
    return capture == .none ? nil : Array(content[Int(capture.start)..<Int(capture.end)])
  }
}
