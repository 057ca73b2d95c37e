import SystemPackage

/// The numbers under which a store keeps pipelines and files.
///
/// Remembers them; a number that a rolled-back transaction gave out has to be forgotten (``forget()``).
final class NameTable {
  /// Remembered files, at most: more than are followed at a time. Beyond it all are looked up anew.
  static let rememberedFilesLimit = 16_384

  private let database: Database
  private let findPipeline: Statement
  private let addPipeline: Statement
  private let findFile: Statement
  private let addFile: Statement
  private var pipelines: [ByteText: Int64] = [:]
  private var files: [FilePath: Int64] = [:]

  init(_ database: Database) throws(SQLiteError) {
    self.database = database
    findPipeline = try database.prepare("SELECT id FROM pipeline WHERE name = ?1")
    addPipeline = try database.prepare("INSERT INTO pipeline(name) VALUES(?1)")
    findFile = try database.prepare("SELECT id FROM file WHERE path = ?1 AND raw = ?2")
    addFile = try database.prepare("INSERT INTO file(path, raw) VALUES(?1, ?2)")
  }

  /// The number of the pipeline of that name; nil if it has none yet.
  func knownPipeline(_ name: String) throws(SQLiteError) -> Int64? {
    if let id = pipelines[ByteText(name)] { return id }
    try findPipeline.bind(name, at: 1)
    defer { findPipeline.reset() }
    guard try findPipeline.step() else { return nil }
    let id = findPipeline.integer(0)
    pipelines[ByteText(name)] = id
    return id
  }

  /// The number of the pipeline of that name, given out now if need be. Within a transaction.
  func pipeline(_ name: String) throws(SQLiteError) -> Int64 {
    if let id = try knownPipeline(name) { return id }
    try addPipeline.bind(name, at: 1)
    try addPipeline.run()
    let id = database.lastInsertedID
    pipelines[ByteText(name)] = id
    return id
  }

  /// The number of the file of that path, given out now if need be. Within a transaction.
  func file(_ path: FilePath) throws(SQLiteError) -> Int64 {
    if let id = files[path] { return id }
    let (text, raw) = Self.columns(of: path)
    try findFile.bind(text, at: 1)
    try findFile.bind(copying: raw, at: 2)
    defer { findFile.reset() }
    let id: Int64
    if try findFile.step() {
      id = findFile.integer(0)
    } else {
      try addFile.bind(text, at: 1)
      try addFile.bind(copying: raw, at: 2)
      try addFile.run()
      id = database.lastInsertedID
    }
    if files.count >= Self.rememberedFilesLimit { files.removeAll() }
    files[path] = id
    return id
  }

  /// Forgets what it remembers, after a rollback.
  func forget() {
    pipelines.removeAll()
    files.removeAll()
  }

  /// A path as `file` has it: as text, and whole where it is not UTF-8.
  static func columns(of path: FilePath) -> (text: String, raw: [UInt8]) {
    path.withPlatformString { start in
      let bytes = UnsafeRawBufferPointer(start: start, count: path.length)
      let text = String(decoding: bytes, as: UTF8.self)
      return (text, UTF8Text.isValid(bytes) ? [] : Array(bytes))
    }
  }

  /// The path of a row of `file`.
  static func path(text: String, raw: [UInt8]) -> FilePath {
    raw.isEmpty ? FilePath(text) : FilePath(platformString: raw.map { CChar(bitPattern: $0) } + [0])
  }
}
