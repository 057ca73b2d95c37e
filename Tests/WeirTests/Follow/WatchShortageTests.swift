import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// The kernel's limits of inotify, reached and raised; on a virtual clock.
@Suite struct WatchShortageTests {
  let scratch = Scratch()

  private func tail(_ files: ScarceFiles) -> Tail {
    Tail(
      [FollowPlan(paths: [scratch.path("*/*.log")], start: .beginning)], clock: VirtualClock(), fileSystem: files)
  }

  private func makeFiles() {
    for folder in ["a", "b"] {
      scratch.makeFolder(folder)
      scratch.append("\(folder)1\n", to: "\(folder)/x.log")
    }
  }

  private func follow(_ tail: Tail, _ files: ScarceFiles, raise: (inout ScarceFiles.Means) -> Void) async throws {
    let scratch = scratch
    func see(_ lines: Set<String>) async throws {
      try await tail.until { Set($0.lines) == lines && $0.lines.count == lines.count }
    }
    try await see(["a1", "b1"])
    for folder in ["a", "b"] {
      scratch.append("\(folder)2\n", to: "\(folder)/x.log")
      scratch.append("\(folder)3\n", to: "\(folder)/y.log")
    }
    try await see(["a1", "b1", "a2", "b2", "a3", "b3"])
    files.change(raise)
    try await tail.until { _ in tail.log.messages.contains { $0.contains("watches all files again") } }
    try await tail.scheduler.sleep(for: .seconds(5))
    // From now on the kernel tells: no timer is left.
    let looks = files.looks
    try await tail.scheduler.sleep(for: .seconds(3600))
    #expect(files.looks == looks)
    for folder in ["a", "b"] {
      scratch.append("\(folder)4\n", to: "\(folder)/x.log")
      scratch.append("\(folder)5\n", to: "\(folder)/y.log")
      scratch.append("\(folder)6\n", to: "\(folder)/z.log")
    }
    try await see(Set(["a", "b"].flatMap { folder in (1...6).map { "\(folder)\($0)" } }))
  }

  @Test(arguments: [0, 1, 3, 5, 7]) func tooFewWatches(_ limit: Int) throws {
    makeFiles()
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.watches = limit }
    let tail = tail(files)
    try tail.run { try await follow($0, files) { $0.watches = .max } }
    #expect(tail.log.troubles.count == 1)
    #expect(tail.log.troubles.allSatisfy { $0.contains("raise fs.inotify.max_user_watches with sysctl(8)") })
  }

  @Test func noInotifyAtAll() throws {
    makeFiles()
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.hasEvents = false }
    let tail = tail(files)
    try tail.run { try await follow($0, files) { $0.hasEvents = true } }
    #expect(tail.log.troubles.count == 1)
    #expect(tail.log.troubles.allSatisfy { $0.contains("raise fs.inotify.max_user_instances with sysctl(8)") })
  }
}
