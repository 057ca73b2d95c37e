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
  /// Of these pipelines.
  let totals: [Pipelines.Totals]
  let targets: [Target]
  /// Those of `targets`, each once.
  let sinks: [RunningSink]
  /// To `sinks`, in their order.
  let broadcast: Broadcast<[Delivery]>
  let scanner: Scanner
  let groups: FigureGroups
  /// For each pipeline, its part of `targets`.
  private let targetsOfPipelines: [Range<Int>]
  /// For each target, the place of its sink in `sinks`.
  private let sinkOfTarget: [Int]
  /// Since when not all were told how far the file is read.
  private var untoldSince = Duration.zero
  /// Where the last batch ends of which not all were told.
  private var untoldPlace: Batch?

  /// All pipelines, and those of each of `sinks`, for the timing figures.
  struct FigureGroups {
    let all: StageFigures.Group
    let ofSinks: [StageFigures.Group]
  }

  var id: ObjectIdentifier { ObjectIdentifier(file) }

  /// - Parameters:
  ///   - pipelines: those that `starts` are of, in that order.
  ///   - totals: of these pipelines, to be added to.
  ///   - scanner: of these pipelines.
  ///   - group: gives the group of the pipelines with these names.
  init(
    _ file: FollowedFile, starts: [FileStart], pipelines: [RunningPipeline], totals: [Pipelines.Totals],
    scanner: Scanner, group: ([String]) -> StageFigures.Group
  ) {
    self.file = file
    self.starts = starts
    self.pipelines = pipelines
    self.totals = totals
    self.scanner = scanner
    targets = Self.targets(starts, pipelines)
    targetsOfPipelines = Self.parts(of: targets, count: pipelines.count)
    var (places, sinks, names): ([Int: Int], [RunningSink], [[String]]) = ([:], [], [])
    sinkOfTarget = targets.map { target in
      let place = places[target.sink.number] ?? sinks.count
      if place == sinks.count {
        places[target.sink.number] = place
        sinks.append(target.sink)
        names.append([])
      }
      names[place].append(target.label.name)
      return place
    }
    self.sinks = sinks
    broadcast = Broadcast(to: sinks.map(\.coroutine))
    groups = FigureGroups(all: group(pipelines.map(\.name)), ofSinks: names.map(group))
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
  /// What some of the sinks are sent at once, by their places.
  typealias Posts = [(index: Int, value: [Delivery])]

  /// While more is there to be read, a sink for which a batch has nothing is told of that batch with a later one, after
  /// so long at the latest. Told of each, a thousand pipelines take thirty times as long for a file in which few lines
  /// match.
  private static let longestUntold = Duration.seconds(1)

  /// What each sink is sent of a batch.
  mutating func posts(of batch: Batch, _ selections: Selections, at now: Duration) -> Posts {
    if untoldPlace == nil { untoldSince = now }
    if batch.hasMore, now - untoldSince < Self.longestUntold {
      untoldPlace = batch.place
      return selectingPosts(of: batch, selections)
    }
    untoldPlace = nil
    var selecting = selections.selecting[...]
    return posts { target in
      let pipeline = target.selectionIndex.pipeline
      while let first = selecting.first, first.pipeline < pipeline { selecting.removeFirst() }
      let selected = selecting.first.flatMap { $0.pipeline == pipeline ? $0.selections : nil }
      return target.delivery(of: batch, selecting: selected?[target.selectionIndex.sink] ?? target.nothing)
    }
  }

  /// What is sent where nothing is said to those for whom the batch has no line.
  private func selectingPosts(of batch: Batch, _ selections: Selections) -> Posts {
    var deliveries = Array(repeating: [Delivery](), count: sinks.count)
    for (pipeline, _, selections) in selections.selecting {
      for index in targetsOfPipelines[pipeline] {
        let selection = selections[targets[index].selectionIndex.sink]
        if selection.lines.isEmpty { continue }
        if let delivery = targets[index].delivery(of: batch, selecting: selection) {
          deliveries[sinkOfTarget[index]].append(delivery)
        }
      }
    }
    return Self.posts(deliveries)
  }

  /// What tells all sinks how far the file is read, where not all know.
  mutating func takeUntold() -> Posts {
    guard let place = untoldPlace.take() else { return [] }
    return posts { $0.delivery(of: place, selecting: $0.nothing) }
  }

  /// What some of the targets are sent; they are asked in their order.
  func posts(_ delivery: (Target) -> Delivery?) -> Posts {
    var deliveries = Array(repeating: [Delivery](), count: sinks.count)
    for (target, sink) in zip(targets, sinkOfTarget) { delivery(target).map { deliveries[sink].append($0) } }
    return Self.posts(deliveries)
  }

  private static func posts(_ deliveries: [[Delivery]]) -> Posts {
    deliveries.enumerated().compactMap { sink, deliveries in deliveries.isEmpty ? nil : (sink, deliveries) }
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
  /// ``PipelinePlan/fingerprint``, which takes long to make.
  let fingerprint: String

  init(number: Int, plan: PipelinePlan, sinks: [RunningSink]) {
    self.number = number
    self.plan = plan
    self.sinks = sinks
    fingerprint = plan.fingerprint
  }

  var name: String { plan.label.name }
}
