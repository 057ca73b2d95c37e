import Coroutines

/// Counts the lines of one delivery by a counter's labels. Owned by its sink.
final class LabelCount {
  private let by: [String]
  private let everyMilliseconds: Int64?
  private let writer: FieldsJSON
  private let labels = Scratch()
  private let tally = LabelTally()

  init(_ options: CounterRecipe) {
    by = options.by
    everyMilliseconds = options.every.map { max(1, $0.wholeMilliseconds) }
    writer = FieldsJSON(names: options.by)
  }

  /// The start of the window of that time, in milliseconds since 1970; ``CountRow/allTime`` without windows.
  func window(of time: Int64) -> Int64 {
    guard let everyMilliseconds else { return CountRow.allTime }
    return max(0, time) / everyMilliseconds * everyMilliseconds
  }

  /// One row for each label set of the delivery, in order of appearance.
  func rows(of delivery: Delivery) -> [CountRow] {
    let selection = delivery.selection
    if by.isEmpty {
      return selection.lines.isEmpty ? [] : [row(of: delivery, labels: "{}", value: selection.lines.count)]
    }
    tally.removeAll()
    let fields = by.map { delivery.pipeline.fields.firstIndex(of: $0) }
    delivery.batch.withBytes { bytes in
      for line in selection.lines.indices {
        writer.writeLabels(selection, line: line, fields: fields, of: bytes, to: labels)
        tally.add(1, under: labels.bytes)
      }
    }
    var rows: [CountRow] = []
    tally.forEach { labels, count in rows.append(row(of: delivery, labels: labels, value: count)) }
    return rows
  }

  private func row(of delivery: Delivery, labels: String, value: Int) -> CountRow {
    CountRow(
      pipeline: delivery.pipeline.name, windowMilliseconds: window(of: delivery.batch.readAtMilliseconds),
      labels: labels, value: Int64(value))
  }
}
