/// What named groups captured in a line, as a JSON object: `{"user":"root","ip":"203.0.113.9"}`.
///
/// A group that captured nothing is null. The object's text is the same for the same values, so that it can be a key.
struct FieldsJSON {
  /// `"name":` of each field, with what JSON wants escaped.
  private let keys: [[UInt8]]
  private static let null = Array("null".utf8)

  init(names: [String]) {
    let scratch = Scratch()
    keys = names.map { name in
      scratch.removeAll()
      var name = name
      name.withUTF8 { UTF8Text.appendJSON(UnsafeRawBufferPointer($0), to: scratch) }
      scratch.append(UInt8(ascii: ":"))
      return Array(scratch.bytes)
    }
  }

  /// Replaces what `scratch` holds by the fields of a line.
  func write(_ selection: Selection, line: Int, of bytes: UnsafeRawBufferPointer, to scratch: Scratch) {
    scratch.removeAll()
    scratch.append(UInt8(ascii: "{"))
    for field in keys.indices {
      if field > 0 { scratch.append(UInt8(ascii: ",")) }
      scratch.append(keys[field])
      let capture = selection.capture(line: line, field: field)
      if capture.start < 0 {
        scratch.append(Self.null)
      } else {
        UTF8Text.appendJSON(bytes.part(capture.start, capture.end), to: scratch)
      }
    }
    scratch.append(UInt8(ascii: "}"))
  }

  /// Replaces what `scratch` holds by labels: these fields of a line, in the order of the names, `""` where the
  /// group captured nothing.
  ///
  /// - Parameter fields: the place of each name in the selection; nil where the pipeline has no such field.
  func writeLabels(
    _ selection: Selection, line: Int, fields: [Int?], of bytes: UnsafeRawBufferPointer, to scratch: Scratch
  ) {
    scratch.removeAll()
    scratch.append(UInt8(ascii: "{"))
    for (index, key) in keys.enumerated() {
      if index > 0 { scratch.append(UInt8(ascii: ",")) }
      scratch.append(key)
      let capture = fields[index].map { selection.capture(line: line, field: $0) } ?? .none
      UTF8Text.appendJSON(capture.start < 0 ? bytes.part(0, 0) : bytes.part(capture.start, capture.end), to: scratch)
    }
    scratch.append(UInt8(ascii: "}"))
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes from `start` up to `end`, offsets as a ``Selection`` has them.
  func part(_ start: Int32, _ end: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[Int(start)..<Int(end)])
  }
}
