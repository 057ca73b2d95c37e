/// What a store has to write again when its file is made anew while the agent runs.
///
/// Grows with the files that are followed, as the checkpoints in the database do.
struct StoreMemory {
  private struct Key: Hashable {
    let sink: String
    let pipeline: String
    let identity: FileIdentity
  }

  /// The file that was opened last.
  var identity: FileIdentity?
  /// Whether the file was made anew and has not been given all this yet.
  var isDue = false
  /// Registered pipelines by name.
  var labels: [String: PipelineLabel] = [:]
  /// Names of pipelines that have run.
  var started: Set<String> = []
  private var checkpoints: [Key: Checkpoint] = [:]

  /// Remembers checkpoints that are committed.
  mutating func keep(_ kept: [KeptCheckpoint]) {
    for kept in kept {
      let key = Key(sink: kept.sink, pipeline: kept.pipeline, identity: kept.checkpoint.identity)
      checkpoints[key] = kept.checkpoint
    }
  }

  /// Writes all of it, within a transaction.
  func restore(in connection: StoreConnection) throws {
    try PipelineRegister(connection: connection).register(labels.values.sorted { $0.name < $1.name })
    try connection.markStarted(started.sorted())
    for (key, checkpoint) in checkpoints {
      try connection.put(KeptCheckpoint(sink: key.sink, pipeline: key.pipeline, checkpoint: checkpoint))
    }
  }
}

extension StoreConnection {
  /// Marks pipelines as started, within a transaction.
  func markStarted(_ pipelines: [String]) throws(SQLiteError) {
    for name in pipelines { try database.execute("UPDATE pipeline SET started = 1 WHERE id = \(names.pipeline(name))") }
  }
}
