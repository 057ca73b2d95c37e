import SystemPackage

/// Reads and writes rows of `checkpoint`: how far each sink has taken each file of each pipeline.
final class CheckpointTable {
  private let put: Statement
  private let find: Statement
  private let findOne: Statement
  private let findFormer: Statement

  init(_ database: Database) throws(SQLiteError) {
    put = try database.prepare(
      """
      INSERT INTO checkpoint(sink, pipeline, device, inode, file, head_bytes, head_hash, offset, marker_bytes,
        marker_hash, touched, done, read) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      ON CONFLICT(sink, pipeline, device, inode) DO UPDATE SET file = excluded.file,
        head_bytes = excluded.head_bytes, head_hash = excluded.head_hash, offset = excluded.offset,
        marker_bytes = excluded.marker_bytes, marker_hash = excluded.marker_hash, touched = excluded.touched,
        done = excluded.done, read = excluded.read
      """)
    let select = """
      SELECT f.path, f.raw, c.device, c.inode, c.head_bytes, c.head_hash, c.offset, c.marker_bytes, c.marker_hash,
        c.done, c.read
      FROM checkpoint AS c CROSS JOIN file AS f ON f.id = c.file WHERE c.sink = ?1 AND c.pipeline = ?2
      """
    find = try database.prepare(select)
    findOne = try database.prepare(select + " AND c.device = ?3 AND c.inode = ?4")
    findFormer = try database.prepare(
      """
      SELECT f.path, f.raw, c.device, c.inode, c.head_bytes, c.head_hash, c.offset, c.marker_bytes, c.marker_hash,
        1, c.read, c.ended
      FROM checkpoint_former AS c CROSS JOIN file AS f ON f.id = c.file
      WHERE c.sink = ?1 AND c.pipeline = ?2 ORDER BY c.id
      """)
  }

  /// Sets the checkpoint of a sink for the file that `checkpoint` is of.
  ///
  /// - Parameter time: now, in milliseconds since 1970.
  func put(
    _ checkpoint: Checkpoint, sink: String, pipeline: Int64, file: Int64, atMilliseconds time: Int64
  ) throws(SQLiteError) {
    try put.bind(sink, at: 1)
    try put.bind(pipeline, at: 2)
    try put.bind(Int64(bitPattern: checkpoint.identity.device), at: 3)
    try put.bind(Int64(bitPattern: checkpoint.identity.inode), at: 4)
    try put.bind(file, at: 5)
    try put.bind(Int64(checkpoint.head.byteCount), at: 6)
    try put.bind(Int64(bitPattern: checkpoint.head.hash), at: 7)
    try put.bind(Int64(bitPattern: checkpoint.offset), at: 8)
    try put.bind(Int64(checkpoint.marker.byteCount), at: 9)
    try put.bind(Int64(bitPattern: checkpoint.marker.hash), at: 10)
    try put.bind(time, at: 11)
    try put.bind(checkpoint.isDone ? 1 : 0, at: 12)
    try put.bind(checkpoint.readAtMilliseconds, at: 13)
    try put.run()
  }

  /// All checkpoints of a sink in a pipeline.
  func all(sink: String, pipeline: Int64) throws(SQLiteError) -> [Checkpoint] {
    try find.bind(sink, at: 1)
    try find.bind(pipeline, at: 2)
    defer { find.reset() }
    var found: [Checkpoint] = []
    while try find.step() { found.append(Self.checkpoint(find)) }
    return found
  }

  /// What checkpoints of a sink in a pipeline were before, the oldest first.
  func former(sink: String, pipeline: Int64) throws(SQLiteError) -> [FormerCheckpoint] {
    try findFormer.bind(sink, at: 1)
    try findFormer.bind(pipeline, at: 2)
    defer { findFormer.reset() }
    var found: [FormerCheckpoint] = []
    while try findFormer.step() {
      found.append(
        FormerCheckpoint(checkpoint: Self.checkpoint(findFormer), endedAtMilliseconds: findFormer.integer(11)))
    }
    return found
  }

  /// The checkpoint of a sink for one file of a pipeline.
  func one(sink: String, pipeline: Int64, identity: FileIdentity) throws(SQLiteError) -> Checkpoint? {
    try findOne.bind(sink, at: 1)
    try findOne.bind(pipeline, at: 2)
    try findOne.bind(Int64(bitPattern: identity.device), at: 3)
    try findOne.bind(Int64(bitPattern: identity.inode), at: 4)
    defer { findOne.reset() }
    return try findOne.step() ? Self.checkpoint(findOne) : nil
  }

  private static func checkpoint(_ row: Statement) -> Checkpoint {
    func unsigned(_ column: Int32) -> UInt64 { UInt64(bitPattern: row.integer(column)) }
    var checkpoint = Checkpoint(
      path: NameTable.path(text: row.text(0), raw: row.bytes(1)),
      identity: FileIdentity(device: unsigned(2), inode: unsigned(3)),
      head: Fingerprint(byteCount: Int(row.integer(4)), hash: unsigned(5)), offset: unsigned(6),
      marker: Fingerprint(byteCount: Int(row.integer(7)), hash: unsigned(8)), isDone: row.integer(9) != 0)
    checkpoint.readAtMilliseconds = row.integer(10)
    return checkpoint
  }
}
