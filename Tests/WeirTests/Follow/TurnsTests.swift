import Coroutines
import Synchronization
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

  /// Folders that come and go below a `**` do not fill all time with walks through it, and what is in them is found.
  @Test func walksThatTakeLongLeaveTime() throws {
    let scratch = Scratch()
    scratch.makeFolder("tree")
    scratch.append("first\n", to: "tree/x.log")
    let clock = VirtualClock()
    let files = ScarceFiles(below: scratch.folder)
    let looks = Mutex(0)
    let tree = scratch.path("tree").string
    files.change {
      $0.onLookInto = { folder in
        guard folder.string.hasPrefix(tree) else { return }
        looks.withLock { $0 += 1 }
        clock.advance(by: .milliseconds(50))
      }
    }
    let plan = FollowPlan(paths: [scratch.path("tree/**/x.log")], start: .beginning)
    let tail = Tail([plan], clock: clock, fileSystem: files)
    try tail.run { tail in
      try await tail.until(lines: ["first"])
      let (start, former) = (clock.now, looks.withLock { $0 })
      for number in 0..<40 {
        scratch.makeFolder("tree/\(number)")
        try await tail.scheduler.sleep(for: .milliseconds(50))
      }
      scratch.append("last\n", to: "tree/39/x.log")
      try await tail.until(lines: ["first", "last"])
      let walked = Duration.milliseconds(50) * (looks.withLock { $0 } - former)
      #expect(walked < (clock.now - start) / 2, "\(walked) of \(clock.now - start)")
    }
  }

  /// What is read at once is as much as the rule gives for what others hold at that time.
  @Test func whatIsReadIsLessWhereMuchIsInHand() throws {
    let scratch = Scratch()
    scratch.append(String(repeating: "a line\n", count: 3 * FollowedFile.chunkBytes / 7), to: "log")
    let pool = BlockPool()
    let tail = Tail(
      [FollowPlan(paths: [scratch.path("log")], start: .beginning)], clock: SystemClock(), pool: pool)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      func next() async throws -> Int {
        while true { if case .batch(let batch) = try await file.next(), batch.byteCount > 0 { return batch.byteCount } }
      }
      let lineBytes = 7
      let whole = FollowedFile.chunkBytes - lineBytes...FollowedFile.chunkBytes
      #expect(whole.contains(try await next()))
      var held: [Block] = []
      while pool.usedBytes < 150 << 20 { held.append(pool.take(byteCount: 1 << 20)) }
      let limit = FollowedFile.chunkBytes(used: pool.usedBytes)
      #expect(limit < FollowedFile.chunkBytes / 2)
      #expect((1...limit + lineBytes).contains(try await next()))
      held = []
      #expect(try await next() > limit + lineBytes)
      await tail.follower.stop()
    }
  }

  @Test func manyChunksTakeNoMoreThanSoMuch() {
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
