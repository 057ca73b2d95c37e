import Coroutines
import Logging
import SystemPackage

/// Compressed files: what is read through gzip, and how it is made ready so that nothing has to wait for it.
extension Follower {
  /// - Returns: the claims without those that may not read what is in the file: compressed files and databases are
  ///   never read as text, and gzip is read where it is named itself.
  func passOver(
    _ claims: [Int], _ source: FileSource, _ status: FileStatus, at path: FilePath
  ) throws(SystemError) -> [Int] {
    guard case .file(let file) = source else { return claims }
    let firstBytes = try file.bytes(at: 0, count: 16)
    let content = FileContent(firstBytes: firstBytes, name: path)
    guard content != .text else { return claims }
    var wanted: [Int] = []
    for claim in claims {
      if content == .gzip, let plain = plainPattern(for: path, in: patterns[claim].pipeline) {
        wanted.append(plain)
        continue
      }
      files[status.identity]?.passedOver.insert(patterns[claim].pipeline)
      say(that: content, at: path, firstBytes, isNotReadBy: claim)
    }
    return wanted
  }

  /// Says that a file that has begun is no text.
  func noteForeign(_ file: FollowedFile, beginningWith firstBytes: [UInt8]) async {
    for start in await file.starts {
      guard let claim = pattern(of: file.path, in: start.pipeline) else { continue }
      say(that: FileContent(firstBytes: firstBytes), at: file.path, firstBytes, isNotReadBy: claim)
    }
  }

  private func say(that content: FileContent, at path: FilePath, _ firstBytes: [UInt8], isNotReadBy claim: Int) {
    let what =
      switch content {
      case .database: "a database"
      case .compressed where FileContent(firstBytes: firstBytes) == .text: "named as compressed, and is not"
      case .gzip, .compressed, .text: "compressed"
      }
    if patterns[claim].glob.isPlain {
      say(once: "\(path) content", .warning, "\(path) is \(what): it is not read as text")
      notePassedOver(path)
    } else {
      say(once: "\(what) \(claim)", .info, "\(path) is \(what): passed over, as are others like it")
    }
  }

  /// What a gzip file is read through by these claims, ready to be read; nil for text.
  ///
  /// - Throws: as ``prepare(_:for:_:)``.
  func unpack(
    _ source: FileSource, _ status: FileStatus, at path: FilePath, for claims: [Int]
  ) async throws -> GzipFile? {
    guard case .file(let file) = source,
      FileContent(firstBytes: try file.base.bytes(at: 0, count: 16), name: path) == .gzip
    else { return nil }
    let gzip = try GzipFile(file.base, at: path, limit: isOnce ? file.base.status().size : .max)
    try await prepare(gzip, for: claims, [status.identity])
    return gzip
  }

  /// Reads a gzip file up to where these pipelines may start in it.
  ///
  /// - Parameter identities: of the file, and of the one that it is a copy of.
  /// - Throws: ``SystemError`` where it cannot be read; `CancellationError`.
  func prepare(_ gzip: GzipFile, for claims: [Int], _ identities: Set<FileIdentity>) async throws {
    var checkpoints: [Checkpoint] = []
    var offsets: Set<UInt64> = []
    for claim in claims {
      let (pattern, pipeline) = (patterns[claim], patterns[claim].pipeline)
      checkpoints += identities.flatMap { self.checkpoints(of: $0, for: pipeline).joined() }
        .filter { identities.contains($0.identity) || identities.map(\.inode).contains($0.identity.inode) }
      if known(of: pipeline).hasRunBefore { continue }
      switch pattern.plan.start {
      case .beginning: break
      case .end: if !isOnce { offsets.insert(try await gzip.endOfContent(giveWay)) }
      case .lastLines(let count): offsets.insert(try await gzip.findLastLines(count, giveWay))
      }
    }
    try await prepare(gzip, before: checkpoints, offsets)
  }

  /// Reads a gzip file up to where these checkpoints stand, as far as they are of its content, and these offsets.
  func prepare(_ gzip: GzipFile, before checkpoints: [Checkpoint], _ offsets: Set<UInt64> = []) async throws {
    try await go(to: UInt64(FileHead.byteLimit), in: gzip)
    let fitting = try checkpoints.filter { try $0.head.matches(gzip, at: 0) }.map(\.offset)
    gzip.forgetMarkers()
    for offset in offsets.union(fitting).sorted() {
      try await go(to: offset, in: gzip)
      gzip.keepMarker(before: offset)
    }
  }

  /// The pattern by which a pipeline names this path and no other.
  private func plainPattern(for path: FilePath, in pipeline: Int) -> Int? {
    names[path]?.patterns.filter { patterns[$0].pipeline == pipeline && patterns[$0].glob.isPlain }.min()
  }

  private func go(to offset: UInt64, in gzip: GzipFile) async throws {
    while try !gzip.step(toward: offset) { try await giveWay() }
  }
}
