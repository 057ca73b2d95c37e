/// Why a store did not do what it was asked.
public struct StoreError: Error, CustomStringConvertible, Sendable {
  /// What a user is told.
  public let failure: Failure
  /// Whether the same request may work later: locked, full, not there. What was asked for was not done, not
  /// even in part.
  public let isPassing: Bool

  init(_ failure: Failure, isPassing: Bool) {
    self.failure = failure
    self.isPassing = isPassing
  }

  init(_ what: String, _ error: SQLiteError) {
    self.init(Failure(what, cause: error.description), isPassing: error.isPassing)
  }

  public var description: String { failure.description }
}
