import Coroutines
import Logging

/// What is done about reads that fail.
extension FollowedFile {
  private static let retryPauses: [Duration] = [.milliseconds(100), .seconds(1), .seconds(5), .seconds(30)]
  /// How often reading is tried again with `--once`.
  private static let onceTries = 3

  /// An error is not an absence: said once, tried again, nothing passed over. With `--once` it is tried a few times,
  /// for that must end.
  func recover(from error: SystemError) async throws {
    if isLoss(error) { return try await endLost() }
    if let limit, failedReads >= Self.onceTries {
      isUnreadable = true
      surroundings.log.error("cannot read \(path) from byte \(reader.readOffset) on: \(error)")
      lastSeenSize = reader.readOffset
      endGeneration()
      let last = limit == .max ? reader.readOffset + 1 : limit  // of what is compressed the end is not known
      if last > reader.readOffset { lose(reader.readOffset..<last, .unreadable) }
      return await end()
    }
    if failedReads == 0 {
      surroundings.log.warning("cannot read \(path): \(error); trying again until it can be read")
    }
    await catchUp()
    let pause = Self.retryPauses[min(failedReads, Self.retryPauses.count - 1)]
    failedReads += 1
    try await bell.wait(atMost: pause)
  }
}
