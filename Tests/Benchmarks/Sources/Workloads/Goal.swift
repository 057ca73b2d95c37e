/// What a figure has to be.
enum Goal {
  /// At most so many times the reference.
  case times(Double)
  /// At most so much more than the reference.
  case more(Double)
  /// At most this.
  case atMost(Double)
  /// Nothing: a peer that stands beside it.
  case none

  func isHeld(weir: Double, reference: Double, ratio: Double) -> Bool {
    switch self {
    case .times(let limit): ratio <= limit
    case .more(let limit): weir - reference <= limit
    case .atMost(let limit): weir <= limit
    case .none: true
    }
  }

  func text(in unit: Unit) -> String {
    switch self {
    case .times(let limit): "≤ \(decimal(limit, 2)) ×"
    case .more(let limit): "≤ \(unit.text(limit)) more"
    case .atMost(let limit): "≤ \(unit.text(limit))"
    case .none: ""
    }
  }
}
