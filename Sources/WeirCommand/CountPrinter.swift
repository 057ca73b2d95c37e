import Coroutines
import Glibc
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
    let text = Array("\(count)\n".utf8)
    guard write(STDOUT_FILENO, text, text.count) != text.count else { return }
    if errno == EPIPE { throw OutputClosed() }
    throw Failure("cannot print the count", cause: String(cString: strerror(errno)))
  }
}
