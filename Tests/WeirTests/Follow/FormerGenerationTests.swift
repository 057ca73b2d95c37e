import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// Whether a file is a copy of what another one was.
@Suite struct FormerGenerationTests {
  let scratch = Scratch()

  /// A file of these lines, and all that is in it.
  private func file(_ name: String, _ text: String) throws -> (any ReadableFile, FileStatus, whole: Checkpoint?) {
    scratch.append(text, to: name)
    let (source, status) = try LinuxFiles().open(scratch.path(name))
    guard case .file(let file) = source else { throw Tail.TooLate() }
    let origin = Origin(path: scratch.path(name), identity: status.identity)
    let opening = FileOpening(file: file, status: status, origin: origin, clock: SystemClock())
    return (file, status, try opening.start(at: status.size).checkpoint)
  }

  @Test func aCopyThatWasSeenIsKnownByItsBytesAndNotByItsInodeAlone() throws {
    let place = try #require(try file("log", "more than was copied\n").whole)
    let (copy, copyStatus, whole) = try file("log.1", "copied\n")
    let (other, otherStatus, _) = try file("log.2", "others\n")
    var former = FormerGeneration(place: place, beginning: nil, endedAt: .zero)
    former.copies = [copyStatus.identity: try #require(whole), otherStatus.identity: try #require(whole)]
    #expect(try former.originality(of: copy, copyStatus, isRotatedByName: true) == .copy)
    #expect(try former.originality(of: other, otherStatus, isRotatedByName: true) != .copy)
  }
}
