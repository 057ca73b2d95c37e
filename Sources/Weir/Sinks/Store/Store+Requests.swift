import Logging

/// What a store is asked for.
extension Store {
  /// Gives pipelines of the present config their rows and views. The views of others stay.
  ///
  /// - Throws: ``StoreError``: also if the database has a table of a pipeline's name.
  public func register(_ pipelines: [PipelineLabel]) throws {
    memory.claim(pipelines.map(\.name))
    try transact { try PipelineRegister(connection: $0).register(pipelines) }
    for label in pipelines { memory.labels[NameText(label.name)] = label }
  }

  /// Settles what pipelines go on with here: see ``PipelineClaim``. Called when nothing is stored any more for a
  /// pipeline that the config has lost; what comes for one nevertheless is its heir's.
  func settle(_ claims: [PipelineClaim]) throws {
    memory.claim(claims.map(\.label.name))
    let open = try read { connection in
      let succession = try PipelineSuccession(connection)
      return try claims.filter { try !succession.isSettled($0) }
    }
    if open.isEmpty { return }
    let formers = try transact { connection in
      var succession = try PipelineSuccession(connection)
      return try open.map { try succession.settle($0) }
    }
    for case (let claim, let former?) in zip(open, formers) {
      memory.rename(former, to: claim.label.name)
      let name = claim.label.name
      log.info("pipeline \(name) goes on where \(former) was in \(path): it is the same under another name")
    }
  }

  /// Whether the pipeline was marked as started, in this run or an earlier one.
  public func hasRunBefore(_ pipeline: String) throws -> Bool { try haveRunBefore([pipeline])[0] }

  /// The same of several pipelines.
  func haveRunBefore(_ pipelines: [String]) throws -> [Bool] {
    try read { connection in
      let find = try connection.database.prepare("SELECT started FROM pipeline WHERE id = ?1")
      defer { find.reset() }
      return try pipelines.map { pipeline in
        guard let id = try connection.names.knownPipeline(pipeline) else { return false }
        find.reset()
        try find.bind(id, at: 1)
        return try find.step() && find.integer(0) == 1
      }
    }
  }

  /// Marks pipelines as started: from now on their new files are read from the beginning.
  public func markStarted(_ pipelines: [String]) throws {
    try transact { try $0.markStarted(pipelines) }
    memory.started.formUnion(pipelines.map(NameText.init))
  }

  /// How far a sink has taken the files of a pipeline.
  public func checkpoints(sink: String, pipeline: String) throws -> [Checkpoint] {
    try checkpoints(sink: sink, pipelines: [pipeline])[0]
  }

  /// The same of several pipelines.
  func checkpoints(sink: String, pipelines: [String]) throws -> [[Checkpoint]] {
    let found = try read { connection in
      try pipelines.map { pipeline in
        guard let id = try connection.names.knownPipeline(pipeline) else { return [] as [Checkpoint] }
        return try connection.checkpoints.all(sink: sink, pipeline: id)
      }
    }
    memory.replace(sink: sink, pipelines: pipelines, by: found)
    return found
  }

  /// Where a sink was in former contents of those files, the oldest first.
  func formerCheckpoints(sink: String, pipelines: [String]) throws -> [[FormerCheckpoint]] {
    try read { connection in
      try pipelines.map { pipeline in
        guard let id = try connection.names.knownPipeline(pipeline) else { return [] as [FormerCheckpoint] }
        return try connection.checkpoints.former(sink: sink, pipeline: id)
      }
    }
  }

  /// Those of these places of which there is no checkpoint any more.
  func missing(_ places: [StoreMemory.Place]) -> [StoreMemory.Place] { places.filter { !memory.has($0) } }

  /// Takes note that a file is followed whose checkpoint has not changed, so that it does not expire.
  func note(followed kept: KeptCheckpoint) { memory.note(followed: kept) }

