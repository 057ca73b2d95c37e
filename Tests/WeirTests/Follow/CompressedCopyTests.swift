import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// Rotated copies that were compressed while nobody looked.
@Suite struct CompressedCopyTests {
  let scratch = Scratch()

  @Test(arguments: ["log", "log*"]) func renamedAndCompressed(pattern: String) throws {
    let lives = Lives(scratch.path(pattern))
    scratch.append("one\n", to: "log")
    #expect(try lives.live().lines == ["one"])
    scratch.append("two\nunfinished", to: "log")
    scratch.rename("log", "log.1")
    scratch.gzip("log.1")
    scratch.append("three\n", to: "log")
    let second = try lives.live()
    #expect(second.lines == ["two", "unfinished", "three"] && second.troubles == [] && lives.gaps.isEmpty, "\(second)")
    scratch.append("four\n", to: "log")
    #expect(try lives.live() == (["four"], []))
  }

  @Test func pathIsThatOfTheFollowedFile() throws {
    scratch.append("one\n", to: "log")
    let first = Tail(scratch.path("log"), isOnce: true)
    try first.run { try await $0.until { $0.isFinished } }
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.1")
    scratch.gzip("log.1")
    let second = Tail(scratch.path("log"), known: known([first.now.batches.last!.checkpoint!]), isOnce: true)
    try second.run { try await $0.until { $0.isFinished } }
    let batch = try #require(second.now.batches.last { $0.byteCount > 0 })
    #expect(batch.origin.path == scratch.path("log") && batch.start == 4 && batch.end == 8)
    #expect(try batch.origin.identity == FileStatus.of(scratch.path("log.1.gz")).identity)
  }

  @Test func rotatedOftenWhileDown() throws {
    let lives = Lives(scratch.path("log"))
    scratch.append("older than weir\n", to: "log.1")
    scratch.touch("log.1", "2020-01-01")
    scratch.append("1\n", to: "log")
    #expect(try lives.live().lines == ["1"])
    scratch.append("2\n", to: "log")
    for (name, line) in [("log.4", "3\n"), ("log.3", "4\n"), ("log.2", "5\n"), ("log.1", "6\n")] {
      scratch.rename(name == "log.4" ? "log.1" : "log", name == "log.4" ? "log.5" : "moving")
      if name == "log.4" { scratch.rename("log", "moving") }
      scratch.rename("moving", name)
      scratch.append(line, to: "log")
    }
    for name in ["log.5", "log.4", "log.3", "log.2"] { scratch.gzip(name) }
    #expect(try lives.live() == (["2", "3", "4", "5", "6"], []))
    #expect(try lives.live().lines.isEmpty)
  }

  /// What gzip(1) keeps of the time is the second: names tell what was first.
  @Test(arguments: [["log.3.gz", "log.2.gz", "log.1"], ["log-20260101.gz", "log-20260102.gz", "log-20260103"]])
  func rotatedWithinOneSecond(names: [String]) throws {
    let lives = Lives(scratch.path("log"))
    scratch.append("1\n", to: "log")
    #expect(try lives.live().lines == ["1"])
    for (index, name) in names.enumerated() {
      let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
      scratch.append("\(index + 2)\n", to: "log")
      scratch.rename("log", plain)
      scratch.touch(plain, "2026-01-03 12:00:00.\(9 - index)")
      if plain != name { scratch.gzip(plain) }
    }
    scratch.append("5\n", to: "log")
    #expect(try lives.live() == (["2", "3", "4", "5"], []))
  }

