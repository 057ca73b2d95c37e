import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// Files and folders that may not be looked into for an hour; on a virtual clock. Rights do not hold for root, who may
/// run the tests: here they are the seam's, and the kernel tells of the change.
@Suite struct RightsTests {
  let scratch = Scratch()

  private func run(refusing name: String, tells: Bool, within limit: Duration) throws {
    let scratch = scratch
    let files = ScarceFiles(below: scratch.folder)
    let path = scratch.path(name)
    scratch.makeFolder("logs")
    scratch.append("one\n", to: "logs/app.log")
    files.change {
      $0.refused[path] = EACCES
      $0.tells = tells
    }
    let tail = Tail(
      [FollowPlan(paths: [scratch.path("logs/*.log")], start: .beginning)], clock: VirtualClock(), fileSystem: files)
    try tail.run { tail in
      try await tail.until { _ in !tail.log.troubles.isEmpty }
      try await tail.scheduler.sleep(for: .seconds(3600))
      #expect(tail.lines.isEmpty)
      files.change { $0.refused = [:] }
      #expect(chmod(path.string, 0o700) == 0)
      let start = tail.scheduler.clock.now
      try await tail.until(lines: ["one"])
      #expect(tail.scheduler.clock.now - start < limit)
    }
    #expect(tail.log.troubles.count == 1 && tail.now.gaps.isEmpty, "\(tail.log.troubles)")
  }

  @Test(arguments: ["logs", "logs/app.log"]) func rightsThatAreGiven(_ name: String) throws {
    try run(refusing: name, tells: true, within: .seconds(1))
  }

  @Test(arguments: ["logs", "logs/app.log"]) func rightsOfWhichNobodyTells(_ name: String) throws {
    try run(refusing: name, tells: false, within: .seconds(31))
  }

  @Test func aFileIsReadOnWhileItsNameCannotBeSeen() throws {
    let scratch = scratch
    let files = ScarceFiles(below: scratch.folder)
    scratch.append("one\n", to: "app.log")
    let tail = Tail(
      [FollowPlan(paths: [scratch.path("*.log")], start: .beginning)], clock: VirtualClock(), fileSystem: files)
    try tail.run { tail in
      try await tail.until(lines: ["one"])
      files.change { $0.refused = [scratch.path("app.log"): EACCES, scratch.folder: EACCES] }
      scratch.append("two\n", to: "app.log")
      try await tail.until(lines: ["one", "two"])
      scratch.rename("app.log", "app.log.1")
      scratch.append("three\n", to: "app.log.1")
      try await tail.until(lines: ["one", "two", "three"])
    }
    #expect(tail.now.gaps.isEmpty)
  }

  /// What was rotated away while nobody looked is sought once.
  @Test func whatIsNotSoughtForWantOfDescriptorsIsSaid() throws {
    let files = ScarceFiles(below: scratch.folder)
    for name in ["log.1", "log"] { scratch.append("one\n", to: name) }
    let (path, folder) = (scratch.path("log"), scratch.folder)
    let status = try LinuxFiles().status(of: path)
    let fingerprint = Array("last\n".utf8).withUnsafeBytes { Fingerprint(of: $0) }
    var last = Checkpoint(
      path: path, identity: FileIdentity(device: status.identity.device, inode: .max), head: fingerprint, offset: 5,
      marker: fingerprint)
    last.readAtMilliseconds = status.modifiedAt.wholeMilliseconds - 1000
    files.change { $0.refused[folder] = EMFILE }
    let tail = Tail([FollowPlan(paths: [path])], known: known([last]), isOnce: true, fileSystem: files)
    try tail.run { try await $0.until { $0.isFinished } }
    #expect(tail.now.gaps.contains { $0.first == 0 && $0.last == 0 && $0.reason == .lostInRotation })
  }
}
