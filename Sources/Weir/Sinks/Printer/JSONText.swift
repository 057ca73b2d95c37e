extension Page {
  /// Appends `text` as a JSON string, in quotes.
  ///
  /// U+FFFD stands for bytes that are not UTF-8. What a terminal would act on is escaped too, which changes
  /// nothing for a reader of JSON.
  ///
  /// - Returns: whether all of it was UTF-8.
  @discardableResult
  mutating func append(jsonString text: UnsafeRawBufferPointer) -> Bool {
    var isValid = true
    var index = 0
    var plain = 0
    append("\"")
    while index < text.count {
      let byte = text[index]
      if byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
        index += 1
        continue
      }
      let step = ScalarStep(in: text, at: index)
      if case .scalar(let scalar, let byteCount) = step, !scalar.isASCII, !scalar.isActedOn {
        index += byteCount
        continue
      }
      append(UnsafeRawBufferPointer(rebasing: text[plain..<index]))
      switch step {
      case .scalar(let scalar, let byteCount):
        append(jsonEscape: scalar)
        index += byteCount
      case .invalid(let byteCount):
        append("\u{fffd}")
        index += byteCount
        isValid = false
      }
      plain = index
    }
    append(UnsafeRawBufferPointer(rebasing: text[plain...]))
    append("\"")
    return isValid
  }

  /// Appends `text` as a JSON string, in quotes.
  mutating func append(jsonString text: String) {
    var text = text
    text.withUTF8 { _ = append(jsonString: UnsafeRawBufferPointer($0)) }
  }

  /// Only characters of the basic plane are ever escaped.
  private mutating func append(jsonEscape scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": append("\\\"")
    case "\\": append("\\\\")
    case "\n": append("\\n")
    case "\r": append("\\r")
    case "\t": append("\\t")
    default:
      append("\\u")
      append(hexadecimal: UInt8(scalar.value >> 8 & 0xff))
      append(hexadecimal: UInt8(scalar.value & 0xff))
    }
  }
}