  /// A long chain, of which some is compressed, read by an agent that is killed again and again between rotations.
  @Test(arguments: [1, 2, 3, 5]) func killedInTheMiddleOfAChain(batchCount: Int) throws {
    let scratch = scratch
    let lives = Lives(scratch.path("log"))
    var written = 0
    func write() {
      let lines = (0..<20_000).map { "line \(written + $0) with some words to make it long enough, so it is\n" }
      written += lines.count
      scratch.append(lines.joined(), to: "log")
    }
    func rotate() {
      for number in (1...8).reversed() {
        for suffix in ["", ".gz"] where access(scratch.path("log.\(number)\(suffix)").string, F_OK) == 0 {
          scratch.rename("log.\(number)\(suffix)", "log.\(number + 1)\(suffix)")
        }
      }
      if access(scratch.path("log.2").string, F_OK) == 0 { scratch.gzip("log.2") }
      scratch.rename("log", "log.1")
    }
    write()
    var lines = try lives.live(killedAfter: 1).lines
    for _ in 0..<3 {
      write()
      rotate()
    }
    for _ in 0..<4 {
      write()
      lines += try lives.live(killedAfter: batchCount).lines
      #expect(lives.gaps.isEmpty)
      rotate()
    }
    write()
    let last = try lives.live()
    lines += last.lines
    #expect(last.troubles.isEmpty && lives.gaps.isEmpty)
    let numbers = lines.map { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? -1 }
    #expect(numbers.count == written && zip(numbers, 0...).allSatisfy { $0 == $1 })
    #expect(try lives.live().lines.isEmpty)
  }

  /// Of a file that is known by how it begins alone, also its compressed copy is known; both checkpoints are of one file.
  @Test(arguments: [0, 1, 2], [1, 100]) func seenUnreadAndCompressed(batchCount: Int, lineCount: Int) throws {
    let lives = Lives(scratch.path("log"))
    let text = (0..<lineCount).map { "two \($0)\n" }
    scratch.append("one\n", to: "log")
    #expect(try lives.live().lines == ["one"])
    scratch.rename("log", "log.1")
    scratch.append(text.joined(), to: "log")
    #expect(try lives.live(killedAfter: 0).lines == [])
    scratch.rename("log.1", "log.2")
    scratch.rename("log", "log.1")
    scratch.append("three\n", to: "log")
    scratch.gzip("log.1")
    var lines = try lives.live(killedAfter: batchCount).lines
    for _ in 0..<3 {
      scratch.rename("log.2", "log.3")
      scratch.rename("log.1.gz", "log.2.gz")
      let next = try lives.live()
      #expect(next.troubles == [] && lives.gaps.isEmpty)
      lines += next.lines
      scratch.rename("log.2.gz", "log.1.gz")
      scratch.rename("log.3", "log.2")
    }
    #expect(lines == (text + ["three\n"]).map { String($0.dropLast()) })
  }

  /// One sink had taken down how the file begins when the agent was killed, the other had not.
  @Test(arguments: [0, 1]) func seenByOneSinkAndCompressed(sink: Int) throws {
    scratch.append("one\n", to: "log")
    let first = Tail(scratch.path("log"), from: .beginning, isOnce: true)
    try first.run { try await $0.until { $0.isFinished } }
    let one = try #require(first.now.batches.last?.checkpoint)
    scratch.rename("log", "log.1")
    scratch.append("two\n", to: "log")
    let second = Tail(scratch.path("log"), known: known([one]), isOnce: true)
    try second.run { try await $0.until { $0.isFinished } }
    let two = try #require(second.now.files.last?.firstStarts[0].sinks[0]?.checkpoint)
    scratch.rename("log.1", "log.2")
    scratch.rename("log", "log.1")
    scratch.append("three\n", to: "log")
    scratch.gzip("log.1")
    var positions = KnownPositions(hasRunBefore: true, sinkCheckpoints: [[one], [one]])
    positions.sinkCheckpoints[sink].append(two)
    let third = Tail([FollowPlan(paths: [scratch.path("log")])], known: positions, isOnce: true)
    try third.run { try await $0.until { $0.isFinished } }
    #expect(third.lines == ["two", "three"])
    #expect(third.now.files.flatMap(\.firstStarts).map { $0.sinks.map { $0?.end } } == [[0, 0], [0, 0]])
  }

  @Test func copiedTruncatedAndCompressed() throws {
    let lives = Lives(scratch.path("log"))
    scratch.append("one\n", to: "log")
    #expect(try lives.live().lines == ["one"])
    scratch.append("two\n", to: "log")
    Scratch.run("/bin/cp", ["-p", scratch.path("log").string, scratch.path("log.1").string])
    scratch.truncate("log")
    scratch.gzip("log.1")
    scratch.append("three\n", to: "log")
    #expect(try lives.live().lines == ["two", "three"])
    #expect(try lives.live().lines.isEmpty)
  }

