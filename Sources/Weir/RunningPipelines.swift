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
  /// writes the checkpoints that are kept for them. A step that fails does not keep the others from being done.
  ///
  /// - Returns: sinks that failed while they finished, and what else went wrong. That `routine` failed is said already.
  func drain() async -> (faults: [(sink: Int, error: any Error)], errors: [any Error]) {
    await follower.stop()
    _ = await routine.outcome
    var faults: [(Int, any Error)] = []
    for (index, sink) in sinks.enumerated().reversed() {
      do {
        try await sink.coroutine.close()
      } catch {
        faults.append((index, error))
      }
      for sentence in await sink.sink.closingWords() { log.info("\(sentence)") }
    }
    var errors: [any Error] = []
    let passedOverCount = await follower.passedOver.count
    if passedOverCount > 0 { errors.append(Failure("not all was read: \(passedOverCount) files could not be")) }
    do { try await book.write() } catch { errors.append(error) }
    await pipelines.closeFigures()
    return (faults, errors)
  }
}
