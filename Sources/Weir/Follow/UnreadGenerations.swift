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

  /// How large the one was of which a copy was made, the oldest copy first; 0 where it was not seen, as there are more
  /// copies than were seen, and this one has less than the next.
  ///
  /// - Parameters:
  ///   - size: of the copy; nil: not known.
  ///   - copiesLeft: how many there are, with this one.
  mutating func takeSize(ofCopyOf size: UInt64?, copiesLeft: Int) -> UInt64 {
    if copiesLeft > count, let size, let seen = sizes.first, size < seen { return 0 }
    return popFirst() ?? 0
  }

  /// How large the oldest one was; nil where none is over.
  mutating func popFirst() -> UInt64? { sizes.isEmpty ? nil : sizes.removeFirst() }
}
