import Coroutines
import Logging

/// Reading the config again, and going over to what it says.
extension Agent {
  /// Why a plan is applied.
  enum Occasion {
    /// It was read: a sink that cannot be opened refuses it.
    case read
    /// Another was refused, or could not be read: a sink of this one that cannot be opened is set apart, and the others
    /// run on.
    case refusal
    /// It is the one that was applied last, and a sink is open, or set apart, that was waited for.
    case sinkOpened
  }

  func beginReload() async {
    guard let reload = settings.reload else { return }
    wantsReload = false
    await tellReload()
    begin("reload") { try await self.take(reload) }
  }

  /// Starts pipelines that waited for a sink.
  func beginPlan() {
    guard wantsPlan else { return }
    wantsPlan = false
    guard isIncomplete else { return }
    begin("plan") {
      guard let running = await self.running else { return }
      try await self.apply(self.plan, to: running, on: .sinkOpened)
    }
  }

  /// Reads the config again. What is wrong with it is said, and changes nothing.
  ///
  /// - Throws: when neither the new nor the old plan can run; `CancellationError`.
  private func take(_ reload: @Sendable () throws -> Plan) async throws {
    let next: Plan
    do {
      next = try reload()
    } catch {
      log.error("the config was not taken, the old one runs on:\n\(error)")
      return try await resume()
    }
    try await goOver(to: next, whenDone: "took the config")
  }

  /// Goes on with what this reload cut short: of the start or of the reload before it.
  private func resume() async throws {
    guard wasCutShort else { return }
    if isPlanTaken { return try await change(to: plan, on: appliedPlan == nil ? .read : .refusal) }
    try await goOver(to: plan, whenDone: "took the config that was read before")
  }

  /// Goes over to a plan; where that cannot run, back to the last that could, or where none has yet, to the first.
  private func goOver(to next: Plan, whenDone sentence: String) async throws {
    let previous = appliedPlan ?? firstPlan
    isPlanTaken = false
    do {
      try await change(to: next)
      isPlanTaken = true
      log.info("\(sentence)")
    } catch let error as CancellationError {
      throw error
    } catch {
      log.error("the config was not taken, the old one goes on: \(error)")
      isPlanTaken = true
      try await change(to: previous, on: .refusal)
    }
  }

  /// By what differs; to another database everything goes, since what is known is there.
  private func change(to next: Plan, on occasion: Occasion = .read) async throws {
    let former = plan
    plan = next
    logChoice.plan = next.log
    if let running, former.database == next.database { return try await apply(next, to: running, on: occasion) }
    // Not cancelled with this routine: what was read is delivered before anything else happens.
    _ = await scheduler.spawn(name: "drain") { await self.drain() }.outcome
    try Task.checkCancellation()
    try await start(on: occasion)
  }
}
