import Coroutines
import Logging
import SystemPackage

/// Walking through the folders that a pattern leads to.
extension Follower {
  /// A walk through a large tree holds everything else up; so that folders which come and go in it do not fill all time
  /// with walks, one that took longer than ``shortWalk`` is followed by a rest of so many times what it took.
  private static let restFactor = 4
  private static let shortWalk = Duration.milliseconds(10)

  /// Whether a pattern's tree was walked through just now, and took long; then that is done again after the rest. New
  /// names in folders that are known need no walk.
  func isResting(_ pattern: Int) -> Bool {
    guard let end = rests[pattern], !isOnce, starting.isEmpty else { return false }
    let rest = end - scheduler.clock.now
    guard rest > .zero else { return false }
    if walksDue.insert(pattern).inserted {
      scheduler.spawn(name: "walk again", after: rest) { [weak self] in await self?.walkAgain(pattern) }
    }
    return true
  }

  private func walkAgain(_ pattern: Int) async {
    walksDue.remove(pattern)
    rests[pattern] = nil
    guard !isStopped, patterns.contains(pattern) else { return }
    // It is the next try too, where the last one failed.
    retries[.pattern(pattern)]?.routine?.cancel()
    await lookAgain(.pattern(pattern))
  }

  /// - Returns: the names that a pattern selects now, and those that it selected before.
  func walk(_ pattern: Int) throws -> [FilePath] {
    let (glob, start) = (patterns[pattern].glob, scheduler.clock.now)
    var walk = GlobWalk(glob, in: fileSystem, for: .pattern(pattern), watches: watches)
    for _ in 1..<Self.looksInARow where walk.isStale {
      walk = GlobWalk(glob, in: fileSystem, for: .pattern(pattern), watches: watches)
    }
    let elapsed = scheduler.clock.now - start
    rests[pattern] = elapsed > Self.shortWalk ? scheduler.clock.now + elapsed * Self.restFactor : nil
    if walk.isStale { retry(.pattern(pattern)) }
    notePolling(of: pattern, after: walk, isWatched: !walk.troubles.contains { $0.error.isWatchLimit })
    report(walk.troubles, retrying: .pattern(pattern))
    let before = names.filter { $0.value.patterns.contains(pattern) }.keys.sorted { $0.string < $1.string }
    for path in walk.found { claim(path, for: pattern) }
    return walk.found + before
  }
}
