import Coroutines

/// The sink `counter`: counts lines, by fields and by windows of time.
public struct CounterRecipe: SinkRecipe, Equatable {
  /// No shorter window: its start is shown in milliseconds, and a row is kept for each.
  public static let shortestWindow = Duration.seconds(1)

  /// Fields by whose values lines are told apart.
  public var by: [String]
  /// How long a window is, the first beginning at 1970-01-01T00:00:00Z; nil: one count of all time.
  public var every: Duration?

  /// A counter with these options.
  public init(by: [String] = [], every: Duration? = nil) {
    self.by = by
    self.every = every
  }

  public var summary: String {
    let words = ["counter"] + (by.isEmpty ? [] : ["by " + by.joined(separator: ", ")])
    return (words + (every.map { ["every \(Self.text(of: $0))"] } ?? [])).joined(separator: " ")
  }

  /// As a config has it, in the largest unit that is exact: `90s`, `1m`.
  private static func text(of duration: Duration) -> String {
    let milliseconds = duration.wholeMilliseconds
    let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
    let unit = units.first { milliseconds % $0.1 == 0 } ?? ("ms", 1)
    return "\(milliseconds / unit.1)\(unit.0)"
  }

  public var requiredFields: [String] { by }

  public func make(in surroundings: SinkSurroundings) throws -> any Sink {
    CounterSink(in: surroundings, options: self)
  }
}

extension SinkKind {
  /// `counter`, `counter: { by: [ip], every: 1m }`
  public static let counter = SinkKind(name: "counter") { options in
    let by = options.texts("by")
    if Set(by).count < by.count { options.problem(at: "by", "a field is named twice") }
    let every = options.duration("every")
    if let every, every < CounterRecipe.shortestWindow {
      options.problem(at: "every", "a window of a counter is 1s at least")
    }
    return CounterRecipe(by: by, every: every)
  }
}
