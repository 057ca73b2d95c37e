import SystemPackage

extension Plan {
  /// What would run, for people: `weir check` prints it. The same plan gives the same text, harmless to a terminal and
  /// without a last LF.
  public func describe() -> String { PlanDescription(plan: self).text }
}

/// Writes a plan in two columns: what it is about, and what holds.
private struct PlanDescription {
  private static let labelWidth = 11
  private static let margin = "  "

  let plan: Plan

  var text: String {
    var lines: [String] = []
    if let source = plan.source { lines.append(row("config", source.string.harmless)) }
    lines.append(row("database", plan.database?.string.harmless ?? "none: nothing is remembered"))
    lines.append(row("log", "\(plan.log.level.rawValue), \(plan.log.format.rawValue)"))
    if let slow = plan.slowBatch { lines.append(row("slow batch", "warned of beyond \(Self.shown(slow))")) }
    for pipeline in plan.pipelines {
      lines.append("")
      lines += block(of: pipeline)
    }
    if !plan.sinks.isEmpty { lines.append("") }
    for sink in plan.sinks {
      let title = sink.name == sink.kind ? "sink" : "sink \(sink.name.harmless)"
      lines.append("\(title): \(sink.recipe.summary.harmless)")
    }
    return lines.joined(separator: "\n")
  }

  private func block(of pipeline: PipelinePlan) -> [String] {
    var lines = ["pipeline \(pipeline.label.name.harmless)"]
    lines += rows("follow", pipeline.follow.map(Self.shown), at: Self.margin)
    if !pipeline.label.fields.isEmpty {
      lines.append(row("fields", pipeline.label.fields.map(\.harmless).joined(separator: ", "), at: Self.margin))
    }
    return lines + block(of: pipeline.trunk, at: Self.margin)
  }

  private func block(of branch: BranchPlan, at indentation: String) -> [String] {
    let rules = branch.rules.isEmpty ? ["every line"] : branch.rules.map(Self.shown)
    var lines = rows("grep", rules, at: indentation)
    if !branch.sinks.isEmpty {
      let names = branch.sinks.map { plan.sinks[$0].name.harmless }
      lines.append(row("broadcast", names.joined(separator: ", "), at: indentation))
    }
    for inner in branch.branches {
      lines.append(indentation + "branch")
      lines += block(of: inner, at: indentation + Self.margin)
    }
    return lines
  }

  private func rows(_ label: String, _ values: [String], at indentation: String) -> [String] {
    values.enumerated().map { row($0.offset == 0 ? label : "", $0.element, at: indentation) }
  }

  private func row(_ label: String, _ value: String, at indentation: String = "") -> String {
    indentation + label + String(repeating: " ", count: max(1, Self.labelWidth - label.count)) + value
  }

  private static func shown(_ follow: FollowPlan) -> String {
    var parts = [follow.paths.map(\.string.harmless).joined(separator: ", ")]
    if !follow.excludes.isEmpty {
      parts.append("without " + follow.excludes.map(\.string.harmless).joined(separator: ", "))
    }
    switch follow.start {
    case .end: break
    case .beginning: parts.append("from the beginning")
    case .lastLines(let count): parts.append("from the last \(count) lines")
    }
    if !follow.rotated.isEmpty {
      parts.append("rotated copies also in " + follow.rotated.map(\.string.harmless).joined(separator: ", "))
    }
    if follow.maxLineBytes != 1 << 20 { parts.append("lines up to \(shown(bytes: follow.maxLineBytes))") }
    if let poll = follow.poll { parts.append("looked at every \(shown(poll))") }
    return parts.joined(separator: "; ")
  }

  private static func shown(_ rule: Rule) -> String {
    var parts: [String] = []
    if !rule.matches.isEmpty { parts.append(rule.matches.map(shown).joined(separator: " or ")) }
    if !rule.excludes.isEmpty { parts.append("not " + rule.excludes.map(shown).joined(separator: " nor ")) }
    return parts.isEmpty ? "every line" : parts.joined(separator: ", ")
  }

  private static func shown(_ pattern: Pattern) -> String {
    let ways = [
      pattern.ignoresCase ? "any case" : nil, pattern.isFixed ? "fixed" : nil, pattern.isWord ? "word" : nil,
    ].compactMap { $0 }
    return "'\(pattern.text.harmless)'" + (ways.isEmpty ? "" : " (\(ways.joined(separator: ", ")))")
  }

  private static func shown(bytes: Int) -> String {
    for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes % size == 0 {
      return "\(bytes / size)\(unit)"
    }
    return "\(bytes) bytes"
  }

  private static func shown(_ duration: Duration) -> String {
    let milliseconds = duration / .milliseconds(1)
    for (unit, size) in [("d", 86_400_000.0), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
      let count = milliseconds / size
      if count >= 1, count == count.rounded() { return "\(Int(count))\(unit)" }
    }
    return "\(Int(milliseconds))ms"
  }
}
