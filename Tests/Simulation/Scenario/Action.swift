/// What a step of a scenario does. Paths are below the folder of the scenario.
enum Action: Sendable, Equatable {
  // Content.
  case append([UInt8], to: String)
  case appendHeld([UInt8], to: String)
  case write([UInt8], to: String)
  case overwrite([UInt8], in: String, at: Int)
  case truncate(String, to: Int)
  case hold(String, as: String, isAppending: Bool)
  case release(String)

  // Names.
  case move(String, to: String)
  case copy(String, to: String)
  case copyTruncate(String, to: String)
  case remove(String)
  case churn(String, count: Int)
  case gzip(String)
  case recreate([UInt8], at: String)
  case make(NewFile, at: String)
  case link(String, target: String)
  case symlink(String, target: String)
  case chmod(String, mode: Int)
  case age(String, seconds: Int)

  // The machine.
  case renumberDevices
  case lock
  case unlock
  case pass(seconds: Int)

  // The agent.
  case start
  case launch
  case once
  case stop
  case kill
  case freeze
  case thaw
  case reload(Configuration, isTaken: Bool)
  case hangUp(Configuration)

  // What is waited for.
  case settle
  case until([[UInt8]])
  case untilGap(StoredGap)
  case untilSaid(String)
}

/// What is no regular file.
enum NewFile: String, Sendable { case folder, fifo, socket }
