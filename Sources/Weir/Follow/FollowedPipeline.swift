/// A pipeline as following knows it.
struct FollowedPipeline: Sendable {
  /// Unique in the life of the agent; a pipeline that a reload changed has another.
  let number: Int
  /// What it follows.
  let follow: [FollowPlan]
  /// How far its sinks are.
  let known: KnownPositions

  var sinkCount: Int { known.sinkCheckpoints.count }
}
