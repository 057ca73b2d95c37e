/// A pipeline's way to one of its sinks, for one followed file: knows where the sink stood at the start, so that the
/// sink is sent only what it has not taken.
struct Target: Sendable {
  /// The pipeline.
  let label: PipelineLabel
  let sink: RunningSink
  /// The pipeline's place among those that the scanner knows, and the sink's place in that pipeline.
  let selectionIndex: (pipeline: Int, sink: Int)
  /// An empty batch at the offset where the sink starts.
  let start: Batch

  /// What tells the sink where it starts, so that a checkpoint stands there even if no line ever comes.
  var opening: Delivery { Delivery(pipeline: label, batch: start, selection: nothing) }

  /// No line.
  var nothing: Selection { Selection(fieldCount: label.fields.count) }

  /// What this sink is sent of a batch; nil if it has taken all of it before.
  func delivery(of batch: Batch, selecting selection: Selection) -> Delivery? {
    guard batch.origin === start.origin, batch.start < start.end else {
      return Delivery(pipeline: label, batch: batch, selection: selection)
    }
    guard batch.end > start.end else { return nil }
    let first = selection.lines.firstIndex { batch.start + UInt64($0.start) >= start.end }
    return Delivery(
      pipeline: label, batch: batch, selection: selection.suffix(from: first ?? selection.lines.count))
  }
}
