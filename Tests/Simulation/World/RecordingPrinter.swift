import Coroutines
import SystemPackage

@testable import Weir

/// A sink without a store: what it was sent is what a terminal would show. Its checkpoints are the agent's to keep.
struct RecordingPrinter: Sink {
  struct Recipe: SinkRecipe {
    var summary: String { "printer" }
    /// Set by the life of the agent that makes it.
    var record: @Sendable (_ line: String) -> Void = { _ in }

    func make(in surroundings: SinkSurroundings) throws -> any Sink { RecordingPrinter(record: record) }
  }

  let record: @Sendable (_ line: String) -> Void

  func open(for pipelines: [PipelineLabel]) async throws {}
  func checkpoints(of pipelines: [PipelineLabel]) async throws -> [[Checkpoint]]? { nil }

  func receive(_ inbox: Inbox<[Delivery]>) async throws {
    for try await deliveries in inbox { deliveries.forEach(print) }
  }

  private func print(_ delivery: Delivery) {
    delivery.batch.withBytes { bytes in
      for line in delivery.selection.lines {
        record(String(decoding: bytes[Int(line.start)..<Int(line.end)], as: UTF8.self))
      }
    }
  }
}
