import Coroutines

// The whole flow: follow -> grep -> broadcast -> sinks. Read this file first.

extension Pipelines {
  /// Reads a file through its life: each batch is scanned once for all pipelines that follow the file, and what was
  /// selected is broadcast to their sinks. The next batch is read when every sink has asked for more.
  func flow(_ flow: inout Flow) async throws -> FlowEnd {
    while true {
      switch try await flow.file.nextOrRest() {
      case .reading(.batch(let batch)):
        try await pass(batch, along: &flow)
        if batch.start == batch.end { try await keepOpening(of: flow) }
        if isInVain(flow) { return .over }
      case .reading(.gap(let gap)):
        for (start, pipeline) in zip(flow.starts, flow.pipelines) {
          if let gap = start.part(of: gap) { try await ledger.record(gap, pipeline: pipeline.name) }
        }
      case .reading(.change(let change)):
        try await send(flow.takeUntold(), along: flow)
        try await take(change, in: &flow)
        if flow.pipelines.isEmpty { return .over }
      case .rest:
        try await send(flow.takeUntold(), along: flow)
        return .rest
      case .over:
        try await send(flow.takeUntold(), along: flow)
        return .over
      }
    }
  }

  /// One batch, in a timing context that measures also when a stage throws.
  private func pass(_ batch: Batch, along flow: inout Flow) async throws {
    let (times, clock) = (BatchTimes(), scheduler.clock)
    times.recorder(for: flow.groups.all).record("read", batch.readDuration)
    let start = clock.now
    var matchCount = 0
    defer { note(batch, of: flow, times, total: clock.now - start, matchCount: matchCount) }
    let selections = await scan(batch, by: flow.scanner)
    times.recorder(for: flow.groups.all).record("grep", clock.now - start)
    matchCount = count(selections, in: flow)
    if let limits = flow.scanner.takeNewMatchLimits() { note(limits, in: flow) }
    let posts = flow.posts(of: batch, selections, at: start)
    if posts.isEmpty { return await Task.yield() }  // signals, timers and other files have their turn
    try await send(posts, along: flow) { [sinks = flow.sinks, groups = flow.groups] index, elapsed in
      times.recorder(for: groups.ofSinks[index]).record(sinks[index].name, elapsed)
    }
  }
}

extension Pipelines {
  /// Scans a batch. Where that takes long, signals, timers and other files have their turn in between; but not a file
  /// of the same pipelines.
  private func scan(_ batch: Batch, by scanner: Scanner) async -> Selections {
    while scanner.isPaused { await Task.yield() }
    while true {
      if let selections = scanner.scan(batch, forNanoseconds: Scanner.sliceNanoseconds) { return selections }
      await Task.yield()
    }
  }
}

/// Why a file flows no more.
enum FlowEnd {
  /// There is nothing to read until its bell rings.
  case rest
  /// For good.
  case over
}
