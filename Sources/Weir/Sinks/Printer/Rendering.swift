import SystemPackage

/// How the lines of one pipeline look on one output.
struct Rendering {
  /// What the output asks for.
  struct Look: Sendable, Equatable {
    /// Bytes that a terminal would act on are shown, not sent.
    var isTerminal = false
    /// The match is coloured.
    var hasColor = false
    /// Lines begin with `path: `.
    var prefixesPath = false
  }

  private enum Layout {
    case text
    case raw
    case json(JSONLayout)
    case template(TemplateLayout)
  }

  let label: PipelineLabel
  private let layout: Layout
  private let look: Look

  /// A rendering of that format; fields that the pipeline does not have are empty.
  init(format: PrintFormat, look: Look, label: PipelineLabel) {
    self.label = label
    self.look = look
    layout =
      switch format {
      case .text: .text
      case .raw: .raw
      case .json: .json(JSONLayout(label: label))
      case .template(let template): .template(TemplateLayout(template, label: label, look: look))
      }
  }

  /// Appends every selected line.
  func append(_ delivery: Delivery, to page: inout Page) {
    delivery.batch.withBytes { bytes in
      switch layout {
      case .text where look == Look(): appendStretches(of: delivery, bytes, isRaw: false, to: &page)
      case .text: appendLines(of: delivery, bytes, to: &page)
      case .raw where !look.prefixesPath: appendStretches(of: delivery, bytes, isRaw: true, to: &page)
      case .raw: appendRawLines(of: delivery, bytes, to: &page)
      case .json(let layout): layout.append(delivery, bytes, to: &page)
      case .template(let layout): layout.append(delivery, bytes, to: &page)
      }
    }
  }

  /// Copies lines that follow each other in the batch as one stretch: a batch of which all is selected is one copy.
  private func appendStretches(
    of delivery: Delivery, _ bytes: UnsafeRawBufferPointer, isRaw: Bool, to page: inout Page
  ) {
    var first = 0
    var end = 0
    for line in delivery.selection.lines {
      if Int(line.start) != end {
        page.append(UnsafeRawBufferPointer(rebasing: bytes[first..<end]))
        first = Int(line.start)
      }
      let terminatorByteCount = line.terminatorByteCount(in: bytes)
      let isKept = isRaw || terminatorByteCount == 1
      end = Int(line.end) + (isKept ? terminatorByteCount : 0)
      guard isRaw ? terminatorByteCount == 0 && delivery.batch.isTruncated : !isKept else { continue }
      page.append(UnsafeRawBufferPointer(rebasing: bytes[first..<end]))
      page.appendLineFeed()
      first = end
    }
    page.append(UnsafeRawBufferPointer(rebasing: bytes[first..<end]))
  }

  private func appendLines(of delivery: Delivery, _ bytes: UnsafeRawBufferPointer, to page: inout Page) {
    let prefix = pathPrefix(of: delivery.batch.origin, look)
    for line in delivery.selection.lines {
      page.append(prefix)
      page.append(line, of: bytes, look)
      page.appendLineFeed()
    }
  }

  private func appendRawLines(of delivery: Delivery, _ bytes: UnsafeRawBufferPointer, to page: inout Page) {
    let prefix = pathPrefix(of: delivery.batch.origin, Look(prefixesPath: true))
    for line in delivery.selection.lines {
      let terminatorByteCount = line.terminatorByteCount(in: bytes)
      page.append(prefix)
      page.append(UnsafeRawBufferPointer(rebasing: bytes[Int(line.start)..<(Int(line.end) + terminatorByteCount)]))
      if terminatorByteCount == 0 && delivery.batch.isTruncated { page.appendLineFeed() }
    }
  }

  private func pathPrefix(of origin: Origin, _ look: Look) -> [UInt8] {
    guard look.prefixesPath else { return [] }
    var prefix = Page()
    if look.hasColor { prefix.append(Terminal.pathColor) }
    prefix.append(origin.path, look)
    if look.hasColor { prefix.append(Terminal.plain) }
    prefix.append(": ")
    return prefix.bytes
  }
}

extension Selection.Line {
  /// 1 for LF, 2 for CRLF, 0 where the line is unfinished or cut.
  func terminatorByteCount(in bytes: UnsafeRawBufferPointer) -> Int {
    let end = Int(end)
    guard end < bytes.count else { return 0 }
    if bytes[end] == .lineFeed { return 1 }
    return end + 1 < bytes.count && bytes[end] == .carriageReturn && bytes[end + 1] == .lineFeed ? 2 : 0
  }
}

extension Page {
  /// Appends bytes of a file as the output wants them.
  mutating func append(_ text: UnsafeRawBufferPointer, _ look: Rendering.Look) {
    if look.isTerminal { append(shown: text) } else { append(text) }
  }

  /// Appends a path's own bytes, which need not be UTF-8, as the output wants them; but a line end in it as `\x0a` on
  /// every output, for what is behind it is no line.
  mutating func append(_ path: FilePath, _ look: Rendering.Look) {
    path.withBytes { bytes in
      if look.isTerminal { return append(shown: bytes) }
      for (place, part) in bytes.split(separator: .lineFeed, omittingEmptySubsequences: false).enumerated() {
        if place > 0 { append("\\x0a") }
        append(UnsafeRawBufferPointer(rebasing: part))
      }
    }
  }

  /// Appends a line without its terminator, the match in it coloured where the output has colours.
  mutating func append(_ line: Selection.Line, of bytes: UnsafeRawBufferPointer, _ look: Rendering.Look) {
    let (start, end) = (Int(line.start), Int(line.end))
    let (matchStart, matchEnd) = (Int(line.matchStart), Int(line.matchEnd))
    guard look.hasColor, matchStart < matchEnd else {
      return append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), look)
    }
    append(UnsafeRawBufferPointer(rebasing: bytes[start..<matchStart]), look)
    append(Terminal.matchColor)
    append(UnsafeRawBufferPointer(rebasing: bytes[matchStart..<matchEnd]), look)
    append(Terminal.plain)
    append(UnsafeRawBufferPointer(rebasing: bytes[matchEnd..<end]), look)
  }
}

extension FilePath {
  /// The path's bytes as the system has them, valid within `body` alone.
  func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
    withPlatformString { body(UnsafeRawBufferPointer(start: $0, count: length)) }
  }
}
