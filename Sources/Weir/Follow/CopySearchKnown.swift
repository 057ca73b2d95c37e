import Coroutines
import SystemPackage

/// Whether files that were found are known, by checkpoints of their own or as copies.
extension CopySearch {
  /// Whether any checkpoint is of a file that was found, or of one that it is a copy of.
  func isKnown(_ copy: RotatedCopy, to known: [Checkpoint]) async throws -> Bool {
    guard let file = file(at: copy.path) else { return false }
    return try await isKnown(file, to: known)
  }

  /// Whether any checkpoint is of this file, or of one that it is a copy of.
  func isKnown(_ file: RotatedFile, to known: [Checkpoint]) async throws -> Bool {
    for checkpoint in known where checkpoint.offset > 0 {
      let isKnowable =
        checkpoint.identity == file.status.identity || checkpoint.marker.byteCount == Fingerprint.markerByteLimit
      guard try await isKnowable ? true : isAllThatWasRead(file, of: checkpoint),
        try await file.hasHead(of: checkpoint)
      else { continue }
      guard try await isPresumably(file, at: checkpoint) ? true : file.fits(checkpoint, others: checkpoints) else {
        continue
      }
      if try await !isAlikeAlone(file, to: checkpoint) { return true }
    }
    for checkpoint in known where try await isCutShort(file, of: checkpoint) { return true }
    return false
  }

  /// Whether a file has as many bytes as were read of another, no more than a few, and was not written to since.
  private func isAllThatWasRead(_ file: RotatedFile, of checkpoint: Checkpoint) async throws -> Bool {
    guard UInt64(checkpoint.marker.byteCount) == checkpoint.offset,
      file.status.modifiedAt.wholeMilliseconds <= checkpoint.readAtMilliseconds,
      try await !file.hasLess(than: checkpoint.offset)
    else { return false }
    return try await file.hasLess(than: checkpoint.offset + 1)
  }

  /// Whether a file is no copy of that of a checkpoint, though it has what was read of it, such as a long banner: that
  /// one is seen under another name, and has other bytes behind.
  private func isAlikeAlone(_ file: RotatedFile, to checkpoint: Checkpoint) async throws -> Bool {
    if file.status.identity == checkpoint.identity { return false }
    if let found = try await foundElsewhere(checkpoint, than: file) {
      if file.isCompressed || found.isCompressed { return true }
      return found.begins(with: file) == false
    }
    guard !file.isCompressed,
      let original = looked.values.filter({ $0.status.identity == checkpoint.identity }).min(by: {
        $0.path.string < $1.path.string
      }),
      try await original.fits(checkpoint, others: checkpoints)
    else { return false }
    return original.begins(with: file) == false
  }

  /// The file of a checkpoint, where that was found, and not in this one. What was found may be of another that had the
  /// same inode.
  private func foundElsewhere(_ checkpoint: Checkpoint, than file: RotatedFile) async throws -> RotatedFile? {
    let found = taken.filter { $0.value.contains(checkpoint.identity) }.keys.sorted { $0.string < $1.string }
    if found.contains(file.path) { return nil }
    for other in found.compactMap({ looked[$0] })
    where try await isPresumably(other, at: checkpoint) ? true : other.fits(checkpoint, others: checkpoints) {
      return other
    }
    return nil
  }

  /// Whether a file is most likely what was compressed of another while that was still written to, and read: it has
  /// less than that, it was last written to before that was read, and begins as that did, if it has so much.
  private func isCutShort(_ file: RotatedFile, of checkpoint: Checkpoint) async throws -> Bool {
    guard checkpoint.offset > 0, file.status.modifiedAt.wholeMilliseconds <= checkpoint.readAtMilliseconds else {
      return false
    }
    if try await file.isTooShortFor(checkpoint.head) {
      // It cannot be seen whether it begins as that did, but whether it begins as another.
      for other in checkpoints where other.identity != checkpoint.identity && other.head.byteCount > 0 {
        if try await file.hasHead(of: other) { return false }
      }
    } else if try await !file.hasHead(of: checkpoint) || hasUnreadAlike(checkpoint) {
      return false
    }
    guard try await file.isShorter(than: checkpoint.offset) else { return false }
    return try await !isCompressedElsewhere(checkpoint, than: file)
  }

  /// Whether all that was read of the file of a checkpoint is there as another compressed file: then it was not
  /// compressed to this one.
  private func isCompressedElsewhere(_ checkpoint: Checkpoint, than file: RotatedFile) async throws -> Bool {
    for other in looked.values.sorted(by: { $0.path.string < $1.path.string })
    where other.isCompressed && other.path != file.path {
      guard try await other.hasHead(of: checkpoint) else { continue }
      if try await other.fits(checkpoint, others: checkpoints) { return true }
    }
    return false
  }

  /// Whether another file is sought of which nothing was read, and which begins as that of a checkpoint, as with a long
  /// banner: what begins so may be that one.
  private func hasUnreadAlike(_ checkpoint: Checkpoint) -> Bool {
    checkpoints.contains {
      $0.identity != checkpoint.identity && $0.offset == 0 && !$0.isDone && $0.head == checkpoint.head
    }
  }
}
