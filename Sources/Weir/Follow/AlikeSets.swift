/// Lets sets that are alike share their memory: thousands of files are selected by the same patterns and read by the
/// same pipelines, one after the other.
struct AlikeSets {
  private var last: Set<Int> = []

  /// - Returns: `set`, in the memory of the one before it where that was the same.
  mutating func shared(_ set: Set<Int>) -> Set<Int> {
    if set != last { last = set }
    return last
  }
}
