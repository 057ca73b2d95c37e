import Glibc

/// rsyslog, which follows files for ever: it has caught up when its output has all that it must have.
struct Rsyslog {
  let bench: Bench

  /// Prints the lines of `log` with a fixed string into `output`, as fast as its settings make it.
  func catchUp(with log: String, for pattern: Config.Pattern, into output: String, bytes: Int) throws -> Run {
    let folder = try bench.scratch.empty("rsyslog")
    unlink(output)
    let config = """
      global(workDirectory="\(folder.path)" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
      module(load="imfile" mode="inotify")
      template(name="line" type="string" string="%msg%\\n")
      input(type="imfile" File="\(log)" Tag="log" ruleset="search")
      ruleset(name="search" queue.type="FixedArray" queue.size="200000" queue.dequeueBatchSize="4096") {
        if ($msg contains "\(pattern.text)") then {
          action(type="omfile" file="\(output)" template="line" ioBufferSize="256k" flushOnTXEnd="on")
        }
      }

      """
    let path = try folder.write(config, to: "rsyslog.conf")
    let start = seconds(CLOCK_MONOTONIC)
    let daemon = try Daemon(Command("rsyslogd", "-n", "-f", path, "-i", folder.path("pid")))
    try waitUntil("rsyslog has caught up", atMost: 120) { size(of: output) >= bytes }
    let wallSeconds = seconds(CLOCK_MONOTONIC) - start
    let cpuSeconds = try daemon.cpuSeconds
    return Run(wallSeconds: wallSeconds, cpuSeconds: cpuSeconds, peakBytes: try daemon.stop().peakBytes)
  }
}
