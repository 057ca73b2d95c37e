@testable import Weir

/// JSON that gives back what went in, and that a terminal does not act on.
struct JSONCheck {
  private let sample: DrawnDelivery

  init(_ sample: DrawnDelivery) { self.sample = sample }

  func check(_ printed: [UInt8]) throws(FuzzFinding) {
    let lines = printed.split(separator: 0x0a, omittingEmptySubsequences: false)
    let count = sample.delivery.selection.lines.count
    try must(lines.count == count + 1 && lines[count].isEmpty, "\(lines.count - 1) lines of JSON, not \(count)")
    for index in 0..<count {
      let text = String(decoding: lines[index], as: UTF8.self)
      try must(!text.unicodeScalars.contains { TerminalCheck.actsOn($0) || $0 == "\t" }, "a terminal acts on \(text)")
      let expected = members(ofLine: index)
      let value = try StrictJSON.value(of: lines[index])
      try must(value == .object(expected), "\(text) instead of \(expected)")
    }
  }

  private func members(ofLine index: Int) -> [StrictJSON.Member] {
    let (batch, label) = (sample.delivery.batch, sample.delivery.pipeline)
    let line = sample.delivery.selection.lines[index]
    let bytes = sample.content[Int(line.start)..<Int(line.end)]
    let isUTF8 = String(validating: bytes, as: UTF8.self) != nil
    let fields = label.fields.enumerated().map { field, name in
      StrictJSON.Member(key: name, value: sample.captured(line: index, field: field).map(Self.text) ?? .null)
    }
    return [
      .init(key: "time", value: .string(PlainTime.text(ofMilliseconds: batch.readAtMilliseconds))),
      .init(key: "pipeline", value: .string(label.name)), .init(key: "path", value: Self.text(sample.path)),
      .init(key: "offset", value: .number("\(batch.start + UInt64(line.start))")),
      .init(key: "line", value: Self.text(bytes)),
      .init(key: "fields", value: fields.isEmpty ? .null : .object(fields)),
      .init(key: "raw", value: isUTF8 ? .null : .string(Self.base64(bytes))),
      .init(key: "truncated", value: .number(batch.isTruncated ? "1" : "0")),
    ]
  }

  /// U+FFFD stands for what is not UTF-8.
  private static func text(_ bytes: some Collection<UInt8>) -> StrictJSON.Value {
    .string(String(decoding: bytes, as: UTF8.self))
  }

  /// Bit by bit.
  private static func base64(_ bytes: some Collection<UInt8>) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var bits = bytes.flatMap { byte in (0..<8).map { Int(byte >> (7 - $0) & 1) } }
    while bits.count % 6 != 0 { bits.append(0) }
    var text = ""
    for start in stride(from: 0, to: bits.count, by: 6) {
      text.append(digits[bits[start..<start + 6].reduce(0) { $0 * 2 + $1 }])
    }
    return text + String(repeating: "=", count: (4 - text.count % 4) % 4)
  }
}
