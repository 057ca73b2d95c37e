/// One step through bytes that ought to be UTF-8.
enum ScalarStep {
  /// A character of that many bytes.
  case scalar(Unicode.Scalar, byteCount: Int)
  /// Bytes that U+FFFD stands for, once: what `String(decoding:as:)` would replace.
  case invalid(byteCount: Int)

  /// The step at `index`, which lies within `bytes`.
  init(in bytes: UnsafeRawBufferPointer, at index: Int) {
    if bytes[index] < 0x80 {
      self = .scalar(Unicode.Scalar(bytes[index]), byteCount: 1)
      return
    }
    var rest = bytes[index...].makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    switch parser.parseScalar(from: &rest) {
    case .valid(let encoded): self = .scalar(Unicode.UTF8.decode(encoded), byteCount: encoded.count)
    case .error(let byteCount): self = .invalid(byteCount: byteCount)
    case .emptyInput: self = .invalid(byteCount: 1)
    }
  }
}

extension Unicode.Scalar {
  /// Whether a terminal would act on it instead of showing it: controls but TAB, and what turns the direction of
  /// text around, so that a line could look like another.
  var isActedOn: Bool {
    switch value {
    case 0x09: false
    case 0x00..<0x20, 0x7f..<0xa0: true
    case 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
