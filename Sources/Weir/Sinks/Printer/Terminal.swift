import Glibc

/// What the printer takes care of where its output is read on a terminal.
enum Terminal {
  /// The match, as grep colours it: bold red.
  static let matchColor: StaticString = "\u{1b}[01;31m"
  /// The path before a line, as grep colours it: magenta.
  static let pathColor: StaticString = "\u{1b}[35m"
  /// Back to plain.
  static let plain: StaticString = "\u{1b}[m"

  /// Whether to colour.
  ///
  /// `NO_COLOR` counts when it is not empty (no-color.org); a terminal has colours unless `TERM` is unset or `dumb`.
  static func colors(_ choice: PrintColor, isTerminal: Bool, environment: (String) -> String?) -> Bool {
    switch choice {
    case .always: return true
    case .never: return false
    case .auto:
      guard isTerminal, environment("NO_COLOR") ?? "" == "" else { return false }
      return !["", "dumb"].contains(environment("TERM") ?? "")
    }
  }

  /// A variable of this process's environment.
  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

extension Page {
  /// Appends `text` with each byte that a terminal would act on, or that is not UTF-8, as `\x1b`.
  mutating func append(shown text: UnsafeRawBufferPointer) {
    var index = 0
    var plain = 0
    while index < text.count {
      let byte = text[index]
      if byte >= 0x20 && byte < 0x7f || byte == 0x09 {
        index += 1
        continue
      }
      let count: Int
      switch ScalarStep(in: text, at: index) {
      case .scalar(let scalar, let byteCount) where !scalar.isActedOn:
        index += byteCount
        continue
      case .scalar(_, let byteCount), .invalid(let byteCount): count = byteCount
      }
      append(UnsafeRawBufferPointer(rebasing: text[plain..<index]))
      for byte in text[index..<(index + count)] {
        append("\\x")
        append(hexadecimal: byte)
      }
      index += count
      plain = index
    }
    append(UnsafeRawBufferPointer(rebasing: text[plain...]))
  }
}
