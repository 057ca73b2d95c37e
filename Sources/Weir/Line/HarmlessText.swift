extension Unicode.Scalar {
  /// Whether a terminal might act on it, or hide or reorder text because of it.
  var isHarmful: Bool {
    if isPrintableASCII { return false }
    return switch properties.generalCategory {
    case .control, .surrogate, .lineSeparator, .paragraphSeparator: true
    case .format: self != "\u{200d}" && self != "\u{200c}"
    default: false
    }
  }

  /// Itself, or its escape: `\x1b`, `\u{202e}`.
  var harmless: String {
    guard isHarmful else { return String(self) }
    let hex = String(value, radix: 16)
    return value < 0x100 ? "\\x" + (hex.count < 2 ? "0" + hex : hex) : "\\u{\(hex)}"
  }

  /// Cells of a terminal that the harmless form takes.
  var terminalWidth: Int {
    if isPrintableASCII { return 1 }
    if isHarmful { return harmless.unicodeScalars.count }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }
  }

  private var isPrintableASCII: Bool { (0x20..<0x7f).contains(value) }

  /// East Asian wide and emoji: blocks rather than single characters, which is close enough for a caret.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
    0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd,
  ]
}

extension StringProtocol {
  /// With everything escaped that a terminal might act on.
  var harmless: String {
    guard unicodeScalars.contains(where: \.isHarmful) else { return String(self) }
    return unicodeScalars.map(\.harmless).joined()
  }

  /// The same of a message of several lines: line ends and TABs stay.
  package var harmlessMessage: String {
    unicodeScalars.map { $0 == "\n" || $0 == "\t" ? String($0) : $0.harmless }.joined()
  }

  /// In double quotes, harmless, and cut where it is too long to be part of a sentence.
  var quoted: String {
    let limit = 80
    let shown = unicodeScalars.prefix(limit).map(\.harmless).joined()
    return "\"" + shown + (unicodeScalars.dropFirst(limit).isEmpty ? "" : "…") + "\""
  }
}
