/// A template with its fields found in one pipeline.
struct TemplateLayout {
  private enum Piece {
    case text([UInt8])
    case column(PrintTemplate.Column)
    /// Its place among the pipeline's fields; nil where the pipeline lacks it.
    case field(Int?)
  }

  private let pieces: [Piece]
  private let name: [UInt8]
  private let look: Rendering.Look

  init(_ template: PrintTemplate, label: PipelineLabel, look: Rendering.Look) {
    let fields = label.fields.map(PrintTemplate.placeholder(forField:))
    pieces = template.pieces.map { piece in
      switch piece {
      case .text(let bytes): .text(bytes)
      case .column(let column): .column(column)
      case .field(let name): .field(fields.firstIndex(of: name))
      }
    }
    name = Array(label.name.utf8)
    self.look = look
  }

  /// Appends every selected line as the template says, and LF.
  func append(_ delivery: Delivery, _ bytes: UnsafeRawBufferPointer, to page: inout Page) {
    for index in delivery.selection.lines.indices {
      for piece in pieces {
        switch piece {
        case .text(let text): page.append(text)
        case .column(let column): append(column, of: index, in: delivery, bytes, to: &page)
        case .field(let field?): append(delivery.selection.capture(line: index, field: field), of: bytes, to: &page)
        case .field(nil): break
        }
      }
      page.appendLineFeed()
    }
  }

  private func append(
    _ column: PrintTemplate.Column, of index: Int, in delivery: Delivery, _ bytes: UnsafeRawBufferPointer,
    to page: inout Page
  ) {
    let line = delivery.selection.lines[index]
    let batch = delivery.batch
    switch column {
    case .time: page.append(timeMilliseconds: batch.readAtMilliseconds)
    case .pipeline: name.withUnsafeBytes { page.append($0, look) }
    case .path: page.append(batch.origin.path, look)
    case .offset: page.append(decimal: batch.start + UInt64(line.start))
    case .line: page.append(line, of: bytes, look)
    case .truncated: page.append(batch.isTruncated ? "1" : "0")
    }
  }

  private func append(_ capture: Selection.Capture, of bytes: UnsafeRawBufferPointer, to page: inout Page) {
    guard capture != .none else { return }
    page.append(UnsafeRawBufferPointer(rebasing: bytes[Int(capture.start)..<Int(capture.end)]), look)
  }
}
