import Logging
import SimulatedDisk
import SystemPackage

@testable import Weir

/// One file that is stored through many ends of the process, on a disk that fails. After each end, what the database
/// has must be the lines of the first so many transactions, and the checkpoint theirs.
struct StoreLives {
  /// What is found at the end of a life.
  struct Trouble: Error, CustomStringConvertible {
    let description: String
  }

  static let path: FilePath = "/var/lib/weir/weir.db"
  static let label = PipelineLabel(name: "p", fields: [])
  static let lineBytes = 200

  /// A disk with a database that is ready: made once, copied for each seed.
  static let prepared: SimulatedDisk = {
    let disk = SimulatedDisk()
    do {
      _ = try open(on: disk).database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    } catch {
      preconditionFailure("\(error)")
    }
    return disk
  }()

  /// Writes the checkpoint of a batch in a transaction of its own: the fault that the tests have to find.
  var splitsTransactions = false
  /// Has SQLite leave out its syncs: another fault that they have to find.
  var leavesOutSyncs = false
  private var random: Dice
  private var disk: SimulatedDisk
  /// Lines that were committed for sure, and counts of lines after each transaction that was begun.
  private var committed = 0
  private var boundaries: Set<Int> = [0]

  init(seed: UInt64) {
    random = Dice(seed: seed)
    disk = SimulatedDisk(cloning: Self.prepared, seed: seed)
  }

  /// Opens a database without a store, that the size of its caches can be chosen.
  static func open(on disk: SimulatedDisk) throws -> StoreConnection {
    _ = try disk.create(path)
    guard let identity = try disk.identity(path) else { throw Trouble(description: "no file") }
    return try StoreConnection(opening: path, on: disk, identity: identity, schema: .current)
  }

  /// Lives that end by a power cut (or, now and then, by a kill), each going on where the one before ended.
  mutating func run(lives: Int) throws {
    for _ in 0..<lives {
      disk.halt(atOperation: UInt64.random(in: 1...400, using: &random))
      var begun = committed
      do {
        try live(&begun)
      } catch {
        guard disk.isHalted else { throw error }
      }
      let isKill = Int.random(in: 0..<4, using: &random) == 0
      disk = isKill ? disk.crash() : disk.powerCut(seed: random.next())
      try check(least: isKill ? committed : 0)
    }
  }

  private mutating func live(_ begun: inout Int) throws {
    let connection = try Self.open(on: disk)
    connection.pace.limit = Int.random(in: 2...30, using: &random)
    try connection.database.execute(
      """
      PRAGMA cache_size=\(Int.random(in: 1...50, using: &random));
      \(leavesOutSyncs ? "PRAGMA synchronous=OFF" : "")
      """)
    while true {
      let file = FakeFile("/var/log/app.log", at: UInt64(begun * Self.lineBytes))
      let count = Int.random(in: 1...40, using: &random)
      let delivery = file.delivery(Self.label, (begun..<begun + count).map { (Self.line($0), []) })
      begun += count
      boundaries.insert(begun)
      try write(delivery, on: connection)
      committed = begun
    }
  }

  private func write(_ delivery: Delivery, on connection: StoreConnection) throws {
    try connection.transaction {
      try connection.matches.insert(
        delivery, pipeline: connection.names.pipeline("p"), file: connection.names.file("/var/log/app.log")
      ) { (_, error) throws(SQLiteError) in throw error }
      if !splitsTransactions { try connection.put(Self.kept(delivery)) }
    }
    if splitsTransactions { try connection.transaction { try connection.put(Self.kept(delivery)) } }
  }

  private static func kept(_ delivery: Delivery) -> KeptCheckpoint {
    KeptCheckpoint(sink: "s", pipeline: "p", checkpoint: delivery.batch.checkpoint!)
  }

  /// Line number `number`, LF not counted in.
  private static func line(_ number: Int) -> [UInt8] {
    let text = Array("line \(number) ".utf8)
    return text + [UInt8](repeating: UInt8(ascii: "x"), count: lineBytes - 1 - text.count)
  }

  private mutating func check(least: Int) throws {
    let sound = try disk.rows("PRAGMA integrity_check", of: Self.path)
    guard sound == [["ok"]] else { throw Trouble(description: "not sound: \(sound)") }
    let found = try disk.rows(
      """
      SELECT count(*), count(DISTINCT offset), ifnull(max(offset) / \(Self.lineBytes) + 1, 0),
        (SELECT ifnull(max(offset), 0) / \(Self.lineBytes) FROM checkpoint),
        sum(line NOT LIKE 'line ' || (offset / \(Self.lineBytes)) || ' x%') FROM match
      """, of: Self.path)[0]
    guard Set(found[0..<4]).count == 1, ["0", "NULL"].contains(found[4]), let count = Int(found[0]) else {
      throw Trouble(description: "rows, different, last, checkpoint, wrong: \(found)")
    }
    guard boundaries.contains(count), count >= least else {
      throw Trouble(description: "\(count) lines are not whole transactions, or fewer than \(least)")
    }
    committed = count
    boundaries = boundaries.filter { $0 <= count }
  }
}
