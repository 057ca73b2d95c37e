import Coroutines

/// Writes the lines that it is sent as rows of a database, each once and only once.
actor SQLiteSink: Sink {
  private let scheduler: Scheduler
  private let name: String
  private let committer: Committer<HeldLines>
  private var rejectedLines = 0

  init(in surroundings: SinkSurroundings, store: Store) {
    scheduler = surroundings.scheduler
    name = surroundings.name
    committer = Committer(surroundings, store: store, holding: HeldLines())
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }

  func open(for pipelines: [PipelineLabel]) async throws { try await committer.open(for: pipelines) }

  func settle(_ claims: [PipelineClaim]) async throws { try await committer.settle(claims) }

  func checkpoints(of pipelines: [PipelineLabel]) async throws -> [[Checkpoint]]? {
    try await committer.checkpoints(of: pipelines)
  }

  func formerCheckpoints(of pipelines: [PipelineLabel]) async throws -> [[FormerCheckpoint]] {
    try await committer.formerCheckpoints(of: pipelines)
  }

  func receive(_ inbox: Inbox<[Delivery]>) async throws {
    try await committer.receive(inbox) { await self.note(rejected: $0) }
  }

  func closingWords() async -> [String] {
    if rejectedLines == 0 { return [] }
    return ["\(name): \(rejectedLines) lines were refused by \(committer.store.path) and are in its view rejects"]
  }

  private func note(rejected count: Int) { rejectedLines += count }
}
