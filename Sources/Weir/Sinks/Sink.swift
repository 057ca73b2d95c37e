import Coroutines
import Logging
import SystemPackage

/// A target that pipelines broadcast to; a coroutine that is sent deliveries.
///
/// One sink takes from all pipelines that name it. Its methods run on the scheduler; work that blocks
/// belongs on an `Offload` of its own.
public protocol Sink: Sendable {
  /// Opens what the sink writes to and makes ready for these pipelines. Called before anything is sent, and again when
  /// a reload has other pipelines broadcast to it.
  ///
  /// - Throws: ``Failure``: the agent does not start, or goes on with the config that it had; a sink that had to be
  ///   waited for is set apart.
  func open(for pipelines: [PipelineLabel]) async throws

  /// Settles what pipelines go on with that was stored before, under their names or former ones. Called before
  /// ``checkpoints(of:)``, for pipelines of a config.
  func settle(_ claims: [PipelineClaim]) async throws

  /// How far this sink has taken each file of these pipelines, an array for each in their order, if it commits that
  /// together with what it takes; nil if it has no store of its own: then weir keeps its checkpoints in `database`.
  func checkpoints(of pipelines: [PipelineLabel]) async throws -> [[Checkpoint]]?

  /// Where it was in former contents of those files, the oldest first; an array for each pipeline in their order.
  func formerCheckpoints(of pipelines: [PipelineLabel]) async throws -> [[FormerCheckpoint]]

  /// The body: takes deliveries until the inbox ends, then finishes what it holds. What comes at once is of one batch:
  /// a delivery for each pipeline that it concerns. When the body asks for the next, the last are taken: where the sink
  /// has no store of its own, they are written, and their checkpoints may be kept.
  ///
  /// - Throws: when the sink can go on no more. It is set apart, said once, and the other sinks go on.
  func receive(_ inbox: Inbox<[Delivery]>) async throws

  /// What the log should say of the sink at the stop, one sentence each, after the inbox ended: figures that a user
  /// waits for, losses. Nothing, where all went as it should.
  func closingWords() async -> [String]
}

extension Sink {
  /// Nothing: a sink without a store.
  public func settle(_ claims: [PipelineClaim]) async throws {}
  public func formerCheckpoints(of pipelines: [PipelineLabel]) async throws -> [[FormerCheckpoint]] {
    pipelines.map { _ in [] }
  }
  public func closingWords() async -> [String] { [] }
}

/// How a sink ends when nobody reads its output any more: quietly.
public struct OutputClosed: Error {
  /// The reader of a pipe went away.
  public init() {}
}

/// What a sink may use of the agent that it is in.
public struct SinkSurroundings: Sendable {
  /// The sink's name in the config; its kind if it has none.
  public let name: String
  /// Where its coroutine runs.
  public let scheduler: Scheduler
  /// The databases of the agent: a file is opened once, whoever writes to it.
  public let stores: StoreShelf
  /// The agent's own log.
  public let log: Logger
  /// The plan's database: where a sink keeps what it keeps if its options name no other; nil if there is none.
  public let database: FilePath?

  /// Surroundings of a sink of that name.
  public init(name: String, scheduler: Scheduler, stores: StoreShelf, log: Logger, database: FilePath? = nil) {
    self.name = name
    self.scheduler = scheduler
    self.stores = stores
    self.log = log
    self.database = database
  }
}
