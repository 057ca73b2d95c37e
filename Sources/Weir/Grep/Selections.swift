/// What each pipeline selects in a batch, for each of its sinks in the order of `PipelinePlan.sinks`.
///
/// Of many pipelines most select nothing in most batches: they take no place and no time here.
struct Selections: RandomAccessCollection {
  /// What a pipeline selects, and how many lines those are: one that several sinks get is one.
  typealias Selecting = (pipeline: Int, lineCount: Int, selections: [Selection])

  /// Those that select something, in the order of the pipelines.
  let selecting: [Selecting]
  /// For each pipeline what it has where it selects nothing.
  private let nothing: [[Selection]]

  init(_ selecting: [Selecting], nothing: [[Selection]]) {
    self.selecting = selecting
    self.nothing = nothing
  }

  var startIndex: Int { 0 }
  var endIndex: Int { nothing.count }

  subscript(pipeline: Int) -> [Selection] {
    selecting.first { $0.pipeline == pipeline }?.selections ?? nothing[pipeline]
  }
}
