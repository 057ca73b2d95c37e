import Coroutines
import Logging

/// What runs pipelines: what has to be ended in order.
struct RunningPipelines: Sendable {
  let pipelines: Pipelines
  let follower: Follower
  let book: CheckpointBook
  /// The agent's database; nil for a run that remembers nothing.
  let store: Store?
  let log: Logger
  /// Ends when the follower has no more files.
  let routine: Routine<Void>

  /// Stops reading; when the batches under way have reached their sinks, ends those, and writes the checkpoints that
  /// are kept for them. A step that fails does not keep the others from being done.
  ///
  /// - Parameter closeSinks: ends the sinks.
  /// - Returns: what went wrong. That `routine` failed is said already.
  func drain(_ closeSinks: () async -> Void) async -> [any Error] {
    await follower.stop()
    _ = await routine.outcome
    await closeSinks()
    var errors: [any Error] = []
    let passedOverCount = await follower.passedOver.count
    if passedOverCount > 0 {
      let files = passedOverCount == 1 ? "1 file" : "\(passedOverCount) files"
      errors.append(Failure("not all was read: \(files) could not be read"))
    }
    do { try await book.write() } catch { errors.append(error) }
    await pipelines.closeFigures()
    return errors
  }
}
