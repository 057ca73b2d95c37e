/// How a figure is written.
enum Unit {
  case seconds, milliseconds, microseconds, megabytes, secondsPerGigabyte, count

  /// `figure`, which is in seconds, bytes or things.
  func text(_ figure: Double) -> String {
    switch self {
    case .seconds: "\(decimal(figure, 3)) s"
    case .milliseconds: "\(decimal(figure * 1e3, 1)) ms"
    case .microseconds: "\(decimal(figure * 1e6, 0)) µs"
    case .megabytes: "\(decimal(figure / 1e6, 1)) MB"
    case .secondsPerGigabyte: "\(decimal(figure, 2)) s/GB"
    case .count: decimal(figure, 0)
    }
  }
}

/// `number` with so many digits behind the point.
func decimal(_ number: Double, _ digits: Int) -> String {
  guard number.isFinite else { return "-" }
  let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
  let whole = Int((number.magnitude * Double(scale)).rounded())
  let sign = number < 0 && whole > 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(whole)" }
  let fraction = String(whole % scale)
  return "\(sign)\(whole / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
}
