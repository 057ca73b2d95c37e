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
    tally.removeAll()
    let selection = delivery.selection
    let fields = by.map { delivery.pipeline.fields.firstIndex(of: $0) }
    delivery.batch.withBytes { bytes in
      // Without labels one row stands for all lines.
      for line in by.isEmpty ? selection.lines.indices.prefix(1) : selection.lines.indices {
        writer.writeLabels(selection, line: line, fields: fields, of: bytes, to: labels)
        tally.add(by.isEmpty ? selection.lines.count : 1, under: labels.bytes)
      }
    }
    let window = window(of: delivery.batch.readAtMilliseconds)
    var rows: [CountRow] = []
    tally.forEach { labels, count in
      rows.append(
        CountRow(
          pipeline: delivery.pipeline.name, windowMilliseconds: window, labels: labels, value: Int64(count)))
    }
    return rows
  }
}
