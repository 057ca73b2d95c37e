import SystemPackage
import Testing

@testable import Weir

/// What a checkpoint was, before it became that of another content.
@Suite struct FormerCheckpointTests {
  private let folder = StoreFolder()
  private let store: Store

  init() async throws {
    store = StoreShelf().store(at: folder.database)
    try await store.open()
  }

  private func keep(_ offset: UInt64, hash: UInt64 = 1, path: FilePath = "/log", readAt: Int64 = 0) async throws {
    var checkpoint = Checkpoint(
      path: path, identity: FileIdentity(device: 1, inode: 2),
      head: Fingerprint(byteCount: Int(min(offset, 1024)), hash: hash), offset: offset,
      marker: Fingerprint(byteCount: Int(min(offset, 64)), hash: hash &+ offset))
    checkpoint.readAtMilliseconds = readAt
    try await store.keep([KeptCheckpoint(sink: "s", pipeline: "p", checkpoint: checkpoint)])
  }

  private var former: [FormerCheckpoint] {
    get async throws { try await store.formerCheckpoints(sink: "S", pipelines: ["P"])[0] }
  }

  @Test func whatGrowsLeavesNothing() async throws {
    for offset: UInt64 in [0, 100, 100, 2000, 3000] { try await keep(offset) }
    #expect(try await former.isEmpty)
  }

  @Test func whatWasTruncatedIsKept() async throws {
    try await keep(100, readAt: 10)
    try await keep(150, readAt: 20)
    try await keep(30, readAt: 30)
    let kept = try await former
    #expect(kept.map(\.checkpoint.offset) == [150])
    #expect(kept.map(\.checkpoint.marker) == [Fingerprint(byteCount: 64, hash: 151)])
    #expect(kept.map(\.checkpoint.readAtMilliseconds) == [20])
    #expect(kept.map(\.endedAtMilliseconds) == [30])
  }

  @Test func whatWasWrittenAnewAsLongIsKept() async throws {
    try await keep(2000, hash: 1)
    try await keep(3000, hash: 2)
    #expect(try await former.map(\.checkpoint.offset) == [2000])
  }

  @Test func anInodeThatIsAnothersLeavesNothing() async throws {
    try await keep(200, path: "/one")
    try await keep(100, path: "/two")
    #expect(try await former.isEmpty)
  }

  @Test func soManyAreKeptOfEachPath() async throws {
    // Each has less than the one before it.
    let count = FormerCheckpoint.countLimit
    let offsets = (1...(count + 5)).reversed().map { UInt64(100 * $0) }
    for offset in offsets { try await keep(offset) }
    let kept: [UInt64] = try await former.filter { $0.checkpoint.path == "/log" }.map(\.checkpoint.offset)
    let wanted: [UInt64] = offsets.dropLast().suffix(count)
    #expect(kept == wanted)
  }

  @Test func aDatabaseOfTheVersionBeforeIsMigrated() async throws {
    try await keep(100)
    await store.close()
    let reader = Reader(folder.database)
    reader.run(
      """
      DROP TRIGGER checkpoint_became_former; DROP TABLE checkpoint_former;
      UPDATE meta SET value = 3 WHERE key = 'schema'
      """
    )
    let next = StoreShelf().store(at: folder.database)
    try await untilUnlocked { try await next.open() }
    #expect(reader.column("SELECT value FROM meta WHERE key = 'schema'") == ["\(Schema.current.version)"])
    #expect(try await next.checkpoints(sink: "s", pipeline: "p").map(\.offset) == [100])
    #expect(try await next.formerCheckpoints(sink: "s", pipelines: ["p"])[0].isEmpty)
  }
}
