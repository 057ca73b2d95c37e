import Coroutines

/// A sink whose coroutine runs.
struct RunningSink: Sendable {
  /// Unique in the life of the agent.
  let number: Int
  /// Its name in the config.
  let name: String
  /// What the config says of it.
  let recipe: any SinkRecipe
  /// The sink.
  let sink: any Sink
  /// Whether it commits checkpoints itself, with what it takes.
  let keepsCheckpoints: Bool
  /// Where deliveries are sent.
  let coroutine: Consumer<[Delivery]>
}
