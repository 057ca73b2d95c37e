import ArgumentParser
import Weir

/// `weir check`: reads the config and changes nothing.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read the config, change nothing, print its errors or the plan: what would run.")

  @OptionGroup var config: ConfigOption

  func run() throws {
    try StandardOutput.write(try config.loadOrExit(config.path).describe() + "\n", what: "the plan")
  }
}
