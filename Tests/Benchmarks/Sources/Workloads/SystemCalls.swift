/// What `strace -c` counted.
struct SystemCalls {
  private(set) var counts: [String: Double] = [:]

  var total: Double { counts.values.reduce(0, +) }

  /// - Parameter summary: lines of `% time`, seconds, microseconds a call, calls, perhaps errors, and the name.
  init(summary: String) {
    for line in summary.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count >= 5, Double(fields[0]) != nil, let count = Double(fields[3]), fields.last != "total" else {
        continue
      }
      counts[String(fields.last!), default: 0] += count
    }
  }
}