  /// Writes the lines of deliveries as rows, with checkpoints.
  ///
  /// - Parameter kept: the checkpoints that cover them, and others that waited for that; one of a pipeline's file.
  /// - Returns: how many rows were refused for good and went to `reject` instead.
  @discardableResult
  public func write(_ deliveries: [Delivery], sink: String, covering kept: [KeptCheckpoint]) throws -> Int {
    let names = deliveries.map { memory.current($0.pipeline.name) }
    return try transact(for: sink, covering: kept, unlessDone: 0) { connection in
      var rejected = 0
      for (delivery, name) in zip(deliveries, names) {
        let pipeline = try connection.names.pipeline(name)
        let file = try connection.names.file(delivery.batch.origin.path)
        try connection.matches.insert(delivery, pipeline: pipeline, file: file) { (line, error) throws(SQLiteError) in
          try connection.ledger.reject(line: line, of: delivery, pipeline: pipeline, file: file, error: error)
          rejected += 1
        }
      }
      return rejected
    }
  }

  /// As ``write(_:sink:covering:)``, of one with its checkpoint.
  @discardableResult
  public func write(_ delivery: Delivery, sink: String) throws -> Int {
    try write([delivery], sink: sink, covering: Self.checkpoint(of: delivery, sink: sink))
  }

  /// Sets checkpoints of sinks that have no store.
  public func keep(_ kept: [KeptCheckpoint]) throws {
    let kept = kept.map(memory.current)
    memory.attempt(kept)
    try transact { for kept in kept { try $0.put(kept) } }
    memory.keep(kept)
  }

  /// Sets checkpoints of a sink whose lines are here, and that was sent deliveries without lines.
  func keep(_ kept: [KeptCheckpoint], withLinesOf sink: String) throws {
    try transact(for: sink, covering: kept, unlessDone: ()) { _ in }
  }

  /// Adds to a counter what was counted, with the checkpoints that cover it.
  public func count(_ rows: [CountRow], counter: String, with kept: [KeptCheckpoint]) throws {
    let names = rows.map { memory.current($0.pipeline) }
    try transact(for: counter, covering: kept, unlessDone: ()) { connection in
      for (row, name) in zip(rows, names) {
        let pipeline = try connection.names.pipeline(name)
        try connection.counts.add(row, counter: counter, pipeline: pipeline)
      }
    }
  }

  /// What a counter has in a window, the most first.
  ///
  /// - Parameter window: its start in milliseconds since 1970, or ``CountRow/allTime``.
  public func counted(by counter: String, window: Int64, limit: Int) throws -> [CountRow] {
    try read { try $0.counts.all(counter: counter, window: window, limit: Int64(limit)) }
  }

  /// What a counter has in a window, all pipelines and labels together.
  func sum(of counter: String, window: Int64) throws -> CountSum {
    try read { try $0.counts.sum(counter: counter, window: window) }
  }

  /// Records a range that was not delivered. The same one again (pipeline, file, range, reason) is one row, unless it
  /// was lost again, at another time.
  public func record(_ gap: Gap, pipeline: String, atMilliseconds time: Int64) throws {
    let pipeline = memory.current(pipeline)
    try transact { connection in
      try connection.ledger.add(
        gap, pipeline: connection.names.pipeline(pipeline), file: connection.names.file(gap.origin.path),
        atMilliseconds: time)
    }
  }

  /// Records figures of the timing context; the same minute and stage again are added up.
  public func record(timings: [TimingRow]) throws {
    guard let newest = timings.map(\.minuteMilliseconds).max() else { return }
    let memory = memory
    try transact { connection in
      for row in timings {
        try connection.ledger.add(row, pipeline: connection.names.pipeline(memory.current(row.pipeline)))
      }
      try connection.ledger.dropTimings(before: newest)
    }
  }

  /// The checkpoint that a sink has once it has taken `delivery`: none for a stream.
  static func checkpoint(of delivery: Delivery, sink: String) -> [KeptCheckpoint] {
    delivery.batch.checkpoint.map {
      [KeptCheckpoint(sink: sink, pipeline: delivery.pipeline.name, checkpoint: $0)]
    } ?? []
  }
}
