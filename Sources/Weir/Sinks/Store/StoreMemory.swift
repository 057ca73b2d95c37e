import SystemPackage

/// What a store knows of its file beside the file: what to write again when it is made anew while the agent runs, and
/// what has to be in it when it is opened again.
///
/// Grows with the files that are followed, as the checkpoints in the database do; and of those that are gone for good,
/// both forget what ``CheckpointExpiry`` lets go.
struct StoreMemory {
  /// Where a checkpoint has its row.
  struct Place: Hashable {
    let sink: String
    var pipeline: String
    let identity: FileIdentity

    static func == (left: Place, right: Place) -> Bool {
      left.identity == right.identity && NameText(left.sink) == NameText(right.sink)
        && NameText(left.pipeline) == NameText(right.pipeline)
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(identity)
      hasher.combine(NameText(sink))
      hasher.combine(NameText(pipeline))
    }
  }

  /// A file as its sinks know it, in whatever generation.
  private struct Name: Hashable {
    let sink: NameText
    var pipeline: NameText
    let path: FilePath
  }

  /// The file that was opened last.
  var identity: FileIdentity?
  /// The database in it.
  var instance: String?
  /// What SQLite put beside it.
  var sideFiles: SideFiles?
  /// Whether the file was made anew and has not been given all this yet.
  var isDue = false
  /// Registered pipelines by name.
  var labels: [NameText: PipelineLabel] = [:]
  /// Names of pipelines that have run.
  var started: Set<NameText> = []
  /// Sinks of which was seen that the file has their checkpoints, since it was opened.
  var seen: Set<NameText> = []
  /// When a checkpoint was set last before this run; milliseconds since 1970.
  var newestBefore: Int64?
  /// Present names of pipelines that were renamed in this run, by the key of the former.
  private var renamed: [String: String] = [:]
  private var checkpoints: [Place: Checkpoint] = [:]
  /// How many checkpoints the file has, as far as is known.
  var keptCount: Int { checkpoints.count }
  /// What is followed in this run, of each name the generation that was heard of last.
  private var followed: [Name: FileIdentity] = [:]
  /// Of requests that failed, and may be done all the same.
  private var attempted: [Place: Checkpoint] = [:]

  /// Remembers checkpoints that a request is about to commit.
  mutating func attempt(_ kept: [KeptCheckpoint]) {
    for kept in kept { attempted[Place(kept)] = kept.checkpoint }
  }

  /// Whether just these were attempted before.
  func hasAttempted(_ kept: [KeptCheckpoint]) -> Bool {
    !kept.isEmpty && kept.allSatisfy { attempted[Place($0)] == $0.checkpoint }
  }

  /// Remembers checkpoints that are committed.
  mutating func keep(_ kept: [KeptCheckpoint]) {
    for kept in kept {
      checkpoints[Place(kept)] = kept.checkpoint
      attempted[Place(kept)] = nil
      note(followed: kept)
    }
    if attempted.isEmpty { attempted = [:] }  // what it grew to when all files began goes with it
  }

  /// Remembers that a file is followed, whose checkpoint has not changed. What is set aside is not, nor what is done:
  /// of logs with dates in their names each would be for ever.
  mutating func note(followed kept: KeptCheckpoint) {
    let checkpoint = kept.checkpoint
    if checkpoint.isSetAside { return }
    let name = Name(sink: NameText(kept.sink), pipeline: NameText(kept.pipeline), path: checkpoint.path)
    if !checkpoint.isDone {
      followed[name] = checkpoint.identity
    } else if followed[name] == checkpoint.identity {
      followed[name] = nil
    }
  }

  /// Of what is followed.
  var followedPlaces: some Sequence<Place> {
    followed.lazy.map { Place(sink: $0.sink.text, pipeline: $0.pipeline.text, identity: $1) }
  }

  /// Whether the file has a checkpoint there, as far as is known.
  func has(_ place: Place) -> Bool {
    var place = place
    place.pipeline = current(place.pipeline)
    return checkpoints[place] != nil
  }

