import Coroutines
import Logging
import SystemPackage

/// Where a batch's timing is said.
struct TimingOutput: Sendable {
  /// `--timing`: a line a batch on standard error.
  var isShown = false
  /// A batch slower than this is warned of.
  var slowBatch: Duration?
}

extension Pipelines {
  /// Notes a batch that has passed, or failed to: figures, totals, the `--timing` line, the warning of a slow one.
  func note(_ batch: Batch, of flow: Flow, _ times: BatchTimes, total: Duration, matchCount: Int) {
    keepMinute(before: batch.readAtMilliseconds)
    let stages = times.stages
    let whole = total + batch.readDuration
    readBytes[flow.groups.all, default: 0] += batch.end - batch.start
    for stage in stages { figures.record(stage.name, stage.elapsed, of: stage.group) }
    figures.record("total", whole, of: flow.groups.all)
    progress[flow.id]?.offset = batch.end
    say(batch, stages: stages, whole: whole, matchCount: matchCount)
  }

  /// Says once a pipeline that a pattern met its match limit, and counts the lines that were not matched for it.
  func note(_ limits: [Int], in flow: Flow) {
    for (place, count) in limits.enumerated() where count > 0 {
      let (pipeline, totals) = (flow.pipelines[place], flow.totals[place])
      if totals.limitedLines == 0 {
        log.error(
          """
          \(flow.file.path): a pattern of pipeline \(pipeline.name) backtracked beyond its \
          limit on a line, which counts as not matched; such lines are counted, SIGUSR1 tells how many
          """)
      }
      totals.limitedLines += count
    }
  }

  /// Adds up how many lines each pipeline of the file selects. - Returns: how many all of them do.
  func count(_ selections: Selections, in flow: Flow) -> Int {
    for selecting in selections.selecting { flow.totals[selecting.pipeline].matchedLines += selecting.lineCount }
    return selections.selecting.reduce(0) { $0 + $1.lineCount }
  }

  private func say(_ batch: Batch, stages: [BatchTimes.Stage], whole: Duration, matchCount: Int) {
    let isSlow = timingOutput.slowBatch.map { whole > $0 } ?? false
    guard timingOutput.isShown || isSlow else { return }
    let text = TimingLine.text(
      of: batch, lineCount: batch.lineCount, matchCount: matchCount, total: whole, stages: stages)
    if isSlow { log.warning("slow batch: \(text)") }
    guard timingOutput.isShown else { return }
    NoticeOutput.standardError.write(text.harmless + "\n")
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
    guard timingOutput.isShown || log.logLevel <= .debug else { return }
    for row in figures.rows {
      let text: Logger.Message =
        """
        timing \(row.pipeline) \(row.stage): \(TimingLine.grouped(Int(row.batches))) batches, \
        p50 \(row.p50Microseconds) us, p99 \(row.p99Microseconds) us, max \(row.maxMicroseconds) us
        """
      if timingOutput.isShown { asked.info(text) } else { log.debug(text) }
    }
  }

  /// For what a user asked for, which is said whatever else is.
  private var asked: Logger {
    var asked = log
    asked.logLevel = min(asked.logLevel, .info)
    return asked
  }

  /// The state for SIGUSR1: pipelines with their counts, files with their offsets, stages with their times.
  func report() async {
    let asked = asked
    var bytesOfNames: [ByteText: UInt64] = [:]
    for (group, count) in readBytes {
      for name in figures.names(of: group) { bytesOfNames[ByteText(name), default: 0] += count }
    }
    for (name, totals) in totals.sorted(by: { $0.key.text < $1.key.text }) {
      let bytes = TimingLine.grouped(Int(bytesOfNames[name] ?? 0))
      let lines = TimingLine.grouped(totals.matchedLines)
      let limited = totals.limitedLines == 0 ? "" : ", \(totals.limitedLines) lines met a match limit"
      asked.info("pipeline \(name.text): \(bytes) bytes read, \(lines) lines matched\(limited)")
    }
    for progress in progress.values.sorted(by: { $0.file.rank < $1.file.rank }) {
      let status = await progress.file.status
      let lag = status.map { $0.size > progress.offset ? $0.size - progress.offset : 0 }
      let state =
        switch (await progress.file.isNamed, status?.linkCount) {
        case (_, 0): ", deleted"
        case (false, _): ", rotated away"
        default: ""
        }
      let rest = lag.map { "lag \($0) bytes" } ?? "lag unknown"
      asked.info("file \(progress.file.path)\(state): offset \(progress.offset), \(rest)")
    }
    for row in figures.rows {
      asked.info("stage \(row.pipeline) \(row.stage): p50 \(row.p50Microseconds) us, max \(row.maxMicroseconds) us")
    }
  }
}

extension FollowedFile {
  /// By path, then by inode: files that were rotated away have the path of the one that is there.
  nonisolated fileprivate var rank: (path: String, inode: UInt64) { (path.string, identity?.inode ?? 0) }
}
