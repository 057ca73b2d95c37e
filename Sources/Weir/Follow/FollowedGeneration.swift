import Coroutines

/// Where one generation of a file ends, as it was truncated or written anew, and the next begins.
extension FollowedFile {
  /// The next generation begins.
  func startAnew() async {
    noteFormerGeneration()
    endGeneration()
    let origin = Origin(path: path, identity: reader.origin.identity)
    reader = LineReader(origin: origin, offset: 0, lead: [], head: FileHead(), maxLineBytes: reader.maxLineBytes)
    lastSeenSize = 0
    seenHead = .none
    hasSaidEnding = false
    hasSaidRead = false
    quietSince = scheduler.clock.now
    await surroundings.noteGenerationEnd()
  }

  private func noteFormerGeneration() {
    guard let place = reader.place, place.offset > 0 else { return }
    let former = FormerGeneration(place: place, beginning: reader.beginning, endedAt: scheduler.clock.wall)
    formerGenerations = formerGenerations.suffix(FormerGeneration.countLimit - 1) + [former]
  }

  /// Gives out the unfinished line, and says which bytes were there and can be read no more.
  func endGeneration() {
    let offset = reader.readOffset
    pending += reader.finish(read: ReadTime(atMilliseconds: scheduler.clock.wall.wholeMilliseconds))
    isGenerationOver = true
    if lastSeenSize > offset, case .file = source { lose(offset..<lastSeenSize) }
  }
}
