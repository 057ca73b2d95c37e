/// One short text file: what happens to followed files and to the agent, and what the store has at the end.
struct Scenario: Sendable {
  /// Folder and file name without `.txt`, as `rotation/rename`.
  var name: String
  /// Why it is here: the comment at its top.
  var reason = ""
  /// Why it fails today; it must then fail.
  var pending: String?
  /// Stages on which it is not run, each with a reason.
  var skips: [StageKind: String] = [:]
  var config = Configuration(yaml: "")
  /// The agent's open files, at most; nil: as many as the system allows.
  var openFilesLimit: Int?
  var steps: [Step] = []
  var expectations: [Expectation] = []

  /// One thing that is done, or waited for.
  struct Step: Sendable {
    /// Of the file, from 1.
    var line: Int
    var action: Action
  }
}

/// A config as text. `${LOGS}` stands for the folder in which a scenario's paths lie.
struct Configuration: Sendable, Equatable {
  var yaml: String
  /// Where the agent's database is, below the folder of the scenario's paths; nil: outside of it.
  var database: String?
}

/// Where a scenario can be run.
enum StageKind: String, Sendable { case kernel, simulator }

/// What the end of a scenario has to be.
enum Expectation: Sendable, Equatable {
  /// The store has these lines of a file in this order, each as often as it stands here. Lines of several such
  /// expectations for one file come in any order among each other.
  case lines([[UInt8]], file: StoredFile)
  case gap(StoredGap)
  /// The agent has said this.
  case said(String)
}

/// A path as the store has it, below the folder of the scenario's paths, read by one pipeline.
struct StoredFile: Hashable, Sendable, CustomStringConvertible {
  /// What a config that names no pipeline calls its one.
  static let defaultPipeline = "all"

  var pipeline = Self.defaultPipeline
  var path: String

  var description: String { pipeline == Self.defaultPipeline ? path : "\(pipeline):\(path)" }
}

/// A row of `matches`.
struct StoredLine: Hashable, Sendable {
  var file: StoredFile
  var offset: Int
  /// As it was in the file, without its terminator.
  var bytes: [UInt8]
}

/// A row of `gaps`.
struct StoredGap: Hashable, Sendable, CustomStringConvertible {
  var file: StoredFile
  /// Of the last byte too.
  var range: ClosedRange<Int>
  var reason: String

  var description: String { "\(file) \(range.lowerBound)-\(range.upperBound) \(reason)" }
}
