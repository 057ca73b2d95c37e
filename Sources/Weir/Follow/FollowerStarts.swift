import Coroutines
import Logging
import SystemPackage

/// Where the sinks of a pipeline start in a file that is opened.
extension Follower {
  /// Another content is where a file was read: what it had behind that is lost, and how much that was is not known.
  private func noteReplaced(_ checkpoint: Checkpoint, at path: FilePath, size: UInt64) {
    guard losses[path] == nil, checkpoint.path == path else { return }
    losses[path] = [
      Gap(
        origin: Origin(path: path, identity: checkpoint.identity), first: checkpoint.offset, last: checkpoint.offset,
        reason: size < checkpoint.offset ? .truncated : .replaced, mayBeFoundAgain: true)
    ]
  }

  /// For each sink of a pipeline what is known of its place in a file: at the pipeline's start, and since.
  ///
  /// - Parameters:
  ///   - original: the file that this one is a copy of.
  ///   - writtenAt: when the file was last written to.
  func checkpoints(
    of identity: FileIdentity, copiedFrom original: FileIdentity? = nil, for pipeline: Int, writtenAt: Duration? = nil
  ) -> [[Checkpoint]] {
    let former = formerPlaces.place(of: identity, pipeline: pipeline, writtenAt: writtenAt)
    let isGone = formerPlaces.isGone(identity, for: pipeline)
    let inodes = Set([identity.inode, original?.inode].compactMap(\.self))
    return (pipelines[pipeline]?.knownFiles.checkpoints(withInodes: inodes) ?? []).map { known in
      let known = isGone ? known.filter { $0.identity != identity } : known
      return former.map { known + [$0] } ?? known
    }
  }

  /// Whether a sink had any file at a path, when its pipeline began or since; but this file, if that is gone by now.
  private func hasTaken(_ sink: Int, of pipeline: Int, at path: FilePath, _ identity: FileIdentity) -> Bool {
    if formerPlaces.place(of: identity, pipeline: pipeline)?.path == path { return true }
    let isGone = formerPlaces.isGone(identity, for: pipeline)
    return pipelines[pipeline]?.knownFiles.checkpoints(of: sink, at: path).contains {
      !isGone || $0.identity != identity
    } == true
  }

  /// - Parameter passing: sinks that are not told of the file.
  func start(
    _ opening: FileOpening, for claim: Int, passing: Set<Int> = []
  ) throws(SystemError) -> FileStart {
    let pattern = patterns[claim]
    let known = known(of: pattern.pipeline)
    var position = StartPosition(
      checkpointOffsets: [], hasRunBefore: known.hasRunBefore,
      appearedLater: files[opening.status.identity]?.startedWith.contains(pattern.pipeline) != true,
      isNewGeneration: false, isOnce: isOnce, start: pattern.plan.start)
    let (identity, path, writtenAt) = (opening.status.identity, opening.origin.path, opening.status.modifiedAt)
    let checkpoints = checkpoints(
      of: identity, copiedFrom: opening.originalIdentity, for: pattern.pipeline, writtenAt: writtenAt)
    let places = try opening.places(in: checkpoints)
    for (sink, place) in places.enumerated() {
      if passing.contains(sink) {
        position.checkpointOffsets.append(nil)
        continue
      }
      position.checkpointOffsets.append(place.offset)
      if place.outdated != nil || hasTaken(sink, of: pattern.pipeline, at: path, identity) {
        position.sinksBehind.insert(sink)
      }
      // Of a file whose life was over, only the inode number is in use again.
      guard place.offset == nil, let outdated = place.outdated, !outdated.isDone else { continue }
      position.isNewGeneration = true
      if traced.contains(FormerFile(path: opening.origin.path, identity: outdated.identity)) { continue }
      if starting.contains(pattern.pipeline) || unseen.contains(opening.origin.path) {
        noteReplaced(outdated, at: opening.origin.path, size: opening.status.size)
      }
      say(
        once: "\(opening.origin.path) generation", outdated.offset > opening.status.size ? .warning : .info,
        "\(opening.origin.path) is not what it was when it was read last: it is read from its beginning")
    }
    let offsets = try position.offsets(size: opening.status.size) { count throws(SystemError) in
      try opening.startOfLastLines(count)
    }
    var sinks: [Batch?] = []
    var isAtLineStart = true
    for (sink, offset) in offsets.enumerated() {
      if passing.contains(sink) {
        sinks.append(nil)
        continue
      }
      let place = places[sink]
      sinks.append(try opening.start(at: offset, marker: place.offset == offset ? place.marker : nil))
      if try !opening.isLineStart(offset) { isAtLineStart = false }
    }
    return FileStart(pipeline: pattern.pipeline, sinks: sinks, isAtLineStart: isAtLineStart)
  }
}
