import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// What the kernel does not tell of, on a virtual clock.
@Suite struct PollingTests {
  let scratch = Scratch()
  private static let nfs = FileSystemType(magic: 0x6969)

  private func tail(_ files: ScarceFiles, poll: Duration? = nil) -> Tail {
    Tail(
      [FollowPlan(paths: [scratch.path("*.log")], start: .beginning, poll: poll)], clock: VirtualClock(),
      fileSystem: files)
  }

  /// Writes where no event tells of it, and takes the time until all is read.
  private func timeToSee(_ tail: Tail, _ files: ScarceFiles) async throws -> [Duration] {
    let scratch = scratch
    try await tail.until(lines: ["one"])
    files.change { $0.tells = false }
    var times: [Duration] = []
    func see(_ lines: [String]) async throws {
      let start = tail.scheduler.clock.now
      try await tail.until(lines: lines)
      times.append(tail.scheduler.clock.now - start)
    }
    scratch.append("two\n", to: "a.log")
    try await see(["one", "two"])
    scratch.append("three\n", to: "b.log")  // a new file
    try await see(["one", "two", "three"])
    scratch.rename("a.log", "a.log.1")
    scratch.append("four\n", to: "a.log.1")
    try await see(["one", "two", "three", "four"])
    return times
  }

  @Test func whatTheConfigSays() throws {
    let files = ScarceFiles(below: scratch.folder)
    scratch.append("one\n", to: "a.log")
    try tail(files, poll: .seconds(7)).run { tail in
      let times = try await timeToSee(tail, files)
      #expect(times.allSatisfy { $0 > .seconds(5) && $0 < .seconds(9) }, "\(times)")
    }
  }

  @Test func eventsAreHeardTooWhereTheConfigPolls() throws {
    let files = ScarceFiles(below: scratch.folder)
    let scratch = scratch
    scratch.append("one\n", to: "a.log")
    try tail(files, poll: .seconds(3600)).run { tail in
      try await tail.until(lines: ["one"])
      scratch.append("two\n", to: "a.log")
      try await tail.until(lines: ["one", "two"])
      #expect(tail.scheduler.clock.now < .seconds(60))
    }
  }

  @Test func networkFileSystems() throws {
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.type = Self.nfs }
    scratch.append("one\n", to: "a.log")
    let tail = tail(files)
    try tail.run { tail in
      let times = try await timeToSee(tail, files)
      #expect(times.allSatisfy { $0 <= .milliseconds(1500) }, "\(times)")
    }
    #expect(tail.log.messages.filter { $0.contains("is on NFS") }.count == 1)
  }

  @Test func othersCostNoTimer() throws {
    let files = ScarceFiles(below: scratch.folder)
    scratch.append("one\n", to: "a.log")
    try tail(files).run { tail in
      try await tail.until(lines: ["one"])
      let looks = files.looks
      try await tail.scheduler.sleep(for: .seconds(3600))
      #expect(files.looks == looks)
    }
  }

  @Test(
    arguments: [
      (0xff53_4d42, "CIFS"), (0x6573_5546, "FUSE"), (0x00c3_6400, "Ceph"), (0x0102_1997, "9P"), (0x5346_414f, "AFS"),
      (0xef53, nil), (0x794c_7630, nil), (0x0102_1994, nil), (0x9123_683e, nil), (0x5846_5342, nil),
    ] as [(UInt32, String?)])
  func sharedFileSystems(_ magic: UInt32, _ name: String?) {
    #expect(FileSystemType(magic: magic).sharedName == name)
  }

  @Test func whatTheKernelSays() throws {
    #expect(try FileSystemType.of("/proc").magic == 0x9fa0)  // PROC_SUPER_MAGIC
    #expect(throws: SystemError.self) { try FileSystemType.of(scratch.path("none")) }
  }
}
