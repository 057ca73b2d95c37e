/// Names that are taken, without regard to case, and free ones beside them.
struct TakenNames {
  private var names: Set<String>
  /// The last number that was tried with a name: as no name becomes free again, it need not be tried twice.
  private var lastNumbers: [String: Int] = [:]

  init(_ names: some Sequence<String>) { self.names = Set(names.map { $0.nameKey }) }

  mutating func insert(_ name: String) { names.insert(name.nameKey) }

  /// The name, or the name with the first number from 2 on that makes it free; then taken.
  mutating func firstFree(_ name: String) -> String {
    let folded = name.nameKey
    var number = lastNumbers[folded] ?? 0
    var candidate: String
    repeat {
      number += 1
      candidate = number == 1 ? name : "\(name)_\(number)"
    } while !names.insert(candidate.nameKey).inserted
    lastNumbers[folded] = number
    return candidate
  }
}
