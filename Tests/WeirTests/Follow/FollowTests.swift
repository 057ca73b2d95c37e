import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

@Suite struct FollowTests {
  let scratch = Scratch()

  @Test func followsGrowthFromTheEnd() throws {
    let scratch = scratch
    scratch.append("old\n", to: "log")
    let tail = Tail(scratch.path("log"))
    try tail.run { tail in
      try await tail.until { $0.files.count == 1 }
      #expect(tail.now.files[0].firstStarts[0].offsets == [4])
      scratch.append("one\ntwo", to: "log")
      try await tail.until(lines: ["one"])
      scratch.append(" and more\n", to: "log")
      try await tail.until(lines: ["one", "two and more"])
    }
    let batches = tail.now.batches
    #expect(batches.map(\.start) == [4, 8] && batches.map(\.end) == [8, 21])
    #expect(tail.now.isFinished && tail.log.troubles.isEmpty)
  }

  @Test func readsFromTheBeginningAndTheLastLines() throws {
    let scratch = scratch
    scratch.append("a\nb\nc\nd", to: "log")
    for (start, lines) in [
      (FollowPlan.Start.beginning, ["a", "b", "c", "d"]), (.lastLines(2), ["c", "d"]), (.lastLines(0), []),
      (.lastLines(9), ["a", "b", "c", "d"]),
    ] {
      let tail = Tail(scratch.path("log"), from: start, isOnce: true)
      try tail.run { try await $0.until { $0.isFinished } }
      #expect(tail.lines == lines)
    }
  }

  @Test func waitsForFileAndFolders() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("a/b/log"))
    try tail.run { tail in
      scratch.makeFolder("a")
      scratch.makeFolder("a/b")
      scratch.append("first\n", to: "a/b/log")
      try await tail.until(lines: ["first"])
      Scratch.run("/bin/rm", ["-rf", scratch.path("a").string])
      try await tail.until { _ in tail.log.messages.contains { $0.contains("waiting for") } }
      scratch.makeFolder("a")
      scratch.makeFolder("a/b")
      scratch.append("second\n", to: "a/b/log")
      try await tail.until(lines: ["first", "second"])
    }
  }

  @Test func globFindsFilesAsTheyCome() throws {
    let scratch = scratch
    scratch.makeFolder("x")
    scratch.append("old\n", to: "x/1.log")
    let tail = Tail(scratch.path("**/*.log"), excludes: ["no*"])
    try tail.run { tail in
      try await tail.until { $0.files.count == 1 }
      scratch.append("two\n", to: "x/2.log")
      scratch.append("no\n", to: "x/no.log")
      scratch.append("no\n", to: "x/.hidden.log")
      scratch.append("no\n", to: "x/other.txt")
      try await tail.until(lines: ["two"])
      scratch.makeFolder("x/y")
      scratch.makeFolder("x/y/z")
      scratch.append("deep\n", to: "x/y/z/3.log")
      try await tail.until(lines: ["two", "deep"])
    }
    #expect(tail.now.files.count == 3)
  }

  @Test func oneFileByManyNamesIsReadOnce() throws {
    let scratch = scratch
    scratch.append("one\n", to: "a.log")
    precondition(Glibc.link(scratch.path("a.log").string, scratch.path("b.log").string) == 0)
    scratch.link("c.log", to: "a.log")
    let tail = Tail(scratch.path("*.log"), scratch.path("c.log"), from: .beginning)
    try tail.run { tail in
      try await tail.until(lines: ["one"])
      scratch.append("two\n", to: "b.log")
      try await tail.until(lines: ["one", "two"])
    }
    #expect(tail.now.files.map(\.path) == [scratch.path("a.log")])
  }

  @Test func symbolicLinkThatTurnsToAnotherFile() throws {
    let scratch = scratch
    scratch.append("old\n", to: "day1")
    scratch.link("current", to: "day1")
    let tail = Tail(scratch.path("current"), from: .beginning)
    try tail.run { tail in
      try await tail.until(lines: ["old"])
      scratch.append("last\n", to: "day1")
      scratch.append("new\n", to: "day2")
      scratch.link("next", to: "day2")
      scratch.rename("next", "current")
      try await tail.until(lines: ["old", "last", "new"])
    }
  }

  @Test func targetOfALinkIsReplaced() throws {
    let scratch = scratch
    scratch.makeFolder("real")
    scratch.link("link", to: "real/log")
    let tail = Tail(scratch.path("link"))
    try tail.run { tail in
      scratch.append("one\n", to: "real/log")
      try await tail.until(lines: ["one"])
      scratch.rename("real/log", "real/log.1")
      scratch.append("two\n", to: "real/log")
      try await tail.until(lines: ["one", "two"])
    }
  }

  @Test func folderInPlaceOfAFileIsSaidOnceAndWaited() throws {
    let scratch = scratch
    scratch.makeFolder("log")
    let tail = Tail(scratch.path("log"))
    try tail.run { tail in
      #expect(tail.log.troubles.count == 1)
      rmdir(scratch.path("log").string)
      scratch.append("now\n", to: "log")
      try await tail.until(lines: ["now"])
    }
    #expect(tail.log.troubles.count == 1)
  }

  @Test func compressedFilesArePassedOver() throws {
    let scratch = scratch
    scratch.append("x\n", to: "a.gz")
    scratch.write([0x1f, 0x8b, 8, 0, 10], to: "b")
    scratch.append("SQLite format 3\0", to: "c")
    scratch.append("text\n", to: "d")
    let tail = Tail(scratch.path("*"), from: .beginning)
    try tail.run { try await $0.until(lines: ["text"]) }
    #expect(tail.now.files.count == 1)
  }

  @Test func fifoIsReadAsWritersComeAndGo() throws {
    let scratch = scratch
    precondition(mkfifo(scratch.path("pipe").string, 0o600) == 0)
    let tail = Tail(scratch.path("pipe"))
    try tail.run { tail in
      scratch.append("one\ntw", to: "pipe")
      try await tail.until(lines: ["one"])
      scratch.append("o\n", to: "pipe")
      try await tail.until(lines: ["one", "two"])
    }
    #expect(tail.now.isFinished && tail.now.batches.allSatisfy { $0.checkpoint == nil })
  }

  @Test func onceGivesTheUnfinishedLineAndEnds() throws {
    let scratch = scratch
    scratch.append("one\ntwo", to: "log")
    let tail = Tail(scratch.path("log"), scratch.path("missing"), isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    #expect(tail.lines == ["one", "two"])
    #expect(tail.log.messages.contains("notice: no such file: \(scratch.path("missing"))"))
    scratch.append(" more\n", to: "log")
    let next = Tail(scratch.path("log"), known: known([tail.now.batches.last!.checkpoint!]), isOnce: true)
    try next.run { try await $0.until { $0.isFinished } }
    #expect(next.lines == [" more"])
  }
}
