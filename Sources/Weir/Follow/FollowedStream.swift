import Coroutines

/// Standard input and FIFOs: what is read once cannot be read again, so there is nothing to look at but bytes. Standard
/// input ends; a FIFO waits for its next writer.
extension FollowedFile {
  func step(stream: Descriptor) async throws {
    let mayEnd = !isNamed
    let cause = try await bell.wait(atMost: mayEnd ? FileDecision.quietLimit : nil, orReadable: stream.number)
    guard cause == .readable, source != nil else {
      guard mayEnd, source != nil, scheduler.clock.now - quietSince >= FileDecision.quietLimit else { return }
      endGeneration()
      return await end()
    }
    do throws(SystemError) {
      let chunk = try Chunk.read(stream: stream, behind: reader, byteCount: 64 << 10, surroundings)
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
    } catch {
      try await recover(from: error)
    }
  }
}
