/// What the figures have to be.
struct Goals {
  let table: Table
  let memory: [Memory: Int]

  /// A sentence for each that is missed.
  var missed: [String] {
    let send = table.median(of: .send)
    let asyncChannel = table.median(of: .asyncChannel)
    let timing = table.median(of: .wallTiming)
    let goals: [(isMet: Bool, otherwise: String)] = [
      (send < asyncChannel, "A send takes \(whole(send)) ns; an AsyncChannel's element \(whole(asyncChannel)) ns."),
      (timing < 100, "A measurement of wall time takes \(whole(timing)) ns; the goal is less than 100 ns."),
      (memory[.coroutines]! < 2048, "A coroutine takes \(memory[.coroutines]!) bytes; the goal is less than 2048."),
      (memory[.growth]! < 4 << 20, "A million coroutines leave \(megabytes) MB behind; the goal is less than 4 MB."),
    ]
    return goals.filter { !$0.isMet }.map(\.otherwise)
  }

  /// How a `send` stands to a figure that depends on the machine; to miss it is no failure.
  var remark: String {
    let (send, floor) = (table.median(of: .send), table.median(of: .floor))
    let standing =
      send < 150 ? "met" : "missed: \(whole(send)) ns; the runtime's own suspend and resume takes \(whole(floor)) ns"
    return "`send` to a waiting receiver under 150 ns: \(standing)"
  }

  /// The figures of memory.
  var memoryLines: [String] {
    [
      "a million coroutines, created, used and dropped: \(megabytes) MB more (goal: less than 4)",
      "\(Memory.aliveCount) coroutines alive: \(memory[.coroutines]!) bytes each (goal: less than 2048)",
      "\(Memory.aliveCount) generators alive, each asked once: \(memory[.generators]!) bytes each",
    ]
  }

  private var megabytes: Double { (Double(memory[.growth]!) / Double(1 << 20) * 100).rounded() / 100 }
}
