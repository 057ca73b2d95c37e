/// Writes `gap`, `timing` and `reject`: what was not delivered, how long it took, what was refused.
final class LedgerTables {
  /// Rows of `timing` are kept this long: enough to compare months, and bounded.
  static let timingDaysKept: Int64 = 90
  /// Of a refused line, at most this much is kept: it may have been refused for its size.
  static let rejectedLineBytes = 64 << 10

  private let addGap: Statement
  private let addTiming: Statement
  private let dropTimings: Statement
  private let addReject: Statement

  init(_ database: Database) throws(SQLiteError) {
    addGap = try database.prepare(
      """
      INSERT INTO gap(time, pipeline, file, device, inode, first, last, reason, once)
      VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)
      ON CONFLICT DO NOTHING
      """)
    // Two agents one after the other may share a minute: of figures that cannot be added the worse one stays.
    addTiming = try database.prepare(
      """
      INSERT INTO timing(minute, pipeline, stage, batches, p50_us, p99_us, max_us) VALUES(?1,?2,?3,?4,?5,?6,?7)
      ON CONFLICT(minute, pipeline, stage) DO UPDATE SET batches = batches + excluded.batches,
        p50_us = max(p50_us, excluded.p50_us), p99_us = max(p99_us, excluded.p99_us),
        max_us = max(max_us, excluded.max_us)
      """)
    dropTimings = try database.prepare("DELETE FROM timing WHERE minute < ?1")
    addReject = try database.prepare(
      "INSERT INTO reject(time, pipeline, file, offset, line, error) VALUES(?1,?2,?3,?4,?5,?6)")
  }

  /// Records a gap, once however often it is reported. The same range of a file may be lost time and again.
  func add(_ gap: Gap, pipeline: Int64, file: Int64, atMilliseconds time: Int64) throws(SQLiteError) {
    try addGap.bind(time, at: 1)
    try addGap.bind(pipeline, at: 2)
    try addGap.bind(file, at: 3)
    try addGap.bind(Int64(bitPattern: gap.origin.identity?.device ?? 0), at: 4)
    try addGap.bind(Int64(bitPattern: gap.origin.identity?.inode ?? 0), at: 5)
    try addGap.bind(Int64(bitPattern: gap.first), at: 6)
    try addGap.bind(Int64(bitPattern: gap.last), at: 7)
    try addGap.bind(gap.reason.rawValue, at: 8)
    try addGap.bind(gap.isToldOnce ? time : 0, at: 9)
    try addGap.run()
  }

  /// Records the figures of a minute and stage.
  func add(_ row: TimingRow, pipeline: Int64) throws(SQLiteError) {
    try addTiming.bind(row.minuteMilliseconds, at: 1)
    try addTiming.bind(pipeline, at: 2)
    try addTiming.bind(row.stage, at: 3)
    try addTiming.bind(row.batches, at: 4)
    try addTiming.bind(row.p50Microseconds, at: 5)
    try addTiming.bind(row.p99Microseconds, at: 6)
    try addTiming.bind(row.maxMicroseconds, at: 7)
    try addTiming.run()
  }

  /// Deletes figures that are older than ``timingDaysKept`` before `minute`.
  func dropTimings(before minute: Int64) throws(SQLiteError) {
    try dropTimings.bind(minute - Self.timingDaysKept * 86_400_000, at: 1)
    try dropTimings.run()
  }

  /// Records a line that `match` refused.
  func reject(
    line index: Int, of delivery: Delivery, pipeline: Int64, file: Int64, error: SQLiteError
  ) throws(SQLiteError) {
    let line = delivery.selection.lines[index]
    let text = delivery.batch.withBytes { bytes in
      String(decoding: bytes.part(line.start, line.end).prefix(Self.rejectedLineBytes), as: UTF8.self)
    }
    try addReject.bind(delivery.batch.readAtMilliseconds, at: 1)
    try addReject.bind(pipeline, at: 2)
    try addReject.bind(file, at: 3)
    try addReject.bind(Int64(bitPattern: delivery.batch.start &+ UInt64(line.start)), at: 4)
    try addReject.bind(text, at: 5)
    try addReject.bind(error.description, at: 6)
    try addReject.run()
  }
}

extension Gap {
  /// Whether nobody comes upon it again. What is read again is met again.
  fileprivate var isToldOnce: Bool {
    switch reason {
    case .tooLong, .unreadable, .hole: false
    case .truncated, .lostInRotation, .replaced: !mayBeFoundAgain
    }
  }
}
