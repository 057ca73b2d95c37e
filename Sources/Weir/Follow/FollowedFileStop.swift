import Coroutines
import DequeModule

/// Reading no more.
extension FollowedFile {
  /// The file is closed. `next()` gives what can be read no more (the rest of a generation that is over, and lost
  /// bytes), then nil.
  func stop() {
    if case .stream = source {
      endGeneration()  // what it gave cannot be read again
    } else if !isGenerationOver, !giveUpDeleted() {
      pending.removeAll { reading in
        if case .gap(let gap) = reading { gap.isReadAgain } else { true }
      }
    }
    if !isGenerationOver || !hasSaidRead { noteUnreadHead() }
    noteLateBytes()
    loseAsStopped()
    close()
    letSuccessorsBegin()
    bell.ring()
  }

  /// Sinks that know that nothing more is expected are told that there is more, which was written late: if it is found
  /// nowhere by the next run, that is missing.
  private func noteLateBytes() {
    guard hasSaidRead, !isGenerationOver, copy == nil, case .file(let file) = source, !(file is GzipFile),
      let size = try? file.status().size, size > reader.readOffset
    else { return }
    hasSaidRead = false
    pending.append(.batch(placeForSinks))
  }

  /// Nobody takes any more what it gives. It is closed, and nothing is said of what was not read: that is behind the
  /// checkpoints, where it is found, or missed, by who follows it again.
  func leave() {
    pending = []
    close()
    letSuccessorsBegin()
  }

  func close() {
    source = nil
    copy = nil
    predecessor = nil
  }

  /// What is pending, an unfinished line, stands before what is in them.
  func letSuccessorsBegin() {
    hasCaughtUp = true
    for file in successors { file.bell.ring() }
    successors = []
  }
}
