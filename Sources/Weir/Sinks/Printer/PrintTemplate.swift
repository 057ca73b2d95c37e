/// A format of the user's own: text with placeholders in braces, `{time} {path}:{offset} {line} {user}`.
///
/// `{{` and `}}` stand for a brace. What is not a column is a named group of the pipeline's patterns; a group
/// that is named as a column is asked for with a trailing `_`, as in the store's views.
public struct PrintTemplate: Sendable, Equatable {
  /// What weir knows of every line.
  enum Column: String, CaseIterable { case time, pipeline, path, offset, line, truncated }

  enum Piece: Equatable {
    case text([UInt8])
    case column(Column)
    case field(String)
  }

  /// What is wrong with a template, as a sentence without a full stop.
  struct Fault: Error, Equatable {
    let message: String
  }

  let pieces: [Piece]

  /// Reads a template.
  ///
  /// - Throws: ``Fault``, where braces do not pair up or nothing is between them.
  init(_ text: String) throws(Fault) {
    var pieces: [Piece] = []
    var literal: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
        literal.append(byte)
        continue
      }
      if rest.first == byte {
        literal.append(byte)
        rest.removeFirst()
        continue
      }
      let name = try Self.placeholder(opening: byte, &rest)
      if !literal.isEmpty { pieces.append(.text(literal)) }
      literal = []
      pieces.append(Column(rawValue: name).map(Piece.column) ?? .field(name))
    }
    if !literal.isEmpty { pieces.append(.text(literal)) }
    self.pieces = pieces
  }

  private static func placeholder(opening: UInt8, _ rest: inout Substring.UTF8View) throws(Fault) -> String {
    guard opening == UInt8(ascii: "{") else { throw Fault(message: "a single \"}\" in a template is written \"}}\"") }
    guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
      throw Fault(message: "a placeholder is not closed; a single \"{\" in a template is written \"{{\"")
    }
    let name = String(Substring(rest[..<end]))
    guard !name.isEmpty, !name.contains("{") else {
      throw Fault(message: "\"{\(name)}\" is no placeholder; a single \"{\" in a template is written \"{{\"")
    }
    rest = rest[rest.index(after: end)...]
    return name
  }

  /// The fields that the template asks for, in order.
  var fieldNames: [String] {
    pieces.compactMap { if case .field(let name) = $0 { name } else { nil } }
  }

  /// Whether it has any placeholder; one without is hardly meant.
  var hasPlaceholder: Bool {
    pieces.contains { if case .text = $0 { false } else { true } }
  }

  /// What a template calls the field of that name.
  static func placeholder(forField name: String) -> String { Column(rawValue: name) == nil ? name : name + "_" }

  /// The field that a placeholder names, which is no column.
  static func field(forPlaceholder name: String) -> String {
    name.hasSuffix("_") && Column(rawValue: String(name.dropLast())) != nil ? String(name.dropLast()) : name
  }
}
