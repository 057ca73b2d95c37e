import Coroutines
import Glibc
import Logging
import SystemPackage

/// Where a batch's timing is said.
struct TimingOutput: Sendable {
  /// `--timing`: a line a batch on standard error.
  let isShown: Bool
  /// A batch slower than this is warned of.
  let slowBatch: Duration?
}

extension Pipelines {
  /// Notes a batch that has passed, or failed to: figures, totals, the `--timing` line, the warning of a slow one.
  func note(_ batch: Batch, of flow: Flow, _ times: BatchTimes, total: Duration, matchCount: Int) {
    keepMinute(before: batch.readAtMilliseconds)
    let stages = times.stages
    let whole = total + batch.readDuration
    for start in flow.file.starts {
      let name = plan.pipelines[start.pipeline].label.name
      totals[start.pipeline].readBytes += batch.end - batch.start
      for stage in stages where stage.pipeline == nil || stage.pipeline == name {
        figures.record(stage.name, stage.elapsed, pipeline: name)
      }
      figures.record("total", whole, pipeline: name)
    }
    offsets[flow.id]?.offset = batch.end
    say(batch, stages: stages, whole: whole, matchCount: matchCount)
  }

  /// Says once a pipeline that a pattern met its match limit, and counts the lines that were not matched for it.
  func note(_ limits: [Int], in flow: Flow) {
    for (start, count) in zip(flow.file.starts, limits) where count > 0 {
      if totals[start.pipeline].limitedLines == 0 {
        log.error(
          """
          \(flow.file.path): a pattern of pipeline \(plan.pipelines[start.pipeline].label.name) backtracked beyond its \
          limit on a line, which counts as not matched; such lines are counted, SIGUSR1 tells how many
          """)
      }
      totals[start.pipeline].limitedLines += count
    }
  }

  /// How many lines each pipeline of the file was given, added up; a line that two sinks get counts once.
  func count(_ selections: [[Selection]], in flow: Flow) -> Int {
    var sum = 0
    for (start, selections) in zip(flow.file.starts, selections) {
      let matched = selections.map(\.lines.count).max() ?? 0
      totals[start.pipeline].matchedLines += matched
      sum += matched
    }
    return sum
  }

  private func say(_ batch: Batch, stages: [BatchTimes.Stage], whole: Duration, matchCount: Int) {
    let isSlow = timingOutput.slowBatch.map { whole > $0 } ?? false
    guard timingOutput.isShown || isSlow else { return }
    let text = TimingLine.text(
      of: batch, lineCount: batch.lineCount, matchCount: matchCount, total: whole, stages: stages)
    if isSlow { log.warning("slow batch: \(text)") }
    guard timingOutput.isShown else { return }
    var line = text.withControlsShown + "\n"
    line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }

  /// Hands a minute that is over to the ledger.
  private func keepMinute(before now: Int64) {
    let rows = figures.begin(minuteOf: now)
    guard !rows.isEmpty else { return }
    minuteWriter = scheduler.spawn(name: "timings") { [ledger] in await ledger.record(rows) }
  }

  /// Writes the figures of the last minute, and says those of the whole run where `--timing` asks for them.
  func closeFigures() async {
    _ = await minuteWriter?.outcome
    await ledger.record(figures.takeMinute())
    for row in figures.rows {
      let text: Logger.Message =
        """
        timing \(row.pipeline) \(row.stage): \(TimingLine.grouped(Int(row.batches))) batches, \
        p50 \(row.p50Microseconds) us, p99 \(row.p99Microseconds) us, max \(row.maxMicroseconds) us
        """
      if timingOutput.isShown { log.info(text) } else { log.debug(text) }
    }
  }

  /// The state for SIGUSR1: pipelines with their counts, files with their offsets, stages with their times.
  func report() async {
    for (pipeline, totals) in zip(plan.pipelines, totals) {
      let (bytes, lines) = (TimingLine.grouped(Int(totals.readBytes)), TimingLine.grouped(totals.matchedLines))
      let limited = totals.limitedLines == 0 ? "" : ", \(totals.limitedLines) lines met a match limit"
      log.info("pipeline \(pipeline.label.name): \(bytes) bytes read, \(lines) lines matched\(limited)")
    }
    for (path, offset) in offsets.values.sorted(by: { $0.path.string < $1.path.string }) {
      let size = (try? follower.fileSystem.status(of: path))?.size
      let lag = size.map { $0 > offset ? $0 - offset : 0 }
      log.info("file \(path): offset \(offset), lag \(lag.map { "\($0) bytes" } ?? "unknown: the path is gone")")
    }
    for row in figures.rows {
      log.info("stage \(row.pipeline) \(row.stage): p50 \(row.p50Microseconds) us, max \(row.maxMicroseconds) us")
    }
  }
}
