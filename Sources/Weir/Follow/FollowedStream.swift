import Coroutines

/// Standard input and FIFOs: what is read once cannot be read again, so there is nothing to look at but bytes. Standard
/// input ends; a FIFO waits for its next writer.
extension FollowedFile {
  func step(stream: Descriptor) async throws {
    let mayEnd = !isNamed
    guard try await isReadable(stream, atMost: mayEnd ? FileDecision.quietLimit : nil) else {
      guard mayEnd, source != nil, scheduler.clock.now - quietSince >= FileDecision.quietLimit else { return }
      endGeneration()
      return await end()
    }
    do throws(SystemError) {
      let chunk = try Chunk.read(stream: stream, behind: reader, byteCount: 64 << 10, surroundings)
      guard let chunk else { return }
      if chunk.freshCount == 0 {
        if path != FollowPattern.standardInput {
          source = try FileSource.reopened(stream)
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

  /// Waits for bytes, or for the bell. The descriptor is let go of before this returns.
  private func isReadable(_ stream: Descriptor, atMost limit: Duration?) async throws -> Bool {
    let watcher = scheduler.spawn(name: "read \(path)") { [scheduler, bell] in
      try await scheduler.readable(stream.number)
      bell.ring()
    }
    defer { watcher.cancel() }
    if let limit { try await bell.wait(atMost: limit, on: scheduler) } else { try await bell.wait() }
    if case .success = watcher.result { return source != nil }
    watcher.cancel()
    do { try await watcher.value } catch { return false }
    return source != nil
  }
}