  @Test func aCompressedFileBesideItsOriginalIsNotRead() throws {
    let lives = Lives(scratch.path("log"))
    scratch.append("one\n", to: "log")
    #expect(try lives.live().lines == ["one"])
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.2")
    scratch.append("three\n", to: "log.1")
    scratch.append("four\n", to: "log")
    // gzip is at work.
    for name in ["log.1", "log.2"] {
      let (plain, packed) = (scratch.path(name).string, scratch.path(name + ".gz").string)
      Scratch.run("/bin/sh", ["-c", "gzip -c \(plain) | head -c 15 > \(packed)"])
    }
    #expect(try lives.live() == (["two", "three", "four"], []))
  }

  @Test func otherPlacesAreSearched() throws {
    scratch.makeFolder("old")
    scratch.makeFolder("old/deep")
    let lives = Lives(scratch.path("log"), rotated: [scratch.path("old"), scratch.path("old/d*")])
    scratch.append("one\n", to: "log")
    #expect(try lives.live().lines == ["one"])
    scratch.append("two\n", to: "log")
    scratch.rename("log", "old/deep/log.3")
    scratch.gzip("old/deep/log.3")
    scratch.append("three\n", to: "log")
    scratch.rename("log", "old/log.2")
    scratch.append("four\n", to: "log")
    scratch.rename("log", "log.1")
    scratch.append("five\n", to: "log")
    #expect(try lives.live() == (["two", "three", "four", "five"], []))
    #expect(try lives.live().lines.isEmpty)
  }

  @Test func whatIsCompressedByAnotherWithinAChainIsAGap() throws {
    let lives = Lives(scratch.path("log"))
    scratch.append("one\n", to: "log")
    #expect(try lives.live().lines == ["one"])
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.3")
    scratch.gzip("log.3")
    scratch.append("three\n", to: "log.2")
    Scratch.run("/usr/bin/xz", [scratch.path("log.2").string])
    scratch.append("four\n", to: "log.1")
    scratch.append("five\n", to: "log")
    let next = try lives.live()
    #expect(next.lines == ["two", "four", "five"])
    #expect(next.troubles.count == 1 && next.troubles[0].contains("look in \(scratch.path("log.2.xz"))"))
    #expect(lives.gaps.map(\.reason) == [.lostInRotation] && lives.gaps[0].first == 0)
  }

  /// What logrotate(8) makes of a log in several runs while the agent is down, or is killed soon after its start.
  @Test(
    arguments: [
      "", "delaycompress", "dateext\n dateformat -%Y%m%d@", "delaycompress\n dateext\n dateformat -%Y%m%d@",
      "copytruncate",
      "olddir old", "olddir old\n delaycompress", "nocompress",
    ], [false, true])
  func rotatedByLogrotate(how: String, isKilled: Bool) throws {
    scratch.makeFolder("old")
    let lives = Lives(scratch.path("log"), rotated: [scratch.path("old/*")])
    var written: [String] = []
    func write(_ count: Int) {
      let lines = (0..<count).map { "line \(written.count + $0)" }
      written += lines
      scratch.append(lines.map { $0 + "\n" }.joined(), to: "log")
    }
    var rotations = 100
    func rotate() {
      rotations += 1
      scratch.rotate("log", "create", "compress", how.replacing("@", with: "\(rotations)"))
    }
    write(5)
    var lines = try lives.live().lines
    for round in 0..<8 {
      write(3 * round)
      rotate()
      if round % 3 == 2 { lines += try lives.live(killedAfter: isKilled ? 1 : .max).lines }
    }
    write(1)
    let last = try lives.live()
    lines += last.lines
    #expect(lines == written, "missing \(Set(written).subtracting(lines).sorted())")
    #expect(last.troubles.isEmpty && lives.gaps.isEmpty, "\(last.troubles)")
    #expect(try lives.live().lines.isEmpty)
  }
}
