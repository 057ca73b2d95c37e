import Coroutines
import Weir

/// `--count`: counts the matching lines and prints the number alone, at the end.
struct CountPrinter: Sink {
  /// The sink's recipe, made by the command line and never read from a config.
  struct Recipe: SinkRecipe {
    var summary: String { "count" }
    func make(in surroundings: SinkSurroundings) -> any Sink { CountPrinter() }
  }

  func open(for pipelines: [PipelineLabel]) {}

  func checkpoints(of pipelines: [PipelineLabel]) -> [[Checkpoint]]? { nil }

  func receive(_ inbox: Inbox<[Delivery]>) async throws {
    var count = 0
    for try await deliveries in inbox { for delivery in deliveries { count += delivery.selection.lines.count } }
    // On a thread of its own: who does not read stops that alone.
    try await Offload(name: "weir count").run { [count] in try StandardOutput.write("\(count)\n", what: "the count") }
  }
}
