import Benchmark

@testable import Weir

/// The scanner over a batch: what Vectorscan finds, and what PCRE2 says of it.
func registerGrep() {
  registerScan("grep-string", [Pattern(Logs.needle, isFixed: true)], selecting: Logs.chunkLines / 100)
  registerScan(
    "grep-regex-groups", [Pattern(#"ERROR \w+ after (?<ms>\d+) ms, user=(?<user>\w+)"#)], fields: ["ms", "user"],
    selecting: Logs.chunkLines / 100)
  registerScan(
    "grep-hundred-strings", Logs.hundred.map { Pattern($0, isFixed: true) }, selecting: Logs.chunkLines / 100)
}

private func registerScan(_ name: String, _ patterns: [Pattern], fields: [String] = [], selecting lines: Int) {
  register(name) { benchmark in
    let plan = PipelinePlan(
      label: PipelineLabel(name: "micro", fields: fields), follow: [],
      trunk: BranchPlan(rules: [Rule(matches: patterns)], sinks: [0]))
    let scanner = try Scanner(pipelines: [plan])
    let batch = Logs.batch(Logs.chunk)
    let selected = benchmark.counted { (0..<10).map { _ in scanner.scan(batch)[0][0].lines.count } }
    if selected.contains(where: { $0 != lines }) { benchmark.error("\(selected) lines were selected, not \(lines)") }
  }
}
