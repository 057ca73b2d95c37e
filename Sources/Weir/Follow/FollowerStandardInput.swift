import Glibc
import SystemPackage

/// Standard input: one stream, whoever reads it.
extension Follower {
  /// Follows it for those of these pipelines that name it. The largest `max_line` of the first who read it holds.
  func followStandardInput(for numbers: Set<Int>) async {
    let readers = numbers.sorted().compactMap { pipelines[$0] }.filter { pipeline in
      pipeline.follow.contains { $0.paths.contains(FollowPattern.standardInput) }
    }
    guard !readers.isEmpty else { return }
    if let stream {
      for pipeline in readers where await stream.attachHere(pipeline.number, sinkCount: pipeline.sinkCount) {
        count(startOf: pipeline.number)
      }
      return
    }
    let plans = readers.flatMap(\.follow).filter { $0.paths.contains(FollowPattern.standardInput) }
    let origin = Origin(path: FollowPattern.standardInput, identity: nil)
    let file = FollowedFile(
      source: .stream(Descriptor(borrowing: STDIN_FILENO)),
      starts: readers.map {
        .beginning(of: origin, pipeline: $0.number, sinkCount: $0.sinkCount, scheduler)
      },
      reader: LineReader(
        origin: origin, offset: 0, lead: [], head: FileHead(), maxLineBytes: plans.map(\.maxLineBytes).max()!),
      limit: nil, predecessor: nil, surroundings: surroundings)
    stream = file
    give(file)
  }
}
