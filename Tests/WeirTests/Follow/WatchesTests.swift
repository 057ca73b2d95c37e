import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

@Suite struct WatchesTests {
  let scratch = Scratch()

  @Test func folderMadeAnewWhileADeletedFileInItIsHeldOpen() throws {
    let scratch = scratch
    scratch.makeFolder("a")
    scratch.makeFolder("a/b")
    scratch.append("", to: "a/b/log")
    let held = try Descriptor(opening: scratch.path("a/b/log"), flags: O_RDONLY)
    let tail = Tail(scratch.path("a/b/log"))
    try tail.run { tail in
      scratch.append("one\n", to: "a/b/log")
      try await tail.until(lines: ["one"])
      // No turn is given to the follower between these.
      Scratch.run("/bin/rm", ["-r", scratch.path("a").string])
      scratch.makeFolder("a")
      scratch.makeFolder("a/b")
      try await tail.until { $0.ended == 1 || tail.log.messages.contains { $0.contains("waiting for") } }
      scratch.append("two\n", to: "a/b/log")
      try await tail.until(lines: ["one", "two"])
    }
    _ = try FileStatus.of(held)
  }
}
