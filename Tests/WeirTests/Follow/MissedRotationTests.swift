import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// Files that were rotated while nobody looked.
@Suite struct MissedRotationTests {
  let scratch = Scratch()

  /// Reads all that is there, as each of these pipelines; gives what sinks have as checkpoints then.
  private func read(
    _ pipelines: [[FilePath]], after checkpoints: [Checkpoint]? = nil
  ) throws -> (tail: Tail, checkpoints: [Checkpoint]) {
    let positions = KnownPositions(hasRunBefore: checkpoints != nil, sinkCheckpoints: [checkpoints ?? []])
    let tail = Tail(
      pipelines: pipelines.map { [FollowPlan(paths: $0, start: .beginning)] }, known: pipelines.map { _ in positions },
      isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    var last: [FileIdentity: Checkpoint] = [:]
    for checkpoint in (checkpoints ?? []) + tail.now.batches.compactMap(\.checkpoint) {
      last[checkpoint.identity] = checkpoint
    }
    return (tail, Array(last.values))
  }

  @Test func pipelineWithAPlainPathReadsWhatAnotherFollowsByItsNewName() throws {
    scratch.append("one\n", to: "log")
    let pipelines = [[scratch.path("log*")], [scratch.path("log")]]
    let first = try read(pipelines)
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.1")
    scratch.append("three\n", to: "log")
    let second = try read(pipelines, after: first.checkpoints).tail.now
    #expect(second.pipelineLines[0]?.sorted() == ["three", "two"])
    #expect(second.pipelineLines[1] == ["two", "three"])
  }

  @Test func fileThatTwoFollowedNamesLedToIsReadOnce() throws {
    let scratch = scratch
    scratch.append("one\n", to: "log")
    let first = try read([[scratch.path("log")]]).checkpoints[0]
    var other = first
    other.path = scratch.path("other")
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.1")
    let tail = Tail(
      pipelines: [[FollowPlan(paths: [first.path])], [FollowPlan(paths: [other.path])]],
      known: [first, other].map { known([$0]) })
    try tail.run { tail in
      try await tail.until { $0.pipelineLines[0] == ["two"] && $0.pipelineLines[1] == ["two"] }
    }
    #expect(tail.now.isFinished && tail.now.ended == 2, "every reader is stopped")
  }
}
