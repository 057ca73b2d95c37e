import Coroutines

/// Commits outlive the process at once, and a power cut when they are synced, which is in a moment, or tried again
/// until it works.
extension Store {
  /// Makes what was committed outlive a power cut, if the database is open. Others are served meanwhile.
  func sync() async throws(StoreError) {
    do {
      if owesSync, isInUse { _ = try connected() }
      guard let connection, let mover = try connection.sync() else { return }
      var isDone = false
      defer { connection.noteSynced(isDone) }
      try await mover.sync()
      isDone = true
    } catch {
      throw explained(error, "cannot sync database \(path)")
    }
  }

  /// What was committed and is not synced is so in a moment, once for all that is committed until then.
  func syncSoon() {
    guard !isSyncDue, owesSync || connection?.hasUnsynced == true, let care else { return }
    isSyncDue = true
    care.sync(self)
  }

  /// What was due is synced, or given up. What was committed meanwhile is due now.
  func noteSyncOver(_ isDone: Bool) {
    isSyncDue = false
    if isDone { syncSoon() }
  }
}
