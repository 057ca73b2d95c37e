/// What a pipeline may go on with in a database: its own, by its name; or that of a pipeline that was renamed to it.
///
/// A pipeline that the database does not know, whose follow and grep are those of exactly one pipeline that it knows
/// and the config has no more, is that pipeline under a new name: its rows, counts, gaps and checkpoints go along, and
/// its view has the new name. Where two could be meant, or a pipeline of the name has been stored already, nothing is
/// taken over: then each keeps what it has, and the new one begins as any new pipeline does.
public struct PipelineClaim: Sendable {
  /// The pipeline.
  public let label: PipelineLabel
  /// `PipelinePlan.fingerprint`.
  public let plan: String
  /// Names of all pipelines of the config, as `String.nameKey`.
  public let present: Set<String>

  /// The claim of that pipeline.
  public init(label: PipelineLabel, plan: String, present: Set<String>) {
    self.label = label
    self.plan = plan
    self.present = present
  }
}
