/// Bytes as text: whether they are, and what to show where they are not.
enum UTF8Text {
  /// Whether all of it is UTF-8.
  static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      _ = try UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)
      return true
    } catch {
      return false
    }
  }

  /// Appends `bytes` with U+FFFD for each part that is not UTF-8. Costs a `String`: it is for the rare line.
  static func appendRepaired(_ bytes: UnsafeRawBufferPointer, to scratch: Scratch) {
    var text = String(decoding: bytes, as: UTF8.self)
    text.withUTF8 { scratch.append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends `bytes` as a JSON string, quotes included; what is not UTF-8 becomes U+FFFD.
  static func appendJSON(_ bytes: UnsafeRawBufferPointer, to scratch: Scratch) {
    scratch.append(UInt8(ascii: "\""))
    if bytes.contains(where: { $0 >= 0x80 }), !isValid(bytes) {
      var text = String(decoding: bytes, as: UTF8.self)
      text.withUTF8 { appendEscaped(UnsafeRawBufferPointer($0), to: scratch) }
    } else {
      appendEscaped(bytes, to: scratch)
    }
    scratch.append(UInt8(ascii: "\""))
  }

  private static func appendEscaped(_ bytes: UnsafeRawBufferPointer, to scratch: Scratch) {
    var plain = 0
    for index in bytes.indices {
      let byte = bytes[index]
      if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
      scratch.append(UnsafeRawBufferPointer(rebasing: bytes[plain..<index]))
      appendEscape(of: byte, to: scratch)
      plain = index + 1
    }
    scratch.append(UnsafeRawBufferPointer(rebasing: bytes[plain...]))
  }

  private static func appendEscape(of byte: UInt8, to scratch: Scratch) {
    scratch.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): scratch.append(byte)
    case UInt8(ascii: "\n"): scratch.append(UInt8(ascii: "n"))
    case UInt8(ascii: "\r"): scratch.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\t"): scratch.append(UInt8(ascii: "t"))
    default:
      scratch.append([UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
      scratch.append(hexDigits[Int(byte >> 4)])
      scratch.append(hexDigits[Int(byte & 15)])
    }
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)
}
