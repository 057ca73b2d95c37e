import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// A pipeline goes on as another one, in the middle of a file.
@Suite struct ReplacementTests {
  let scratch = Scratch()

  /// The file is read anew for a sink that was behind; one that is ahead has taken what comes.
  @Test func sinkThatIsAheadStaysThereInAReplacedPipeline() throws {
    let scratch = scratch
    scratch.append("one\ntwo\n", to: "log")
    let first = Tail(scratch.path("log"), from: .beginning)
    try first.run { try await $0.until(lines: ["one", "two"]) }
    let ahead = try #require(first.now.batches.last?.checkpoint)
    #expect(ahead.offset == 8)
    var other = ahead
    other.marker = Fingerprint(byteCount: 8, hash: 1)
    var done = ahead
    done.isDone = true
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.scheduler.run { [ahead, other, done] in
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      let known = KnownPositions(hasRunBefore: true, sinkCheckpoints: [[ahead], [], [other], [done]])
      #expect(await file.replace(0, by: FollowedPipeline(number: 1, follow: [], known: known)))
      guard case .change(.replaced(0, let start)) = try await file.next() else { throw Tail.TooLate() }
      #expect(start.sinks.map { $0?.end } == [8, 0, 0, 8])
      await tail.follower.stop()
    }
  }
}
