import CLinux
import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// What weir writes itself is neither read nor opened.
@Suite struct OwnFilesTests {
  let scratch = Scratch()

  @Test func databasesAndWhatIsBesideThemAreNotOpened() throws {
    let scratch = scratch
    let own = ["weir.db", "weir.db-wal", "weir.db-shm", "weir.db-journal", "weir.db.lock"]
    for name in own { scratch.append("own\n", to: name) }
    scratch.link("link", to: "weir.db-wal")
    precondition(link(scratch.path("weir.db").string, scratch.path("hard").string) == 0)
    scratch.append("text\n", to: "weir.db.txt")
    let opened = try Inotify()
    for name in own { _ = try opened.watch(scratch.path(name), for: IN_OPEN) }
    let plan = FollowPlan(paths: [scratch.path("*"), scratch.path("weir.db")], start: .beginning)
    let tail = Tail([plan], own: OwnFiles(databases: { [scratch.path("weir.db")] }, descriptors: []))
    try tail.run { tail in
      try await tail.until(lines: ["text"])
      scratch.rename("weir.db.txt", "z.txt")
      scratch.append("more\n", to: "z.txt")
      try await tail.until(lines: ["text", "more"])
    }
    #expect(try opened.events().isEmpty)
    let said = tail.log.messages.filter { $0.contains("passed over: weir's own database") }
    #expect(said.count == 5 && said.allSatisfy { $0.hasPrefix("info: ") } && Set(said).count == 5)
  }

  @Test func databaseThatComesLaterIsNotOpened() throws {
    let scratch = scratch
    let tail = Tail(
      [FollowPlan(paths: [scratch.path("*")])],
      own: OwnFiles(databases: { [scratch.path("folder/../weir.db")] }, descriptors: []))
    try tail.run { tail in
      scratch.append("own\n", to: "weir.db")
      scratch.append("own\n", to: "weir.db-wal")
      scratch.append("text\n", to: "z")
      try await tail.until(lines: ["text"])
    }
    #expect(tail.now.files.count == 1)
  }

  @Test func outputIsNotRead() throws {
    let scratch = scratch
    scratch.append("a\n", to: "1.log")
    scratch.append("own\n", to: "all.log")
    let output = try Descriptor(opening: scratch.path("all.log"), flags: O_WRONLY | O_APPEND)
    let plan = FollowPlan(paths: [scratch.path("*.log")], start: .beginning)
    let tail = Tail([plan], own: OwnFiles(descriptors: [output.number]))
    try tail.run { tail in
      try await tail.until(lines: ["a"])
      scratch.rename("all.log", "all.1.log")
      scratch.append("own\n", to: "all.1.log")
      scratch.append("b\n", to: "1.log")
      try await tail.until(lines: ["a", "b"])
    }
    #expect(tail.log.messages.contains("info: \(scratch.path("all.log")) passed over: weir's own output or log"))
  }
}
