import SystemPackage

/// Why a store did not do what it was asked.
public struct StoreError: Error, CustomStringConvertible, Sendable {
  /// What a user is told.
  public let failure: Failure
  /// Whether the same request may work later: locked, full, not there. What was asked for was not done, not
  /// even in part.
  public let isPassing: Bool
  /// Whether it works only after a person has mended something: made a folder, given rights, mounted a disk.
  let needsPerson: Bool

  package init(_ failure: Failure, isPassing: Bool) { self.init(failure, isPassing: isPassing, needsPerson: false) }

  init(_ failure: Failure, isPassing: Bool, needsPerson: Bool) {
    self.failure = failure
    self.isPassing = isPassing
    self.needsPerson = needsPerson
  }

  init(_ what: String, _ error: SQLiteError) {
    self.init(
      Failure(what, cause: error.description), isPassing: error.isPassing, needsPerson: error.needsPerson)
  }

  /// What the file system refused.
  init(_ what: String, _ error: Errno) {
    let help = error == .noSuchFileOrDirectory ? "its folder is missing" : nil
    self.init(
      Failure(what, cause: error.description, help: help), isPassing: Self.passing.contains(error),
      needsPerson: error == .noSuchFileOrDirectory || error == .readOnlyFileSystem)
  }

  /// The same for who does not wait for a person.
  var withoutWaiting: StoreError {
    StoreError(failure, isPassing: isPassing && !needsPerson, needsPerson: needsPerson)
  }

  /// What may pass without a person's help.
  private static let passing: Set<Errno> = [
    .noSuchFileOrDirectory, .noSpace, .diskQuotaExceeded, .ioError, .noMemory, .tooManyOpenFiles,
    .tooManyOpenFilesInSystem, .readOnlyFileSystem, .interrupted, .staleNFSFileHandle,
  ]

  public var description: String { failure.description }
}
