import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// A file that comes again goes on where it was read to.
@Suite struct FormerPlacesTests {
  let scratch = Scratch()

  private func turn(_ link: String, to target: String) {
    scratch.link("next", to: target)
    scratch.rename("next", link)
  }

  @Test(arguments: [false, true]) func linkThatTurnsBack(hasCheckpoint: Bool) throws {
    let scratch = scratch
    scratch.append("one\n", to: "day1")
    scratch.append("two\n", to: "day2")
    scratch.link("current", to: "day1")
    var positions: KnownPositions?
    if hasCheckpoint {
      let before = Tail(scratch.path("current"), isOnce: true)
      try before.run { try await $0.until { $0.isFinished } }
      positions = known([before.now.batches.last!.checkpoint!])
      scratch.append("1.5\n", to: "day1")
    }
    let first = hasCheckpoint ? ["1.5"] : ["one"]
    let tail = Tail(scratch.path("current"), from: .beginning, known: positions, clock: VirtualClock())
    try tail.run { tail in
      try await tail.until(lines: first)
      turn("current", to: "day2")
      try await tail.until { $0.lines == first + ["two"] && $0.ended == 1 }
      scratch.append("three\n", to: "day1")
      turn("current", to: "day1")
      try await tail.until { $0.lines.last == "three" && $0.ended == 2 }
      scratch.append("four\n", to: "day1")
      scratch.append("five\n", to: "day2")
      turn("current", to: "day2")
      try await tail.until { $0.lines.last == "five" }
    }
    #expect(tail.lines == first + ["two", "three", "four", "five"])
  }

  @Test func unfinishedLineThatWasGivenOutIsNotGivenAgain() throws {
    let scratch = scratch
    scratch.append("one\nunfinished", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning, clock: VirtualClock())
    try tail.run { tail in
      try await tail.until(lines: ["one"])
      scratch.rename("log", "away")
      scratch.append("two\n", to: "log")
      try await tail.until { $0.ended == 1 }
      scratch.append(" rest\n", to: "away")
      scratch.rename("away", "log")
      try await tail.until { $0.lines.last == " rest" }
    }
    #expect(tail.lines.sorted() == [" rest", "one", "two", "unfinished"])
  }

  @Test func otherContentIsReadFromItsBeginning() throws {
    let scratch = scratch
    scratch.append("one\n", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning, clock: VirtualClock())
    try tail.run { tail in
      try await tail.until(lines: ["one"])
      scratch.rename("log", "away")
      scratch.append("two\n", to: "log")
      try await tail.until { $0.ended == 1 }
      scratch.truncate("away")
      scratch.append("new content\n", to: "away")
      scratch.rename("away", "log")
      try await tail.until { $0.lines.last == "new content" }
    }
    #expect(tail.lines == ["one", "two", "new content"])
  }

  @Test func theOldestAreForgotten() {
    var places = FormerPlaces()
    for inode in 0...UInt64(FormerPlaces.fileLimit) {
      let identity = FileIdentity(device: 1, inode: inode)
      places.note(
        Checkpoint(path: "/log", identity: identity, head: .none, offset: inode, marker: .none), pipelines: [0, 2])
    }
    #expect(places.place(of: FileIdentity(device: 1, inode: 0), pipeline: 0) == nil)
    #expect(places.place(of: FileIdentity(device: 1, inode: 1), pipeline: 2)?.offset == 1)
    #expect(places.place(of: FileIdentity(device: 1, inode: 1), pipeline: 1) == nil)
  }

  @Test func ofADeletedFileNothingIsKnown() {
    let identity = FileIdentity(device: 1, inode: 7)
    let place = Checkpoint(path: "/log", identity: identity, head: .none, offset: 7, marker: .none)
    var places = FormerPlaces()
    places.note(place, pipelines: [0, 2])
    places.noteGone(identity, pipelines: [2])
    #expect(places.place(of: identity, pipeline: 0) == nil)
    #expect(places.isGone(identity, for: 2))
    #expect(!places.isGone(identity, for: 0))
    // What the next file of that inode number is read to is known again.
    places.note(place, pipelines: [2])
    #expect(places.place(of: identity, pipeline: 2) == place)
  }

  /// Each of two pipelines knows what it has read itself; and the oldest is forgotten.
  @Test func whatEndedIsKnownByItsPath() {
    func place(_ path: FilePath, _ offset: UInt64) -> Checkpoint {
      Checkpoint(
        path: path, identity: FileIdentity(device: 1, inode: offset), head: .none, offset: offset, marker: .none)
    }
    var places = FormerPlaces()
    places.note(ended: [place("/log", 1), place("/log", 0)], pipelines: [1])
    places.note(ended: [place("/log.1", 2)], pipelines: [1, 2])
    #expect(places.ended(at: "/log", for: 1) == [place("/log", 1)] && places.ended(at: "/log", for: 2) == [])
    #expect(places.ended(rotatedFrom: "/log") == [place("/log.1", 2)])
    places.rename(1, to: 3)
    #expect(places.ended(at: "/log", for: 3) == [place("/log", 1)])
    for offset in 1...UInt64(FormerPlaces.fileLimit) { places.note(ended: [place("/other", offset)], pipelines: [1]) }
    #expect(places.ended(at: "/log", for: 3) == [])
  }

  /// Of a file that is gone, and of which a few bytes were read, what was written to since is another, with its inode.
  @Test(arguments: [(10, true), (Fingerprint.markerByteLimit, false)])
  func aFewBytesAreAnothersOnceItIsWrittenTo(byteCount: Int, isForgotten: Bool) {
    let marker = [UInt8](repeating: 0x61, count: byteCount).withUnsafeBytes { Fingerprint(of: $0) }
    let identity = FileIdentity(device: 1, inode: 2)
    var place = Checkpoint(path: "/log", identity: identity, head: marker, offset: UInt64(byteCount), marker: marker)
    place.readAtMilliseconds = 5000
    var places = FormerPlaces()
    places.note(place, pipelines: [1])
    #expect(places.place(of: identity, pipeline: 1, writtenAt: .milliseconds(5001)) == place)
    places.noteGone(identity, pipelines: [1])
    places.note(place, pipelines: [1])
    #expect(places.place(of: identity, pipeline: 1, writtenAt: .milliseconds(5000)) == place)
    #expect((places.place(of: identity, pipeline: 1, writtenAt: .milliseconds(5001)) == nil) == isForgotten)
  }
}
