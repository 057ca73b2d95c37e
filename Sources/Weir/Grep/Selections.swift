/// What each pipeline selects in a batch, for each of its sinks in the order of `PipelinePlan.sinks`.
///
/// Of many pipelines most select nothing in most batches: they take no place and no time here.
struct Selections: RandomAccessCollection {
  /// Those that select something, in the order of the pipelines.
  let selecting: [(pipeline: Int, selections: [Selection])]
  /// For each pipeline what it has where it selects nothing.
  private let nothing: [[Selection]]

  init(_ selecting: [(pipeline: Int, selections: [Selection])], nothing: [[Selection]]) {
    self.selecting = selecting
    self.nothing = nothing
  }

  var startIndex: Int { 0 }
  var endIndex: Int { nothing.count }

  subscript(pipeline: Int) -> [Selection] {
    selecting.first { $0.pipeline == pipeline }?.selections ?? nothing[pipeline]
  }
}
