/// Moving the `-wal` while others wait for little.
extension Store {
  /// Runs `body`; if `leaves`, what it commits does not finish with the `-wal`: that takes two fsync(2), or many times
  /// the time of a short commit where much is written.
  func leavingFinishing<Value>(_ leaves: Bool, _ body: () throws -> Value) rethrows -> Value {
    let before = connection
    before?.leavesFinishing = leaves
    defer { before?.leavesFinishing = false }
    return try body()
  }

  /// Finishes with the `-wal` in the place of the next large commit, if it is time: most is moved beside the short ones
  /// that come meanwhile, so that little is left.
  ///
  /// - Throws: `CancellationError`.
  func finishMoving() async throws {
    guard let connection, let mover = connection.moverBeforeFinish else { return }
    try await mover.moveOn()
    if self.connection === connection { connection.finishMoving() }
  }
}
