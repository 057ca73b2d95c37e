/// What a sink holds of deliveries until it is committed. Owned by the sink's committer.
protocol HeldDeliveries: SendableMetatype {
  /// What a transaction is given.
  associatedtype Content: Sendable
  /// What the sink is told of it.
  associatedtype Outcome: Sendable

  /// Whether it should be committed before more is held.
  ///
  /// - Parameter isEager: where others wait for it.
  func isFull(_ isEager: Bool) -> Bool
  /// Whether nothing is held.
  var isEmpty: Bool { get }
  /// Whether it is committed in a moment, as ``Promptness`` has it.
  var isShort: Bool { get }

  /// Of the same kind, and empty.
  func another() -> Self
  /// Holds what a delivery with lines brings.
  mutating func add(_ delivery: Delivery)
  /// Gives out all that is held, and holds nothing then.
  mutating func take() -> Content
  /// Commits what was held by a sink, and the checkpoints given, which cover it, in one transaction.
  ///
  /// - Throws: ``StoreError``.
  static func commit(
    _ content: Content, with kept: [KeptCheckpoint], of sink: String, to store: isolated Store
  ) throws -> Outcome
}

/// Lines, to become a row each: the deliveries themselves, and with them all memory of their batches.
struct HeldLines: HeldDeliveries {
  /// A transaction is in the `-wal` as a whole, and what it is made of in memory, while the next is gathered: in all so
  /// many lines, or bytes of batches, or deliveries, and what came with the last.
  static let fullLines = 20_000
  static let fullBytes = 3 << 20
  static let fullDeliveries = 5000

  private var deliveries: [Delivery] = []
  private var lineCount = 0
  private var byteCount = 0

  func isFull(_ isEager: Bool) -> Bool {
    lineCount >= (isEager ? CommitPace.eagerRows : Self.fullLines)
      || byteCount >= Self.fullBytes || deliveries.count >= Self.fullDeliveries
  }
  var isEmpty: Bool { deliveries.isEmpty }
  var isShort: Bool { lineCount <= Promptness.rows && byteCount <= Promptness.bytes }

  func another() -> HeldLines { HeldLines() }

  mutating func add(_ delivery: Delivery) {
    lineCount += delivery.selection.lines.count
    // Of one batch come deliveries of many pipelines, one behind the other.
    if deliveries.last?.batch.shares(with: delivery.batch) != true { byteCount += delivery.batch.blockByteCount }
    deliveries.append(delivery)
  }

  mutating func take() -> [Delivery] {
    defer { self = HeldLines() }
    return deliveries
  }

  /// - Returns: how many lines were refused.
  static func commit(
    _ content: [Delivery], with kept: [KeptCheckpoint], of sink: String, to store: isolated Store
  ) throws -> Int {
    try store.write(content, sink: sink, covering: kept)
  }
}

/// Counts, to be added to those of a store: a row for each label set, however many lines there were.
struct HeldCounts: HeldDeliveries {
  /// So many rows are held at most, or bytes of labels, and what came with the last delivery.
  static let fullRows = 10_000
  static let fullBytes = 3 << 20

  private struct Key: Hashable {
    let pipeline: ByteText
    let window: Int64
    let labels: ByteText
  }

  private let labelCount: LabelCount
  private var rows: [CountRow] = []
  private var byteCount = 0
  private var places: [Key: Int] = [:]

  /// - Parameter options: by what lines are told apart.
  init(_ options: CounterRecipe) { self.init(LabelCount(options)) }

  private init(_ labelCount: LabelCount) { self.labelCount = labelCount }

  func isFull(_ isEager: Bool) -> Bool {
    rows.count >= (isEager ? CommitPace.eagerRows : Self.fullRows) || byteCount >= Self.fullBytes
  }
  var isEmpty: Bool { rows.isEmpty }
  var isShort: Bool { rows.count <= Promptness.rows && byteCount <= Promptness.bytes }

  func another() -> HeldCounts { HeldCounts(labelCount) }

  mutating func add(_ delivery: Delivery) {
    for row in labelCount.rows(of: delivery) {
      let key = Key(
        pipeline: ByteText(row.pipeline), window: row.windowMilliseconds, labels: ByteText(row.labels))
      if let place = places[key] {
        rows[place].value += row.value
      } else {
        places[key] = rows.count
        rows.append(row)
        byteCount += row.labels.utf8.count
      }
    }
  }

  mutating func take() -> [CountRow] {
    defer {
      rows = []
      byteCount = 0
      places.removeAll(keepingCapacity: true)
    }
    return rows
  }

  /// - Returns: the rows.
  static func commit(
    _ content: [CountRow], with kept: [KeptCheckpoint], of sink: String, to store: isolated Store
  ) throws -> [CountRow] {
    try store.count(content, counter: sink, with: kept)
    return content
  }
}
