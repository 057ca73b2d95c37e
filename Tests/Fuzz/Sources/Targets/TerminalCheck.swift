@testable import Weir

/// What a terminal is sent: nothing that it acts on but TAB, LF at the end of each line, and weir's own colours.
struct TerminalCheck {
  private let sample: DrawnDelivery
  private let format: PrintFormat

  init(_ sample: DrawnDelivery, _ format: PrintFormat) {
    self.sample = sample
    self.format = format
  }

  /// Whether a terminal acts on it, be it that it turns the direction of text around.
  static func actsOn(_ scalar: Unicode.Scalar) -> Bool {
    scalar != "\t" && scalar.properties.generalCategory == .control
      || ("\u{202a}"..."\u{202e}").contains(scalar) || ("\u{2066}"..."\u{2069}").contains(scalar)
  }

  func check(_ look: Rendering.Look) throws(FuzzFinding) {
    guard format != .raw, !hasTextToActOn else { return }
    let terminal = Rendering.Look(isTerminal: true, hasColor: look.hasColor, prefixesPath: look.prefixesPath)
    let shown = sample.printed(as: format, terminal)
    guard let text = String(validating: shown, as: UTF8.self) else {
      throw FuzzFinding(description: "a terminal is sent what is not UTF-8: \(shown)")
    }
    var plain = text.unicodeScalars
    if look.hasColor { plain = Self.withoutColors(plain) }
    let lines = plain.split(separator: "\n", omittingEmptySubsequences: false)
    try must(lines.last?.isEmpty == true, "the last line is not ended")
    try must(lines.count == sample.delivery.selection.lines.count + 1, "\(lines.count - 1) lines of \(text)")
    for scalar in plain where Self.actsOn(scalar) && scalar != "\n" {
      throw FuzzFinding(description: "a terminal acts on U+\(String(scalar.value, radix: 16))")
    }
    try checkHarmlessIsUnchanged(look)
  }

  /// A template's own text is the user's: colours are asked for that way.
  private var hasTextToActOn: Bool {
    guard case .template(let template) = format else { return false }
    return template.pieces.contains { piece in
      guard case .text(let text) = piece else { return false }
      return String(decoding: text, as: UTF8.self).unicodeScalars.contains { Self.actsOn($0) || $0 == "\u{fffd}" }
    }
  }

  /// Lines without anything to act on are sent as they are.
  private func checkHarmlessIsUnchanged(_ look: Rendering.Look) throws(FuzzFinding) {
    let plain = sample.plain(format)
    guard let text = String(validating: plain, as: UTF8.self),
      !text.unicodeScalars.contains(where: { Self.actsOn($0) && $0 != "\n" })
    else { return }
    // A capture may begin within a character, which the line as a whole does not show.
    guard text.utf8.allSatisfy({ $0 < 0x80 }) || format == .text else { return }
    let shown = sample.printed(as: format, .init(isTerminal: true))
    try must(shown == plain, "\(text) is changed on a terminal")
  }

  private static func withoutColors(_ text: String.UnicodeScalarView) -> String.UnicodeScalarView {
    let colors = ["\u{1b}[01;31m", "\u{1b}[35m", "\u{1b}[m"].map(\.unicodeScalars)
    var plain = String.UnicodeScalarView()
    var rest = text[...]
    while let scalar = rest.first {
      if let color = colors.first(where: { rest.starts(with: $0) }) {
        rest = rest.dropFirst(color.count)
      } else {
        plain.append(scalar)
        rest = rest.dropFirst()
      }
    }
    return plain
  }
}
