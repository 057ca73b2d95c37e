/// What a counter has counted since the agent started, as metrics show it.
struct CountTotals {
  /// Label sets held in memory, at most, all pipelines together: the rest is summed up. The store has all.
  static let labelSetsLimit = 10_000
  /// Bytes of their labels, at most: who writes the log decides how long a label is.
  static let labelBytesLimit = 4 << 20

  /// A pipeline and labels as JSON.
  struct Key: Hashable {
    let pipeline: ByteText
    let labels: ByteText
  }

  /// By pipeline and labels.
  private(set) var values: [Key: Int64] = [:]
  /// Lines beyond ``labelSetsLimit`` and ``labelBytesLimit``.
  private(set) var other: Int64 = 0
  private var labelBytes = 0
  /// All lines.
  private(set) var sum: Int64 = 0

  /// Adds what was counted.
  ///
  /// - Returns: whether this was the first that found no place.
  mutating func add(_ rows: [CountRow]) -> Bool {
    let hadPlace = other == 0
    for row in rows {
      sum += row.value
      let key = Key(pipeline: ByteText(row.pipeline), labels: ByteText(row.labels))
      if let value = values[key] {
        values[key] = value + row.value
      } else if values.count < Self.labelSetsLimit, labelBytes + row.labels.utf8.count <= Self.labelBytesLimit {
        values[key] = row.value
        labelBytes += row.labels.utf8.count
      } else {
        other += row.value
      }
    }
    return hadPlace && other > 0
  }
}
