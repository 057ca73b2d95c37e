import DequeModule

/// The jobs that can run now, first come first served; with a seed, in an order drawn from it.
///
/// Owner: the scheduler's thread.
struct ReadyQueue {
  private var jobs = Deque<UnownedJob>()
  private var random: SplitMix64?

  init(seed: UInt64?) { random = seed.map(SplitMix64.init(state:)) }

  /// Whether a seed draws the order.
  var isSeeded: Bool { random != nil }
  var isEmpty: Bool { jobs.isEmpty }
  var count: Int { jobs.count }

  mutating func append(_ job: UnownedJob) { jobs.append(job) }

  mutating func popNext() -> UnownedJob? {
    guard jobs.count > 1, random != nil else { return jobs.popFirst() }
    let drawn = Int(random!.next() % UInt64(jobs.count))
    jobs.swapAt(0, drawn)
    return jobs.popFirst()
  }
}

/// A small generator with a written-down state, so that a seed gives the same order on every machine
/// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
