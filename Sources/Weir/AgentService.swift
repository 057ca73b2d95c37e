import Coroutines

/// What the service manager is told of the agent's life.
extension Agent {
  /// How far the agent is, as the service manager was told.
  enum Readiness { case starting, ready, reloading }

  /// How long after a change of the files a status is said, which is one of all changes meanwhile.
  private static let statusDelay = Duration.seconds(1)

  /// Before a reload. While not everything has started there is nothing to take back.
  func tellReload() async {
    guard let supervisor, readiness != .starting else { return }
    readiness = .reloading
    await supervisor.sayReloading()
  }

  /// After a start or reload; also after one that was refused. A sink that was set apart is waited for by nobody.
  func tellSettled() async {
    guard let supervisor, let status = await status else { return }
    if readiness == .ready || readiness == .starting && isWaiting {
      await supervisor.say(status: status)
    } else {
      readiness = .ready
      await supervisor.sayReady(status)
    }
  }

  /// When files came or went.
  func tellFilesLater() {
    guard supervisor != nil, statusTimer == nil else { return }
    statusTimer = scheduler.spawn(name: "status", after: Self.statusDelay) { await self.tellFiles() }
  }

  private func tellFiles() async {
    statusTimer = nil
    if let status = await status { await supervisor?.say(status: status) }
  }

  private var status: String? {
    get async {
      guard let running else { return nil }
      let files = await running.follower.files.count
      let begin = "following \(files) \(files == 1 ? "file" : "files"), "
      let (count, waitingCount) = (plan.pipelines.count, waitingPipelines.count)
      if isIncomplete {
        let reason = isWaiting ? "the others wait for sinks" : "sinks of the others were set apart"
        return begin + "\(count - waitingCount) of \(count) pipelines: \(reason)"
      }
      return begin + "\(count) \(count == 1 ? "pipeline" : "pipelines")"
    }
  }
}
