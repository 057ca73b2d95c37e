import Coroutines
import Logging
import SystemPackage

/// What the kernel does not tell of, and is looked at every now and then: where the config says so, on network file
/// systems, and where the kernel has no watches left.
extension Follower {
  /// How often that is where the config does not say.
  static let pollPause = Duration.seconds(1)

  // MARK: Why

  /// A pattern was looked at.
  ///
  /// - Parameters:
  ///   - walk: by which.
  ///   - isWatched: whether the kernel watches all of its folders.
  func notePolling(of pattern: Int, after walk: GlobWalk, isWatched: Bool) {
    if isWatched { unwatchedPatterns.remove(pattern) } else { unwatchedPatterns.insert(pattern) }
    sharedPatterns.remove(pattern)
    for (device, folder) in walk.folders {
      sharedDevices[device] = nil  // another may be mounted by now
      noteDevice(device, of: folder, for: [pattern])
    }
    updatePoll(of: pattern)
  }

  /// A file of these patterns is on that device.
  func noteDevice(_ device: UInt64, of path: FilePath, for claims: [Int]) {
    guard watches != nil, isShared(device, path) else { return }
    for pattern in claims where sharedPatterns.insert(pattern).inserted { updatePoll(of: pattern) }
  }

  private func isShared(_ device: UInt64, _ path: FilePath) -> Bool {
    if let known = sharedDevices[device] { return known }
    do throws(SystemError) {
      let name = try fileSystem.type(ofFileSystemAt: path).sharedName
      sharedDevices[device] = name != nil
      if let name {
        say(
          once: "shared \(device)", .info,
          "\(path) is on \(name), where others may write unseen by this kernel: looked at every second")
      }
      return name != nil
    } catch {
      log.debug("cannot tell which file system \(path) is on: \(error)")
      return false
    }
  }

  /// The folders behind a link cannot be watched, for want of watches.
  func watchesNoMore(behind link: FilePath, _ error: SystemError) {
    for pattern in names[link]?.patterns ?? [] {
      unwatchedPatterns.insert(pattern)
      updatePoll(of: pattern)
    }
    noteShortage(error)
  }

  /// The kernel watches no more.
  func noteShortage(_ error: SystemError) {
    guard let watches, !isStopped else { return }
    let failure = Self.failure(error)
    say(once: "shortage \(error.call)", .warning, failure.description)
    polls.set(.unwatched, every: watches.isShort ? Self.pollPause : nil, now: scheduler.clock.now)
    armPoll()
  }

  /// What a user is told when the kernel watches no more.
  static func failure(_ error: SystemError) -> Failure {
    let help =
      error.call == "inotify_init1"
      ? "raise fs.inotify.max_user_instances with sysctl(8), or the limit of open files"
      : "raise fs.inotify.max_user_watches with sysctl(8)"
    return Failure(
      "the kernel watches no more files and folders: what is not watched is looked at every second",
      cause: error.description, help: help)
  }

  private func updatePoll(of pattern: Int) {
    let isBlind = sharedPatterns.contains(pattern) || unwatchedPatterns.contains(pattern)
    let pauses = [patterns[pattern].plan.poll, isBlind ? Self.pollPause : nil].compactMap(\.self)
    polls.set(.pattern(pattern), every: watches == nil ? nil : pauses.min(), now: scheduler.clock.now)
    armPoll()
  }

  // MARK: When

  /// One timer, of what is next.
  private func armPoll() {
    guard let next = polls.next, !isStopped else {
      pollRoutine?.routine.cancel()
      pollRoutine = nil
      return
    }
    if let pollRoutine, pollRoutine.deadline <= next { return }
    pollRoutine?.routine.cancel()
    let pause = max(.zero, next - scheduler.clock.now)
    pollRoutine = (next, scheduler.spawn(name: "poll", after: pause) { await self.poll() })
  }

  private func poll() async {
    pollRoutine = nil
    guard !isStopped else { return }
    let due = polls.takeDue(now: scheduler.clock.now)
    var findings: Set<Watches.Finding> = []
    for subject in due {
      switch subject {
      case .pattern(let number): findings.formUnion(self.findings(of: number))
      case .unwatched: findings.formUnion(watchAgain())
      }
    }
    await take(findings)
    polls.rest(due, now: scheduler.clock.now)
    armPoll()
  }

  /// The names that a pattern selects, and the files behind them; also those that were rotated away.
  private func findings(of pattern: Int) -> Set<Watches.Finding> {
    guard patterns.contains(pattern) else {
      polls.set(.pattern(pattern), every: nil, now: scheduler.clock.now)
      return []
    }
    let pipeline = patterns[pattern].pipeline
    var findings: Set<Watches.Finding> = [.pattern(pattern)]
    for (identity, file) in files where !file.readers.isEmpty {
      let isSelected = file.names.contains { names[$0]?.patterns.contains(pattern) == true }
      if isSelected || file.names.isEmpty && file.pipelines.contains(pipeline) { findings.insert(.file(identity)) }
    }
    return findings
  }

  /// Tries to have watched what is not.
  ///
  /// - Returns: what is to be looked at: what still is not, and what was not until now.
  private func watchAgain() -> Set<Watches.Finding> {
    guard let watches else { return [] }
    let wasBlind = watches.isBlind
    let unwatched = watches.unwatched
    watches.watchUnwatched(in: fileSystem)
    if wasBlind, !watches.isBlind { beginToWait() }
    if !watches.isShort {
      polls.set(.unwatched, every: nil, now: scheduler.clock.now)
      say(once: "no shortage", .info, "the kernel watches all files again")
    }
    return wasBlind && !watches.isBlind ? [.everything] : Set(unwatched.map(Watches.Finding.file))
  }
}
