/// What was seen in a file while what it was before is read, or a copy of that: generations come, and go before they
/// are read.
struct UnreadGenerations {
  /// How large those were that are over, the oldest first.
  private var sizes: [UInt64] = []
  /// Of the one that is there.
  private var size: UInt64 = 0

  /// How many are over.
  var count: Int { sizes.count }

  /// Whether none was seen.
  var isEmpty: Bool { sizes.isEmpty && size == 0 }

  mutating func note(size: UInt64) {
    if size < self.size { sizes.append(self.size) }
    self.size = size
  }

  /// How large the oldest one was; nil where none is over.
  mutating func popFirst() -> UInt64? { sizes.isEmpty ? nil : sizes.removeFirst() }
}
