import Coroutines
import Glibc
import Logging

/// The agent's own log on standard error: a line a notice, as text or JSON, written whole.
public struct NoticeLog: LogHandler {
  public var metadata: Logger.Metadata = [:]
  private let choice: LogChoice
  /// What a copy of the logger was told to log, whatever is chosen.
  private var ownLevel: Logger.Level?
  private let output: NoticeOutput

  /// Writes notices of the plan's level and above to `descriptor`, which stays open.
  public init(_ plan: LogPlan, descriptor: Int32 = STDERR_FILENO) {
    let output = descriptor == STDERR_FILENO ? NoticeOutput.standardError : NoticeOutput(descriptor)
    self.init(LogChoice(plan), to: output)
  }

  init(_ choice: LogChoice, to output: NoticeOutput) {
    self.choice = choice
    self.output = output
  }

  /// Waits for what was said to standard error and is not written yet: ten seconds at most, and one where nobody reads
  /// it. At the end of a process.
  public static func finish() { NoticeOutput.standardError.finish() }

  public var logLevel: Logger.Level {
    get { ownLevel ?? Logger.Level(rawValue: choice.plan.level.rawValue) ?? .info }
    set { ownLevel = newValue }
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let dropCount = output.takeDropCount()
    if dropCount > 0 {
      write(.warning, "\(dropCount) notices are missing here: nobody read them, and there was no room for more", [])
    }
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
    write(event.level, event.message.description, fields.map { ($0.key, $0.value.description) })
  }

  private func write(_ level: Logger.Level, _ message: String, _ fields: [(key: String, value: String)]) {
    switch choice.plan.format {
    case .text:
      let suffix = fields.map { " \($0.key)=\($0.value)" }.joined()
      let level = level == .info ? "" : "\(level.rawValue): "
      // No line but the first begins as a notice does: a path may have line ends, and words behind them.
      let lines = (level + message + suffix).split(separator: "\n", omittingEmptySubsequences: false)
      output.write("weir: " + lines.map { String($0).harmless }.joined(separator: "\n  ") + "\n")
    case .json:
      let time = timestamp(milliseconds: SystemClock().wall.wholeMilliseconds)
      var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"message\":\(message.quotedAsJSON)"
      for field in fields { line += ",\(field.key.quotedAsJSON):\(field.value.quotedAsJSON)" }
      output.write(line + "}\n")
    }
  }
}

extension String {
  /// As a JSON string, in quotes; what a terminal might act on is escaped.
  var quotedAsJSON: String {
    var quoted = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.isHarmful:
        for unit in UTF16.encode(scalar)! {
          let digits = String(unit, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

/// ISO 8601 in UTC with milliseconds: `2026-11-22T16:00:00.123Z`.
func timestamp(milliseconds: Int64) -> String {
  var seconds = time_t(milliseconds / 1000)
  var parts = tm()
  gmtime_r(&seconds, &parts)
  func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
  let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
  let clock = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
  return padded(date[0], 4) + "-" + padded(date[1], 2) + "-" + padded(date[2], 2) + "T"
    + clock.map { padded($0, 2) }.joined(separator: ":") + "." + padded(Int(milliseconds % 1000), 3) + "Z"
}
