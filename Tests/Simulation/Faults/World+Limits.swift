import Coroutines
import Glibc
import SystemPackage

@testable import Weir

/// What is wrong for the whole of an agent's life.
extension World {
  private static let nfs = FileSystemType(magic: 0x6969)

  /// Of the files as a life of the agent sees them.
  func spoil(_ files: AgentFiles) {
    if setting.has(.descriptors) { files.openLimit = random.number(4...12) }
    if setting.has(.network) { files.type = Self.nfs }
    if setting.has(.pieces) { files.readsInPieces = { [unowned self] in random.once(in: 4) } }
    let losesAll = setting.has(.network) && random.once(in: 2)
    files.onEvents = { [unowned self] events in
      events.queueLimit = setting.queueLimit
      if setting.has(.network) { events.loses = { [unowned self] in losesAll || random.once(in: 2) } }
      if setting.has(.watches) { events.watchLimit = random.number(0...6) }
    }
  }

  /// What a system call of the agent fails with.
  func failure(of call: String) -> SystemError? {
    guard call == "inotify_init1", setting.has(.watches), random.once(in: 3) else { return nil }
    return SystemError(call, code: EMFILE)
  }

  /// Since when what the agent saw may be in its memory alone.
  var memoryStart: Duration {
    var start = clock.now - setting.memorySpan
    // It is looked again after a pause, of half a minute at most; without events every second.
    if setting.has(.reads) || setting.has(.rights) || setting.has(.descriptors) { start -= .seconds(30) }
    if setting.has(.network) || setting.has(.watches) { start -= Follower.pollPause }
    if let since = databases.span(before: clock.now) { start = min(start, since - setting.memorySpan) }
    return start
  }
}
