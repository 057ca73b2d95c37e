import ArgumentParser
import Glibc
import SystemPackage
import Weir

/// `-c FILE`, and where a config is looked for without it.
struct ConfigOption: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The config.", discussion: "Default: $WEIR_CONFIG, then weir.yaml here, then /etc/weir/weir.yaml.",
      valueName: "file"))
  var config: String?

  /// The file to read, as it is found now.
  var path: FilePath {
    if let config { return FilePath(config) }
    if let named = Environment.variables["WEIR_CONFIG"], !named.isEmpty { return FilePath(named) }
    return access("weir.yaml", F_OK) == 0 ? "weir.yaml" : "/etc/weir/weir.yaml"
  }

  /// The config at `path`, read and checked.
  ///
  /// - Parameter waits: whether a pipe in its place is waited for.
  static func load(_ path: FilePath, waits: Bool) throws -> Plan {
    try ConfigFile.load(path, waits: waits, catalog: .standard, environment: Environment.variables)
  }

  /// The config at `path`; ends the command with status 78 after printing what is wrong with it.
  func loadOrExit(_ path: FilePath) throws -> Plan {
    do {
      return try Self.load(path, waits: true)
    } catch {
      StandardError.write("\(error)\n")
      if config == nil, access(path.string, F_OK) != 0 {
        StandardError.write("help: name a config with -c or $WEIR_CONFIG; there is no weir.yaml here\n")
      }
      throw ExitCode(EX_CONFIG)
    }
  }
}

/// The process's environment.
enum Environment {
  /// By name; of a name that is there twice, the first.
  static let variables: [String: String] = {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
      entry = entry.successor()
    }
    return variables
  }()
}

/// Where everything but matches goes.
enum StandardError {
  /// Writes `text`; what a terminal might act on is shown.
  static func write(_ text: String) {
    var text = text.harmlessMessage
    text.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
}
