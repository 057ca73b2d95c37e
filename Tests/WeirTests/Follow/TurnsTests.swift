import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// What takes long leaves others their turns, and much that is read at once takes little memory each.
@Suite struct TurnsTests {
  /// 300 chunks, of which none gives a line.
  @Test(arguments: [true, false]) func holeAndEndlessLineLeaveOthersTheirTurns(isHole: Bool) throws {
    let scratch = Scratch()
    // NULs within a line are part of it.
    scratch.append(isHole ? "begins\n" : "begins", to: "log")
    scratch.truncate("log", to: 300 * FollowedFile.chunkBytes)
    scratch.append("\nends\n", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning, maxLineBytes: 1000)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      let other = tail.scheduler.spawn(name: "other") {
        var turns = 0
        while !Task.isCancelled {
          turns += 1
          await Task.yield()
        }
        return turns
      }
      while true {
        guard case .batch(let batch) = try await file.next() else { continue }
        if batch.withBytes({ String(decoding: $0, as: UTF8.self) }).hasSuffix("ends\n") { break }
      }
      other.cancel()
      #expect(try await other.value > 250)
      await tail.follower.stop()
    }
  }

  @Test func chunksAreSmallWhereManyAreInHand() {
    let pool = BlockPool()
    #expect(FollowedFile.chunkBytes(used: pool.usedBytes) == FollowedFile.chunkBytes)
    var blocks: [Block] = []
    var sizes: [Int] = []
    for _ in 0..<10_000 {
      sizes.append(FollowedFile.chunkBytes(used: pool.usedBytes))
      blocks.append(pool.take(byteCount: sizes.last!))
    }
    #expect(sizes == sizes.sorted(by: >))
    #expect(pool.usedBytes < 200 << 20)
    blocks = []
    #expect(pool.usedBytes == 0)
    #expect(FollowedFile.chunkBytes(used: pool.usedBytes) == FollowedFile.chunkBytes)
  }
}
