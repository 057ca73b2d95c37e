import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// The lives of an agent with one sink, one after the other: each reads what is there from where the last one was.
final class Lives {
  /// What the sink knows.
  private(set) var checkpoints: [FileIdentity: Checkpoint] = [:]
  private(set) var gaps: [Gap] = []
  private let plan: FollowPlan
  private var hasRun = false

  init(_ paths: FilePath..., rotated: [FilePath] = []) {
    plan = FollowPlan(paths: paths, start: .beginning, rotated: rotated)
  }

  /// One life with `--once`.
  ///
  /// - Parameter batchCount: after so many batches it is killed: what it read further is forgotten.
  /// - Returns: its lines, and what it logged as troubles.
  func live(killedAfter batchCount: Int = .max) throws -> (lines: [String], troubles: [String]) {
    let tail = Tail(
      [plan], known: KnownPositions(hasRunBefore: hasRun, sinkCheckpoints: [Array(checkpoints.values)]), isOnce: true)
    hasRun = true
    try tail.run { try await $0.until { $0.isFinished } }
    let seen = tail.now
    let batches = seen.batches.prefix(batchCount)
    for batch in seen.files.flatMap(\.firstStarts).flatMap(\.sinks).compactMap(\.self) + batches {
      guard let checkpoint = batch.checkpoint else { continue }
      checkpoints[checkpoint.identity] = checkpoint
    }
    gaps = seen.gaps
    let lines = batches.flatMap { batch in
      batch.withBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n").map { String($0) }
    }
    return (lines, tail.log.troubles)
  }
}

extension Scratch {
  func gzip(_ name: String) { precondition(Self.run("/bin/gzip", [path(name).string]) == 0) }

  func touch(_ name: String, _ date: String) {
    precondition(Self.run("/usr/bin/touch", ["-d", date, path(name).string]) == 0)
  }

  /// Has logrotate(8) rotate a file now.
  func rotate(_ name: String, _ options: String...) {
    let text = "\"\(path(name))\" {\n rotate 20\n missingok\n \(options.joined(separator: "\n "))\n}\n"
    write(Array(text.utf8), to: "rotate.conf")
    let status = Self.run("/usr/sbin/logrotate", ["-f", "-s", path("state").string, path("rotate.conf").string])
    precondition(status == 0, "logrotate ended with \(status)")
  }
}
