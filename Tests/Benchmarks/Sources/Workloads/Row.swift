/// A figure of weir, beside one of a reference, where there is one.
struct Row {
  let workload: String
  let figure: String
  let unit: Unit
  /// Of each round.
  let weir: [Double]
  var reference: (name: String, figures: [Double])?
  let goal: Goal

  init(
    _ workload: String, _ figure: String, _ unit: Unit, _ weir: [Double],
    beside reference: (name: String, figures: [Double])? = nil, goal: Goal
  ) {
    self.workload = workload
    self.figure = figure
    self.unit = unit
    self.weir = weir
    self.reference = reference
    self.goal = goal
  }

  /// The median of what the rounds gave, as each of them had its own disturbances.
  private var ratio: Double { median(zip(weir, reference?.figures ?? []).map { $0 / $1 }) }

  var isHeld: Bool {
    goal.isHeld(weir: median(weir), reference: median(reference?.figures ?? []), ratio: ratio)
  }

  var hasGoal: Bool { if case .none = goal { false } else { true } }

  var cells: [String] {
    let beside = reference.map { "\($0.name) \(unit.text(median($0.figures)))" } ?? ""
    let verdict = !hasGoal ? "" : isHeld ? "held" : "missed"
    let ratio = reference == nil ? "" : decimal(ratio, 2)
    return [workload, figure, unit.text(median(weir)), beside, ratio, goal.text(in: unit), verdict]
  }
}

func median(_ figures: [Double]) -> Double {
  let sorted = figures.sorted()
  guard !sorted.isEmpty else { return .nan }
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
