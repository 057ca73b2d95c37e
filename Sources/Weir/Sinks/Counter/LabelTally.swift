import Glibc

/// Counts lines by labels, without an allocation for labels that were seen before.
///
/// A hash table over the labels' bytes, which lie one behind the other in `text`. Owned by one thread.
final class LabelTally {
  private struct Entry {
    let text: Range<Int>
    /// The entry before this one with the same hash; -1 for none.
    let next: Int
    var count: Int
  }

  private var entries: [Entry] = []
  private var newest: [UInt64: Int] = [:]
  private let text = Scratch()

  /// How many different labels were counted.
  var count: Int { entries.count }

  /// Adds `lines` to what is counted under `labels`.
  func add(_ lines: Int, under labels: UnsafeRawBufferPointer) {
    let hash = Fingerprint(of: labels).hash
    let head = newest[hash] ?? -1
    var place = head
    while place >= 0 {
      if holds(place, labels) {
        entries[place].count += lines
        return
      }
      place = entries[place].next
    }
    newest[hash] = entries.count
    let start = text.count
    text.append(labels)
    entries.append(Entry(text: start..<text.count, next: head, count: lines))
  }

  /// Each label set with its count, in order of appearance.
  func forEach(_ body: (_ labels: String, _ count: Int) -> Void) {
    for entry in entries { body(String(decoding: text.bytes[entry.text], as: UTF8.self), entry.count) }
  }

  func removeAll() {
    entries.removeAll(keepingCapacity: true)
    newest.removeAll(keepingCapacity: true)
    text.removeAll()
  }

  private func holds(_ place: Int, _ labels: UnsafeRawBufferPointer) -> Bool {
    let held = UnsafeRawBufferPointer(rebasing: text.bytes[entries[place].text])
    guard held.count == labels.count, let one = held.baseAddress, let other = labels.baseAddress else { return false }
    return memcmp(one, other, held.count) == 0
  }
}
