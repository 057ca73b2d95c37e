/// Deletes checkpoints that nobody needs any more: of a sink that was taken from a pipeline, of a pipeline that was
/// taken from the config, of a file that is gone for good. None of a file that is followed.
///
/// What counts is for how long weir ran without that file: a machine that was off for a summer forgets nothing. So the
/// ages of all are set back by the time that nobody touched any, and what is followed is touched again, at least each
/// time before anything is deleted. A file that comes back after its checkpoint went is read as any file that appears.
struct CheckpointExpiry {
  /// Longer than a file system is missing, a sink is taken out of a config to be repaired, or logrotate keeps copies of
  /// which a rest may be unread, with a month as the usual longest. A row is about 200 bytes.
  static let daysKept: Int64 = 30
  /// How often old ones are looked for, at most: the exact day does not matter.
  static let interval = Duration.seconds(86_400)
  /// A pause in which nothing was touched counts as such when it is longer; milliseconds.
  static let shortestPause: Int64 = 86_400_000

  let database: Database
  /// Milliseconds since 1970.
  let now: Int64

  /// When the newest was touched; nil where there is none, or none of which that is known.
  static func newest(in database: Database) throws(SQLiteError) -> Int64? {
    try database.integer("SELECT max(touched) FROM checkpoint WHERE touched > 0")
  }

  /// Leaves the time in which nobody touched any out of the ages.
  ///
  /// - Parameter newest: when the newest was touched before that.
  func leaveOut(pauseAfter newest: Int64) throws(SQLiteError) {
    let pause = now - newest
    guard pause > Self.shortestPause else { return }
    try database.execute("UPDATE checkpoint SET touched = touched + \(pause) WHERE touched BETWEEN 1 AND \(newest)")
  }

  /// The clock was set by `step` milliseconds: the ages stay what they are, and nothing is of the future. A machine
  /// without a clock of its own starts decades ago, and is told the time while weir runs.
  func set(by step: Int64) throws(SQLiteError) {
    try database.execute("UPDATE checkpoint SET touched = max(1, min(\(now), touched + (\(step)))) WHERE touched > 0")
  }

  /// Touches the checkpoints of what is followed.
  func touch(_ followed: some Sequence<StoreMemory.Place>, names: NameTable) throws(SQLiteError) {
    let touch = try database.prepare(
      "UPDATE checkpoint SET touched = ?1 WHERE sink = ?2 AND pipeline = ?3 AND device = ?4 AND inode = ?5")
    try touch.bind(now, at: 1)
    for place in followed {
      guard let pipeline = try names.knownPipeline(place.pipeline) else { continue }
      try touch.bind(place.sink, at: 2)
      try touch.bind(pipeline, at: 3)
      try touch.bind(Int64(bitPattern: place.identity.device), at: 4)
      try touch.bind(Int64(bitPattern: place.identity.inode), at: 5)
      try touch.run()
    }
  }

  /// Deletes what nobody has touched for ``daysKept``; what was there before ages were written begins to age now.
  ///
  /// - Returns: how many.
  func deleteOld() throws(SQLiteError) -> Int {
    try database.execute("UPDATE checkpoint SET touched = \(now) WHERE touched = 0")
    try database.execute("DELETE FROM checkpoint WHERE touched < \(now - Self.daysKept * 86_400_000)")
    let count = database.changedRows
    if count == 0 { return 0 }
    // What they were before goes with them.
    try database.execute(
      """
      DELETE FROM checkpoint_former AS f WHERE NOT EXISTS (SELECT 1 FROM checkpoint AS c
        WHERE c.sink = f.sink AND c.pipeline = f.pipeline AND c.device = f.device AND c.inode = f.inode)
      """)
    return count
  }
}
