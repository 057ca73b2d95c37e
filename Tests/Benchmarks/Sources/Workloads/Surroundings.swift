import Glibc

/// What the figures were measured on, and what else it had to do.
struct Surroundings {
  private let processor: String
  private let load: String

  init() throws {
    let lines = try text(of: "/proc/cpuinfo").split(separator: "\n")
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last.map(String.init)
    processor = (model ?? "a processor of unknown make").drop { $0 == " " }.description
    load = try text(of: "/proc/loadavg").split(separator: " ").first.map(String.init) ?? "?"
  }

  var sentence: String {
    let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    return "On \(count) processors, \(processor); when it began, \(load) processes wanted them."
  }
}
