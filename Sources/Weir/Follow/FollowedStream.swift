import Coroutines

/// Standard input and FIFOs: what is read once cannot be read again, so there is nothing to look at but bytes. Standard
/// input ends; a FIFO waits for its next writer.
extension FollowedFile {
  /// As much as a pipe holds by default.
  private static let streamChunkBytes = 64 << 10

  func step(stream: Descriptor) async throws {
    let mayEnd = !isNamed
    let cause = try await bell.wait(atMost: mayEnd ? FileDecision.quietLimit : nil, orReadable: stream.number)
    guard cause == .readable, source != nil else {
      guard mayEnd, source != nil, scheduler.clock.now - quietSince >= FileDecision.quietLimit else { return }
      endGeneration()
      return await end()
    }
    do throws(SystemError) {
      let chunk = try Chunk.read(stream: stream, behind: reader, byteCount: Self.streamChunkBytes, surroundings)
      guard let chunk else { return }
      if chunk.freshCount == 0 {
        if path != FollowPattern.standardInput {
          source = .stream(try stream.reopened())
          return
        }
        endGeneration()
        return await end()
      }
      quietSince = scheduler.clock.now
      failedReads = 0
      pending += reader.take(chunk.block, freshCount: chunk.freshCount, read: chunk.time)
      // All that was there is read: what has its name now need not wait until nobody writes to it any more.
      if chunk.freshCount < Self.streamChunkBytes { await catchUp() }
    } catch {
      try await recover(from: error)
    }
  }
}
