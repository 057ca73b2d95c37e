import Coroutines
import SystemPackage

/// A path that is followed, and what is known to be there.
struct FollowedName {
  /// Numbers of the patterns that select it.
  var patterns: Set<Int> = []
  /// The file that it leads to.
  var identity: FileIdentity?
  /// The file that it led to before, while that one is still read.
  var formerIdentity: FileIdentity?
  /// Whether it is a symbolic link, whose target's folder is watched too.
  var isLink = false
}

/// A file that followed names lead to, or led to.
struct OpenFile {
  /// The followed names that lead to it.
  var names: Set<FilePath> = []
  /// Who reads it: one for each `max_line` that differs.
  var readers: [FollowedFile] = []
  /// Pipelines that read it, have read it, or never may.
  var pipelines: Set<Int> = []
  /// Pipelines that pass it over as what it is: compressed, and so no file of its own.
  var passedOver: Set<Int> = []
  /// Files that were under its name before.
  var elders: [FollowedFile] = []
  /// Pipelines at whose start it was there.
  var startedWith: Set<Int> = []
}

extension FileStart {
  /// All sinks start at the first byte, of which nothing is known.
  static func beginning(of origin: Origin, pipeline: Int, sinkCount: Int, _ scheduler: Scheduler) -> FileStart {
    let batch = Batch.start(in: origin, at: 0, head: .none, marker: .none, scheduler.clock)
    return FileStart(pipeline: pipeline, sinks: Array(repeating: batch, count: sinkCount))
  }
}

extension Batch {
  /// An empty batch that says where reading starts.
  static func start(
    in origin: Origin, at offset: UInt64, head: Fingerprint, marker: Fingerprint, _ clock: any TimeSource,
    ending: Ending? = nil
  ) -> Batch {
    start(in: origin, at: offset, head: head, marker: marker, at: clock.wall, ending: ending)
  }

  /// The same, as if read at that wall time.
  static func start(
    in origin: Origin, at offset: UInt64, head: Fingerprint, marker: Fingerprint, at time: Duration,
    ending: Ending? = nil
  ) -> Batch {
    Batch(
      origin: origin, start: offset, end: offset, block: .empty, range: 0..<0, head: head, marker: marker,
      readAtMilliseconds: time.wholeMilliseconds, ending: ending)
  }
}
