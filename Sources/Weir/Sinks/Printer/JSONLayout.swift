/// A line as a JSON object: the columns of the view `matches` but for `id`, which only a store gives.
///
/// `raw` is the line in base64 where it was not UTF-8, else null: JSON has no bytes.
struct JSONLayout {
  /// For each field, `"name":`.
  private let keys: [[UInt8]]
  /// `,"pipeline":"name","path":`.
  private let middle: [UInt8]

  init(label: PipelineLabel) {
    keys = label.fields.map { name in
      var key = Page()
      key.append(jsonString: name)
      key.append(":")
      return key.bytes
    }
    var middle = Page()
    middle.append(",\"pipeline\":")
    middle.append(jsonString: label.name)
    middle.append(",\"path\":")
    self.middle = middle.bytes
  }

  /// Appends every selected line, an object and LF each.
  func append(_ delivery: Delivery, _ bytes: UnsafeRawBufferPointer, to page: inout Page) {
    let head = head(of: delivery.batch)
    for (index, line) in delivery.selection.lines.enumerated() {
      let text = UnsafeRawBufferPointer(rebasing: bytes[Int(line.start)..<Int(line.end)])
      page.append(head)
      page.append(decimal: delivery.batch.start + UInt64(line.start))
      page.append(",\"line\":")
      let isUTF8 = page.append(jsonString: text)
      page.append(",\"fields\":")
      appendFields(of: index, in: delivery.selection, bytes, to: &page)
      if isUTF8 {
        page.append(",\"raw\":null")
      } else {
        page.append(",\"raw\":\"")
        page.append(base64: text)
        page.append("\"")
      }
      page.append(delivery.batch.isTruncated ? ",\"truncated\":1}\n" : ",\"truncated\":0}\n")
    }
  }

  /// What all lines of a batch begin with, up to the offset.
  private func head(of batch: Batch) -> [UInt8] {
    var head = Page()
    head.append("{\"time\":\"")
    head.append(timeMilliseconds: batch.readAtMilliseconds)
    head.append("\"")
    head.append(middle)
    batch.origin.path.withBytes { _ = head.append(jsonString: $0) }
    head.append(",\"offset\":")
    return head.bytes
  }

  private func appendFields(
    of line: Int, in selection: Selection, _ bytes: UnsafeRawBufferPointer, to page: inout Page
  ) {
    guard !keys.isEmpty else { return page.append("null") }
    for field in keys.indices {
      page.append(field == 0 ? "{" : ",")
      page.append(keys[field])
      let capture = selection.capture(line: line, field: field)
      if capture == .none {
        page.append("null")
      } else {
        page.append(
          jsonString: UnsafeRawBufferPointer(rebasing: bytes[Int(capture.start)..<Int(capture.end)]))
      }
    }
    page.append("}")
  }
}
