/// A pipeline as following knows it.
struct FollowedPipeline: Sendable {
  /// Unique in the life of the agent; a pipeline that a reload changed has another.
  let number: Int
  /// What it follows.
  let follow: [FollowPlan]
  /// How far its sinks are.
  let known: KnownPositions
  /// The same, by files.
  let knownFiles: KnownFiles

  init(number: Int, follow: [FollowPlan], known: KnownPositions) {
    self.number = number
    self.follow = follow
    self.known = known
    knownFiles = KnownFiles(known.sinkCheckpoints)
  }

  var sinkCount: Int { known.sinkCheckpoints.count }
}