  /// Forgets checkpoints that the file has not.
  mutating func forgetMissing(in connection: StoreConnection) throws(SQLiteError) {
    for place in checkpoints.keys
    where try connection.checkpoint(sink: place.sink, pipeline: place.pipeline, identity: place.identity) == nil {
      checkpoints[place] = nil
    }
  }

  /// Remembers what the file has of a sink in these pipelines, and nothing else of them.
  mutating func replace(sink: String, pipelines: [String], by found: [[Checkpoint]]) {
    let (sinkName, names) = (NameText(sink), Set(pipelines.map(NameText.init)))
    for place in checkpoints.keys
    where NameText(place.sink) == sinkName && names.contains(NameText(place.pipeline)) {
      checkpoints[place] = nil
    }
    for (pipeline, found) in zip(pipelines, found) {
      for checkpoint in found {
        checkpoints[Place(KeptCheckpoint(sink: sink, pipeline: pipeline, checkpoint: checkpoint))] = checkpoint
      }
    }
  }

  /// Whether the file has every checkpoint of a sink that it has taken: if not, lines are missing too.
  func isComplete(for sink: String, in connection: StoreConnection) throws(SQLiteError) -> Bool {
    for (place, checkpoint) in checkpoints where NameText(place.sink) == NameText(sink) {
      let found = try connection.checkpoint(sink: sink, pipeline: place.pipeline, identity: place.identity)
      guard let found, found == checkpoint || found == attempted[place] else { return false }
    }
    return true
  }

  /// The present name of a pipeline that was renamed while something of it was under way; else its own.
  func current(_ pipeline: String) -> String { renamed[pipeline.nameKey] ?? pipeline }

  /// The same of a checkpoint.
  func current(_ kept: KeptCheckpoint) -> KeptCheckpoint {
    KeptCheckpoint(sink: kept.sink, pipeline: current(kept.pipeline), checkpoint: kept.checkpoint)
  }

  /// A pipeline has another name from now on.
  mutating func rename(_ former: String, to name: String) {
    func isFormer(_ pipeline: String) -> Bool { NameText(pipeline) == NameText(former) }
    for (place, checkpoint) in checkpoints where isFormer(place.pipeline) {
      checkpoints[place] = nil
      var place = place
      place.pipeline = name
      checkpoints[place] = checkpoint
    }
    for (place, checkpoint) in attempted where isFormer(place.pipeline) {
      attempted[place] = nil
      var place = place
      place.pipeline = name
      attempted[place] = checkpoint
    }
    for (file, identity) in followed where isFormer(file.pipeline.text) {
      followed[file] = nil
      var file = file
      file.pipeline = NameText(name)
      followed[file] = identity
    }
    labels = labels.filter { !isFormer($0.key.text) }
    if let place = started.firstIndex(where: { isFormer($0.text) }) {
      started.remove(at: place)
      started.insert(NameText(name))
    }
    renamed = renamed.mapValues { isFormer($0) ? name : $0 }
    renamed[former.nameKey] = name
  }

  /// Pipelines of these names are there again, or still.
  mutating func claim(_ names: [String]) { for name in names { renamed[name.nameKey] = nil } }

  /// Writes all of it, within a transaction.
  func restore(in connection: StoreConnection) throws {
    try PipelineRegister(connection: connection).register(labels.values.sorted { $0.name < $1.name })
    try connection.markStarted(started.map(\.text).sorted())
    for (place, checkpoint) in checkpoints {
      try connection.put(KeptCheckpoint(sink: place.sink, pipeline: place.pipeline, checkpoint: checkpoint))
    }
  }
}

extension StoreMemory.Place {
  fileprivate init(_ kept: KeptCheckpoint) {
    self.init(sink: kept.sink, pipeline: kept.pipeline, identity: kept.checkpoint.identity)
  }
}

extension StoreConnection {
  /// Marks pipelines as started, within a transaction.
  func markStarted(_ pipelines: [String]) throws(SQLiteError) {
    let mark = try database.prepare("UPDATE pipeline SET started = 1 WHERE id = ?1")
    for name in pipelines {
      try mark.bind(names.pipeline(name), at: 1)
      try mark.run()
    }
  }
}
