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
  let groups: FigureGroups
  /// For each pipeline, its part of `targets`.
  private let targetsOfPipelines: [Range<Int>]
  /// How much went by since all were told how far the file is read, and when that was.
  private var untold: (bytes: UInt64, since: Duration) = (0, .zero)
  /// Where the last batch ends of which not all were told.
  private var untoldPlace: Batch?

  /// All pipelines, and each alone, for the timing figures.
  struct FigureGroups {
    let all: StageFigures.Group
    let each: [StageFigures.Group]
  }

  var id: ObjectIdentifier { ObjectIdentifier(file) }

  /// - Parameters:
  ///   - pipelines: those that `starts` are of, in that order.
  ///   - scanner: of these pipelines.
  init(
    _ file: FollowedFile, starts: [FileStart], pipelines: [RunningPipeline], scanner: Scanner, groups: FigureGroups
  ) {
    self.file = file
    self.starts = starts
    self.pipelines = pipelines
    self.groups = groups
    targets = Self.targets(starts, pipelines)
    targetsOfPipelines = Self.parts(of: targets, count: pipelines.count)
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

extension Flow {
  /// While much is there to be read, a sink for which a batch has nothing is told of that batch with a later one: after
  /// so many bytes, or so much time. Told of each, a thousand pipelines take thirty times as long for a file in which
  /// few lines match.
  private static let untoldBytes: UInt64 = 64 << 20
  private static let untoldTime = Duration.seconds(1)

  /// What each target is sent of a batch.
  mutating func deliveries(
    of batch: Batch, _ selections: Selections, at now: Duration
  ) -> [(index: Int, value: Delivery)] {
    untold.bytes += batch.end - batch.start
    if batch.hasMore, untold.bytes < Self.untoldBytes, now - untold.since < Self.untoldTime {
      untoldPlace = batch.place
      return selections.selecting.flatMap { pipeline, selections in
        targetsOfPipelines[pipeline].compactMap { index in
          let selection = selections[targets[index].selectionIndex.sink]
          return selection.lines.isEmpty
            ? nil
            : targets[index].delivery(of: batch, selecting: selection)
              .map { (index, $0) }
        }
      }
    }
    untold = (0, now)
    untoldPlace = nil
    var deliveries: [(index: Int, value: Delivery)] = []
    deliveries.reserveCapacity(targets.count)
    var selecting = selections.selecting[...]
    for pipeline in pipelines.indices {
      let selected = selecting.first?.pipeline == pipeline ? selecting.removeFirst().selections : nil
      for index in targetsOfPipelines[pipeline] {
        let target = targets[index]
        let selection = selected?[target.selectionIndex.sink] ?? Selection(fieldCount: target.label.fields.count)
        if let delivery = target.delivery(of: batch, selecting: selection) { deliveries.append((index, delivery)) }
      }
    }
    return deliveries
  }

  /// What tells all targets how far the file is read, where not all know.
  mutating func takeUntold() -> [(index: Int, value: Delivery)] {
    guard let place = untoldPlace.take() else { return [] }
    return targets.enumerated().compactMap { index, target in
      target.delivery(of: place, selecting: Selection(fieldCount: target.label.fields.count)).map { (index, $0) }
    }
  }

  private static func parts(of targets: [Target], count: Int) -> [Range<Int>] {
    var end = 0
    return (0..<count).map { pipeline in
      let start = end
      while end < targets.count, targets[end].selectionIndex.pipeline == pipeline { end += 1 }
      return start..<end
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
