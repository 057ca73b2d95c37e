import SystemPackage

@testable import Coroutines
@testable import Weir

/// One world from its beginning to the verdict.
extension World {
  /// How long the agent has to come to rest at the end: every pause and retry of it is over then.
  static let restSeconds = 400

  func run() throws {
    defer { dissolve() }
    try scheduler.runAlone { [self] in
      for stream in streams where random.once(in: 2) { try stream.create() }
      addActors()
      let acting = actors.map { actor in
        scheduler.spawn(name: actor.name) { [self] in try await actor.act(on: scheduler) }
      }
      let ailing = troubles.map { trouble in
        scheduler.spawn(name: trouble.name) { [self] in try await trouble.act(on: scheduler) }
      }
      let ending = scheduler.spawn(name: "endings") { [self] in try await live() }
      try await scheduler.sleep(for: setting.duration)
      for routine in acting + ailing {
        routine.cancel()
        if case .failure(let error) = await routine.outcome, !(error is CancellationError) { throw error }
      }
      ending.cancel()
      if case .failure(let error) = await ending.outcome, !(error is CancellationError) { throw error }
      for trouble in troubles { try trouble.finish() }
      for actor in actors { try actor.finish() }
      for stream in streams { stream.reopen() }
      try await rest()
    }
  }

  private func addActors() {
    for stream in streams {
      addActor(
        Actor("writer of \(stream.path)", pause: { [self] _ in random.milliseconds(setting.writePause) }) {
          stream.planLines($0)
        })
      addActor(
        Actor("rotation of \(stream.path)", pause: { [self] in rotationPause(isWithin: $0) }) {
          stream.planRotation($0)
        })
    }
  }

  /// Rotations are rare, and their steps fast.
  private func rotationPause(isWithin: Bool) -> Duration {
    isWithin ? random.milliseconds(random.once(in: 10) ? 1...1000 : 0...10) : random.milliseconds(setting.rotatePause)
  }

  /// Starts the agent, and ends and starts it as often as the setting has it.
  private func live() async throws {
    begin()
    // Other configs come more often than the agent ends.
    let endingsCount = setting.has(.config) ? setting.endingsCount + 4 : setting.endingsCount
    for _ in 0..<endingsCount {
      let span = setting.duration.nanoseconds / 1_000_000 / Int64(endingsCount + 1)
      try await scheduler.sleep(for: random.milliseconds(1...Int(span * 2)))
      if setting.reloads || setting.has(.config), random.once(in: 2) {
        trace.note("reload")
        life?.signals.send(.reload)
        continue
      }
      if setting.kills { await kill() } else { await stop() }
      try await scheduler.sleep(for: random.milliseconds(setting.downTime))
      begin()
    }
  }

  func begin() {
    guard life == nil else { return }
    trace.note("start")
    forgetWhatWasSeen()
    oracle.allowRepeatsOfShortCopies()
    oracle.noteStart(isFolderClosed: isFolderClosed)
    life = Life(in: self)
  }

  private func forgetWhatWasSeen() {
    for file in oracle.files { file.node.seenByteCount = 0 }  // also those that were deleted, and are still open
    var nodes = [tree.root]
    while let node = nodes.popLast() {
      node.seenByteCount = 0
      nodes += node.children.values
    }
  }

  /// SIGKILL: what the process had in memory is gone.
  func kill() async {
    guard let life else { return }
    self.life = nil
    hasKilled = true
    trace.note("kill")
    if mayMissCopies { oracle.allowRepeatsOfUnseenCopies() }
    excuseLosses(since: memoryStart)
    if setting.cutsPower {
      oracle.forgetOpened(since: memoryStart)
    } else {
      oracle.forgetFirstOpened(since: memoryStart)
    }
    life.die { if setting.cutsPower { databases.cutPower(seed: random.next()) } else { databases.crash() } }
    _ = await life.routine.outcome
  }

  private func excuseLosses(since start: Duration) {
    let isMute = databases.span(before: clock.now) != nil
    oracle.excuseLosses(since: start, isMute: isMute)
    if isMute { oracle.forgetOpened(since: start) }
  }

  /// SIGTERM.
  func stop() async {
    guard let life else { return }
    trace.note("stop")
    if mayMissCopies { oracle.allowRepeatsOfUnseenCopies() }
    let time = clock.now
    life.signals.send(.stop)
    let start = memoryStart
    let result = await life.routine.outcome
    self.life = nil
    trace.note("stopped")
    // With the process ends what it did not wait for.
    life.vanish { databases.crash() }
    if case .success(1) = result, setting.isSlowDisk || databases.span(before: clock.now) != nil {
      hasKilled = true
      return excuseLosses(since: start)
    }
    oracle.excuseLosses(since: time)
    oracle.forgetOpenedInPlace(since: time)
    oracle.forgetFirstOpened(since: time)
    if case .success(0) = result { return }
    complaints.append("a stop ended with \(result)")
  }

  /// Nothing happens any more but what the agent does.
  private func rest() async throws {
    begin()
    let there = streams.compactMap { stream in
      (try? tree.node(at: stream.path, call: "stat")).map { (stream.path, $0) }
    }
    oracle.excuseUnfindable(followed: Dictionary(uniqueKeysWithValues: there))
    oracle.excuseDenied()
    try await scheduler.sleep(for: .seconds(Self.restSeconds))
    life?.signals.send(.report)
    try await scheduler.sleep(for: .seconds(1))
    await stop()
  }
}
