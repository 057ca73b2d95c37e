import CYAML

/// One event of libyaml, in Swift's own values.
struct YAMLEvent {
  enum Kind {
    case documentStart
    case alias(String)
    case scalar(String, YAMLScalar.Style)
    case listStart(isFlow: Bool)
    case mappingStart(isFlow: Bool)
    /// Of a list or a mapping.
    case end
  }

  let kind: Kind
  let anchor: String?
  let tag: String?
  /// Scalars of the source; begins at the anchor or tag where there is one.
  let range: Range<Int>
}

/// Why libyaml could not read on, and where: an index into the source's scalars.
struct YAMLFailure: Error {
  let message: String
  let position: Int
}

/// Runs libyaml over a text. Unsafe pointers stay within this file.
struct YAMLEvents {
  /// Collections within collections, at most: a person cannot follow more, and recursion needs a bound.
  static let nestingLimit = 64

  private(set) var events: [YAMLEvent] = []
  private var depth = 0

  /// All events of the text, documents one after another.
  init(of source: SourceText) throws(YAMLFailure) {
    let bytes = source.utf8
    guard !bytes.isEmpty else { return }
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else { throw YAMLFailure(message: "out of memory", position: 0) }
    defer { yaml_parser_delete(parser) }
    // libyaml keeps the pointer, so the bytes stay where they are until the last event was read.
    let failure = bytes.withUnsafeBufferPointer { buffer -> YAMLFailure? in
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      do throws(YAMLFailure) {
        try collect(from: parser, bytes: bytes)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  private mutating func collect(
    from parser: UnsafeMutablePointer<yaml_parser_t>, bytes: [UInt8]
  ) throws(YAMLFailure) {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw Self.failure(of: parser.pointee, bytes: bytes) }
      defer { yaml_event_delete(&event) }
      if event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT { return }
      guard let taken = Self.event(event) else { continue }
      events.append(taken)
      switch taken.kind {
      case .listStart, .mappingStart: depth += 1
      case .end: depth -= 1
      default: break
      }
      guard depth <= Self.nestingLimit else {
        throw YAMLFailure(
          message: "nested too deeply: \(Self.nestingLimit) levels at most", position: taken.range.lowerBound)
      }
    }
  }

  private static func event(_ event: yaml_event_t) -> YAMLEvent? {
    let range = event.start_mark.index..<max(event.start_mark.index, event.end_mark.index)
    func made(
      _ kind: YAMLEvent.Kind, _ anchor: UnsafeMutablePointer<yaml_char_t>? = nil,
      _ tag: UnsafeMutablePointer<yaml_char_t>? = nil
    ) -> YAMLEvent {
      YAMLEvent(
        kind: kind, anchor: anchor.map { String(cString: $0) }, tag: tag.map { String(cString: $0) }, range: range)
    }
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: return made(.documentStart)
    case YAML_ALIAS_EVENT: return made(.alias(event.data.alias.anchor.map { String(cString: $0) } ?? ""))
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return made(.scalar(String(decoding: bytes, as: UTF8.self), style(scalar.style)), scalar.anchor, scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      let list = event.data.sequence_start
      return made(.listStart(isFlow: list.style == YAML_FLOW_SEQUENCE_STYLE), list.anchor, list.tag)
    case YAML_MAPPING_START_EVENT:
      let mapping = event.data.mapping_start
      return made(.mappingStart(isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE), mapping.anchor, mapping.tag)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return made(.end)
    default: return nil
    }
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }

  private static func failure(of parser: yaml_parser_t, bytes: [UInt8]) -> YAMLFailure {
    let problem = parser.problem.map { String(cString: $0) } ?? "out of memory"
    if parser.error == YAML_READER_ERROR {
      let before = String(decoding: bytes.prefix(parser.problem_offset), as: UTF8.self)
      return YAMLFailure(message: problem, position: before.unicodeScalars.count)
    }
    let place = parser.problem_mark
    guard let context = parser.context.map({ String(cString: $0) }) else {
      return YAMLFailure(message: problem, position: place.index)
    }
    let since = parser.context_mark.line == place.line ? "" : " that begins in line \(parser.context_mark.line + 1)"
    return YAMLFailure(message: "\(problem) \(context)\(since)", position: place.index)
  }
}
