import Coroutines
import Logging
import SystemPackage

/// A routine for each file that has something to do. A file that is quiet while many others are read has none: one is
/// begun when the file's bell rings.
extension Pipelines {
  /// How a file's routine begins.
  private enum Beginning {
    /// The sinks are told of it first.
    case opening(isAdmitted: Bool)
    case afterRest
  }

  /// Begins with a file.
  func start(_ file: FollowedFile) async {
    progress[ObjectIdentifier(file)] = Progress(
      file: file, starts: file.firstStarts, offset: file.firstStarts.flatMap(\.offsets).min() ?? 0)
    onFiles()
    if await file.predecessor != nil {
      spawnReader(of: file, .opening(isAdmitted: false))  // it may wait for one that is not admitted yet
    } else if openings.admit(file) {
      spawnReader(of: file, .opening(isAdmitted: true))
    }
  }

  private func spawnReader(of file: FollowedFile, _ beginning: Beginning) {
    readers.spawn(name: file.path.string) { await self.read(file, beginning) }
  }

  /// Reads a file until it is at rest or its life is over.
  private func read(_ file: FollowedFile, _ beginning: Beginning) async {
    do {
      var flow = try await begin(file, beginning)
      if case .rest = try await self.flow(&flow) { return rest(file) }
    } catch {
      log.error("stopped following \(file.path): \(error)")
      failures.append(error)
    }
    progress[ObjectIdentifier(file)] = nil
    for bell in leaveBells { bell.ring() }
    await follower.release(file)  // closes what no sink takes any more
    onFiles()
  }

  private func begin(_ file: FollowedFile, _ beginning: Beginning) async throws -> Flow {
    guard case .opening(let isAdmitted) = beginning else {
      return try makeFlow(file, progress[ObjectIdentifier(file)]?.starts ?? [])
    }
    defer {
      if isAdmitted, let next = openings.next(after: file) { spawnReader(of: next, .opening(isAdmitted: true)) }
    }
    let flow = try makeFlow(file, file.firstStarts)
    noteUsers(of: flow)
    try await open(flow)
    return flow
  }

  /// Tells each sink where it starts in the file, after the one before it. A sink that does not take it holds up this
  /// file alone, and others that it is to be told of.
  private func open(_ flow: Flow) async throws {
    try await flow.file.waitForElder()
    await flow.file.noteTold()
    try await send(along: flow) { $0.opening }
    try await keepOpening(of: flow)
    try await countOpening(for: flow.pipelines.map(\.number))
  }

  /// Goes on with the file when its bell rings.
  private func rest(_ file: FollowedFile) {
    file.bell.whenRung { [readers] in
      readers.spawn(name: file.path.string) { await self.read(file, .afterRest) }
    }
  }
}
