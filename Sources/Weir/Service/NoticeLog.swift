import Coroutines
import Glibc
import Logging

/// The agent's own log on standard error: a line a notice, as text or JSON, written whole.
public struct NoticeLog: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level
  private let format: LogPlan.Format
  private let descriptor: Int32

  /// Writes notices of the plan's level and above to `descriptor`.
  public init(_ plan: LogPlan, descriptor: Int32 = STDERR_FILENO) {
    format = plan.format
    logLevel = Logger.Level(rawValue: plan.level.rawValue) ?? .info
    self.descriptor = descriptor
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
    let message = event.message.description
    switch format {
    case .text:
      let suffix = fields.map { " \($0.key)=\($0.value)" }.joined()
      let level = event.level == .info ? "" : "\(event.level.rawValue): "
      let lines = (level + message + suffix).split(separator: "\n", omittingEmptySubsequences: false)
      write("weir: " + lines.map { String($0).withControlsShown }.joined(separator: "\n") + "\n")
    case .json:
      let time = timestamp(milliseconds: SystemClock().wall.wholeMilliseconds)
      var line = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\",\"message\":\(message.quotedAsJSON)"
      for field in fields { line += ",\(field.key.quotedAsJSON):\(field.value.description.quotedAsJSON)" }
      write(line + "}\n")
    }
  }

  /// One write(2) a notice, so that notices of several processes do not mix; a closed standard error is no error.
  private func write(_ line: String) {
    var line = line
    line.withUTF8 { bytes in _ = Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
  }
}

extension String {
  /// With control characters written as `\x1b`, so that a terminal shows them and does not obey them.
  var withControlsShown: String {
    var shown = ""
    for scalar in unicodeScalars {
      if scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) {
        shown += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// As a JSON string, in quotes.
  var quotedAsJSON: String {
    var quoted = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
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
