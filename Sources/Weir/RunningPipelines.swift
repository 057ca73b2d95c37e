import Coroutines
import Logging

/// Pipelines that were started, with what has to be ended in order.
struct RunningPipelines: Sendable {
  let pipelines: Pipelines
  let follower: Follower
  let sinks: [RunningSink]
  let book: CheckpointBook
  let log: Logger
  /// Ends when the follower has no more files.
  let routine: Routine<Void>

  /// Stops reading; when the batches under way have reached their sinks, ends the sinks in reverse order of start, and
  /// writes the checkpoints that are kept for them.
  ///
  /// - Returns: sinks that failed while they finished.
  func drain() async throws -> [(sink: Int, error: any Error)] {
    await follower.stop()
    try await routine.value
    var faults: [(Int, any Error)] = []
    for (index, sink) in sinks.enumerated().reversed() {
      do {
        try await sink.coroutine.close()
      } catch {
        faults.append((index, error))
      }
      for sentence in await sink.sink.summary() { log.info("\(sentence.withControlsShown)") }
    }
    try await book.write()
    await pipelines.closeFigures()
    return faults
  }
}
