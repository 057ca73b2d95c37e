import SystemPackage

extension Store {
  /// What a user is told of an error, and whether it may pass.
  func explained(_ error: any Error, _ what: String) -> StoreError {
    switch error {
    case let error as StoreError: return error
    case let error as Failure: return StoreError(error, isPassing: false)
    case let error as Errno: return StoreError(what, error)
    case let error as SchemaRefusal:
      let help = "move it away, or name another database"
      return StoreError(Failure(what, cause: error.description, help: help), isPassing: false)
    case let error as SQLiteError:
      if error.needsReopening { connection = nil }
      let help = error.isDamage ? "it is left as it is: move it away, or name another database" : nil
      return StoreError(Failure(what, cause: error.description, help: help), isPassing: error.isPassing)
    default: return StoreError(Failure(what, cause: "\(error)"), isPassing: false)
    }
  }
}
