import Coroutines

/// One followed file on its way: where it is read, who reads it, and where it goes.
///
/// Belongs to the file's routine, on the scheduler.
struct Flow: Identifiable {
  let file: FollowedFile
  /// Where each pipeline that reads the file began, in the order in which the scanner knows them.
  let starts: [FileStart]
  /// In the same order.
  let pipelines: [RunningPipeline]
  let targets: [Target]
  let broadcast: Broadcast<Delivery>
  let scanner: Scanner

  var id: ObjectIdentifier { ObjectIdentifier(file) }

  /// - Parameters:
  ///   - pipelines: those that `starts` are of, in that order.
  ///   - scanner: of these pipelines.
  init(_ file: FollowedFile, starts: [FileStart], pipelines: [RunningPipeline], scanner: Scanner) {
    self.file = file
    self.starts = starts
    self.pipelines = pipelines
    targets = Self.targets(starts, pipelines)
    broadcast = Broadcast(to: targets.map(\.sink.coroutine))
    self.scanner = scanner
  }

  private static func targets(_ starts: [FileStart], _ pipelines: [RunningPipeline]) -> [Target] {
    zip(starts, pipelines).enumerated().flatMap { index, pair in
      let (start, pipeline) = pair
      return zip(pipeline.sinks, start.sinks).enumerated().compactMap { place, pair in
        pair.1.map { Target(label: pipeline.plan.label, sink: pair.0, selectionIndex: (index, place), start: $0) }
      }
    }
  }
}

/// A pipeline at work.
struct RunningPipeline: Sendable {
  /// Unique in the life of the agent.
  let number: Int
  let plan: PipelinePlan
  /// In the order of `PipelinePlan.sinks`.
  let sinks: [RunningSink]

  var name: String { plan.label.name }
}
