/// Where the databases of a stage are, for who reads them beside the agent.
protocol StageDatabases {
  /// nil if there is no file.
  func moment(of path: String) throws -> StoreMoment?

  /// Opens a database for reading. nil if that cannot be.
  func open(_ path: String) -> OpaquePointer?
}

/// A database at some moment. A connection that was opened at another moment may not see what is there.
struct StoreMoment: Equatable {
  /// Which file it is.
  var file: UInt64
  /// On which disk, and after how much was done there; on the kernel a connection sees all that is done.
  var disk = ""
  var operationCount: UInt64 = 0
}
