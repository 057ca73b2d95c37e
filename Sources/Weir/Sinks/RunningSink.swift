import Coroutines

/// A sink whose coroutine runs.
struct RunningSink: Sendable {
  /// Its name in the config.
  let name: String
  /// The sink.
  let sink: any Sink
  /// Whether it commits checkpoints itself, with what it takes.
  let keepsCheckpoints: Bool
  /// Where deliveries are sent.
  let coroutine: Consumer<Delivery>
}
