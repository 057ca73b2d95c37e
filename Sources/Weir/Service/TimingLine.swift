import Coroutines

/// A batch's timing as one line for people:
/// `/var/log/syslog +512 KiB 3,201 lines, 12 matched, 0.81 ms: read 0.10 grep 0.19 store 0.47 printer 0.02`.
enum TimingLine {
  static func text(
    of batch: Batch, lineCount: Int, matchCount: Int, total: Duration, stages: [BatchTimes.Stage]
  ) -> String {
    let size = bytes(Int(batch.end - batch.start))
    let times = longest(of: stages).map { "\($0.name) \(milliseconds($0.elapsed))" }.joined(separator: " ")
    let lines = grouped(lineCount) + (lineCount == 1 ? " line" : " lines")
    return "\(batch.origin.path) +\(size) \(lines), \(grouped(matchCount)) matched, "
      + "\(milliseconds(total)) ms: \(times)"
  }

  /// Each stage once; of a sink that several pipelines sent to at the same time, the longest.
  private static func longest(of stages: [BatchTimes.Stage]) -> [BatchTimes.Stage] {
    stages.reduce(into: []) { kept, stage in
      guard let index = kept.firstIndex(where: { $0.name == stage.name }) else { return kept.append(stage) }
      if kept[index].elapsed < stage.elapsed { kept[index] = stage }
    }
  }

  /// Milliseconds with two decimals.
  static func milliseconds(_ duration: Duration) -> String {
    let hundredths = (duration.nanoseconds + 5_000) / 10_000
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  /// `3,201`.
  static func grouped(_ number: Int) -> String {
    var digits = String(number)
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: index))
      index -= 3
    }
    return digits
  }

  private static func bytes(_ count: Int) -> String {
    if count < 10 << 10 { return "\(grouped(count)) B" }
    if count < 10 << 20 { return "\(grouped(count >> 10)) KiB" }
    return "\(grouped(count >> 20)) MiB"
  }
}
