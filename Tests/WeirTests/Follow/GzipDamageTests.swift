import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// Gzip files that are cut off, damaged, written on or written anew.
@Suite struct GzipDamageTests {
  let scratch = Scratch()

  private func open(_ bytes: [UInt8]) throws -> GzipFile {
    scratch.write(bytes, to: "file")
    return try GzipFile(Descriptor(opening: scratch.path("file"), flags: O_RDONLY), at: scratch.path("file"))
  }

  @Test func cutOffAtEveryByte() throws {
    let text = GzipFileTests.text(700)
    let packed = GzipFileTests.gzip(text, in: scratch)
    var former = 0
    for count in 0..<packed.count {
      let file = try open(Array(packed.prefix(count)))
      let content = try GzipFileTests.read(file)
      #expect(text.starts(with: content) && content.count >= former, "after \(count) bytes")
      #expect(file.ending == .cutOff)
      former = content.count
    }
    #expect(former == text.count)
  }

  /// zlib may hold output back when it has taken all input: some KB of what is the same over and over.
  @Test func ofAFileThatIsCutOffAllIsGivenHoweverItIsRead() throws {
    let packed = GzipFileTests.gzip(Array(repeating: 0x61, count: 300_000), in: scratch)
    for count in stride(from: packed.count - 40, to: packed.count, by: 3) {
      let file = try open(Array(packed.prefix(count)))
      let sizes = try [61, 777, 5000, 65_536, 500_000].map { chunkBytes in
        try GzipFileTests.read(file, chunkBytes: chunkBytes).count
      }
      #expect(Set(sizes).count == 1, "\(sizes) of \(count) bytes")
      let size = sizes.max() ?? 0
      for offset in stride(from: max(0, size - 600), to: size, by: 7) {
        let bytes = try open(Array(packed.prefix(count))).bytes(at: UInt64(offset), count: 1000)
        #expect(bytes.count == size - offset, "at \(offset) of \(size)")
      }
    }
  }

  @Test(arguments: [1, 7, 64, 300]) func whatIsWrittenOnIsReadOn(pieceBytes: Int) throws {
    let parts = [GzipFileTests.text(3000), GzipFileTests.text(500)]
    let packed = parts.flatMap { GzipFileTests.gzip($0, in: scratch) }
    let file = try open([])
    var content: [UInt8] = []
    for start in stride(from: 0, to: packed.count, by: pieceBytes) {
      scratch.write(Array(packed[start..<min(start + pieceBytes, packed.count)]), to: "file", O_APPEND)
      content += try GzipFileTests.read(file, from: content.count)
    }
    #expect(content == parts.flatMap { $0 } && file.ending == .whole)
  }

  /// What is read of a file that was whole but for one byte is right, or there is an error.
  @Test(arguments: [0xff, 0x01, 0x80] as [UInt8], [false, true])
  func oneByteIsWrong(flip: UInt8, hasTwoMembers: Bool) throws {
    let text = GzipFileTests.text(300)
    let member = GzipFileTests.gzip(text, in: scratch)
    let (packed, whole) = hasTwoMembers ? (member + member, text + text) : (member, text)
    var damagedCount = 0
    for place in packed.indices {
      var wrong = packed
      wrong[place] ^= flip
      let file = try open(wrong)
      let content = try GzipFileTests.read(file, chunkBytes: 50)
      switch file.ending {
      case .whole: #expect(content == whole || file.hasGarbage && content == text, "byte \(place)")
      case .damaged, .cutOff: damagedCount += 1
      case nil: Issue.record("no ending with byte \(place)")
      }
      // Nothing changes by trying again.
      let again = file.ending
      #expect(try file.step(toward: UInt64(content.count)) && file.ending == again)
    }
    #expect(damagedCount > packed.count / 2)
  }

  @Test func otherFilesAreNoGzip() throws {
    for bytes in [Array("plain text\n".utf8), [0x1f, 0x9d, 1, 2], [0, 0, 0], [0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0]] {
      let file = try open(bytes)
      #expect(try GzipFileTests.read(file).isEmpty)
      guard case .damaged = file.ending else {
        Issue.record("\(bytes) ends with \(String(describing: file.ending))")
        continue
      }
    }
  }

  @Test func whatCanBeHadBeforeTheDamageIsHad() throws {
    let text = GzipFileTests.text(1_000_000)
    var packed = GzipFileTests.gzip(text, in: scratch)
    let half = packed.count / 2
    var random = Seeded(state: 1)
    for place in half..<half + 5000 { packed[place] = UInt8(truncatingIfNeeded: random.next()) }
    let file = try open(packed)
    let content = try GzipFileTests.read(file)
    #expect(text.prefix(400_000) == content.prefix(400_000) && content.count < 600_000)
    guard case .damaged = file.ending else { throw Tail.TooLate() }
    // A part before it can still be had.
    #expect(try file.bytes(at: 100, count: 2000) == Array(text[100..<2100]))
  }

  @Test(arguments: [false, true]) func writtenAnewInPlace(isDamaged: Bool) throws {
    let (old, new) = (GzipFileTests.text(5000), GzipFileTests.text(4000).reversed() as [UInt8])
    var packed = GzipFileTests.gzip(old, in: scratch)
    if isDamaged { packed[packed.count - 1] ^= 1 }
    let file = try open(packed)
    #expect(try GzipFileTests.read(file) == old)
    scratch.write(GzipFileTests.gzip(new, in: scratch), to: "file")
    _ = try file.step(toward: 5000)
    #expect(try file.status().size < 5000)
    #expect(try GzipFileTests.read(file) == new && file.ending == .whole)
    scratch.truncate("file")
    _ = try file.step(toward: 4000)
    #expect(try file.status().size == 0)
  }
}
