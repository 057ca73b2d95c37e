import Coroutines
import Logging
import SystemPackage

/// Pipelines that come, go and change while others follow on.
extension Follower {
  /// Finds what these pipelines have to read, and goes on finding it. Files that others read already are read for them
  /// too, where reading is not beyond the place at which they start.
  ///
  /// - Returns: for each, in how many files it starts now.
  /// - Throws: ``Failure`` where a pattern stands for too many paths, and then none is added; at the first time also
  ///   where the system allows no more watches. `CancellationError`, and then none is added.
  func add(_ added: [FollowedPipeline]) async throws -> [Int: Int] {
    try await inTurn {
      let numbers = Set(added.map(\.number))
      try register(added)
      do {
        await followStandardInput(for: numbers)
        try await look(forFirst: numbers)
      } catch let error as CancellationError {
        await drop(numbers)
        throw error
      }
      return takeStartCounts(of: numbers)
    }
  }

  /// Looks for what these pipelines have to read, for the first time.
  private func look(forFirst numbers: Set<Int>) async throws {
    starting.formUnion(numbers)
    do {
      try await findRotated(for: numbers)
      try await look(at: Set(numbers.flatMap(patterns.numbers).map(Watches.Finding.pattern)))
    } catch {
      await endFirstLook(for: numbers)
      throw error
    }
    if isOnce { sayUnmatched(of: numbers) }
    await endFirstLook(for: numbers)
  }

  /// Says which globs found nothing: what they wait for does not come any more.
  private func sayUnmatched(of numbers: Set<Int>) {
    let matched = Set(names.values.lazy.flatMap { $0.patterns }.map { self.patterns[$0].written })
    for pattern in numbers.sorted().flatMap(patterns.numbers).map({ patterns[$0] }) {
      guard !pattern.glob.isPlain, !matched.contains(pattern.written) else { continue }
      say(once: "\(pattern.written) matches nothing", .notice, "no file matches \(pattern.written)")
    }
  }

  private func endFirstLook(for numbers: Set<Int>) async {
    starting.subtract(numbers)
    (sought, seenSizes) = ([:], [:])
    unmoved = unmoved.filter { !$0.value.isEmpty && isTriedAgain($0.key) }
    unseen.formUnion(unmoved.keys)
    await askAgainForCopies()
  }

  /// Whether a path could not be seen, and is looked at again: where its file is then, is told then.
  private func isTriedAgain(_ path: FilePath) -> Bool {
    retries.contains { finding, retry in
      guard retry.routine != nil else { return false }
      return switch finding {
      case .everything: true
      case .pattern(let pattern): patterns.contains(pattern) && patterns[pattern].glob.matches(path)
      case .name(let name, _): name == path
      case .file, .gone: false
      }
    }
  }

  /// Patterns of pipelines that are to be followed.
  private func register(_ added: [FollowedPipeline]) throws(Failure) {
    var new: [FollowPattern] = []
    for pipeline in added { new += try FollowPattern.all(of: pipeline.follow, pipeline: pipeline.number) }
    for pattern in new { patterns.add(pattern) }
    for pipeline in added { pipelines[pipeline.number] = pipeline }
  }

  /// These pipelines follow nothing any more.
  func remove(_ removed: Set<Int>) async {
    // Not cancelled with the caller: what is removed is gone.
    let removal = scheduler.spawn(name: "remove pipelines") { try await self.inTurn { await self.drop(removed) } }
    _ = await removal.outcome
  }

  private func drop(_ removed: Set<Int>) async {
    for number in removed {
      pipelines[number] = nil
      knownPaths[number] = nil
    }
    dropPatterns(of: removed)
    for (identity, file) in files {
      guard !file.pipelines.isDisjoint(with: removed) else { continue }
      files[identity]?.pipelines.subtract(removed)
      for reader in file.readers where await reader.remove(removed) { await drop(reader, of: identity) }
    }
    if let stream, await stream.remove(removed) { self.stream = nil }
  }

  /// A pipeline goes on under another number, from where it is in each file that it still follows.
  ///
  /// - Returns: in how many files it starts now.
  /// - Throws: as ``add(_:)``.
  func replace(_ old: Int, by pipeline: FollowedPipeline) async throws -> Int {
    try await inTurn {
      try register([pipeline])
      let count = await hand(from: old, to: pipeline)
      do { try await look(forFirst: [pipeline.number]) } catch is CancellationError {
        // It is replaced for all that; what it has to read beside that is found by the next look.
        retry(.everything)
      }
      return count + (takeStartCounts(of: [pipeline.number])[pipeline.number] ?? 0)
    }
  }

  /// - Returns: in how many files the new one goes on.
  private func hand(from old: Int, to pipeline: FollowedPipeline) async -> Int {
    var count = 0
    formerPlaces.rename(old, to: pipeline.number)
    // What a name led to is known on: what came there after that, and was rotated away too, is found by it.
    let former = Set(patterns.numbers(of: old))
    for (path, name) in names where !name.patterns.isDisjoint(with: former) {
      if let pattern = self.pattern(of: path, in: pipeline.number) { names[path]?.patterns.insert(pattern) }
    }
    for (identity, file) in files where file.pipelines.contains(old) {
      for reader in file.readers {
        guard let pattern = pattern(of: file.names, or: reader.path, in: pipeline.number),
          await reader.replace(old, by: pipeline)
        else { continue }
        files[identity]?.pipelines.insert(pipeline.number)
        count += 1
        if patterns[pattern].plan.maxLineBytes != (await reader.maxLineBytes) {
          log.notice("\(reader.path): another max_line holds when it is opened the next time")
        }
      }
    }
    if pipeline.follow.contains(where: { $0.paths.contains(FollowPattern.standardInput) }) {
      if await stream?.replace(old, by: pipeline) == true { count += 1 }
    }
    await drop([old])
    return count
  }

  private func takeStartCounts(of numbers: Set<Int>) -> [Int: Int] {
    defer { for number in numbers { startCounts[number] = nil } }
    return Dictionary(uniqueKeysWithValues: numbers.map { ($0, startCounts[$0] ?? 0) })
  }

  /// Its routine has ended: nobody reads it any more.
  func release(_ file: FollowedFile) async {
    await file.leave()
    if file === stream { stream = nil }
    if await !file.isDropped, let identity = identity(ofReader: file) { await drop(file, of: identity) }
  }

  private func pattern(of names: Set<FilePath>, or path: FilePath, in pipeline: Int) -> Int? {
    for name in names.sorted(by: { $0.string < $1.string }) + [path] {
      if let found = pattern(of: name, in: pipeline) { return found }
    }
    return nil
  }

  private func dropPatterns(of removed: Set<Int>) {
    let dropped = Set(removed.flatMap { patterns.removeAll(of: $0) })
    for pattern in dropped {
      rests[pattern] = nil
      watches?.begin(.pattern(pattern))
      watches?.end(.pattern(pattern))
      retries.removeValue(forKey: .pattern(pattern))?.routine?.cancel()
    }
    for path in unmoved.keys { unmoved[path]?.removeAll { dropped.contains($0.taker.pattern) } }
    for (path, name) in names where !name.patterns.isDisjoint(with: dropped) {
      names[path]?.patterns.subtract(dropped)
      forgetIfUnselected(path)
    }
  }

  /// How far the sinks of a pipeline were when it was added.
  func known(of pipeline: Int) -> KnownPositions {
    pipelines[pipeline]?.known ?? KnownPositions(hasRunBefore: true, sinkCheckpoints: [])
  }
}
