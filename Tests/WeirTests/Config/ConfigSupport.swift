import Glibc
import SystemPackage
import Testing

@testable import Weir

/// Sinks for tests: their options, and nothing that runs.
struct TestRecipe: SinkRecipe {
  var summary: String
  var requiredFields: [String] = []

  func make(in surroundings: SinkSurroundings) throws -> any Sink { throw Failure("a test's sink does not run") }
}

extension SinkCatalog {
  private enum Format: String, CaseIterable { case text, json }

  /// Three kinds with options of all types.
  static let test = SinkCatalog(kinds: [
    SinkKind(name: "printer") { options in
      let format = options.choice("format", of: Format.self) ?? .text
      let isColored = options.flag("color") ?? false
      return TestRecipe(summary: "printer \(format.rawValue)" + (isColored ? " color" : ""))
    },
    SinkKind(name: "sqlite") { options in
      let path = options.path("path")
      let rows = options.mapping("retention") { retention in
        (retention.integer("rows", in: 1...1000), retention.size("size"), retention.duration("age"))
      }
      return TestRecipe(summary: "sqlite \(path?.string ?? "default") \(rows?.0 ?? 0)")
    },
    SinkKind(name: "counter") { options in
      let fields = options.texts("by")
      if !options.has("by") { options.problem(at: "by", "a counter needs \"by\"") }
      _ = options.duration("every")
      options.unavailable("window")
      return TestRecipe(summary: "counter by \(fields.joined(separator: ", "))", requiredFields: fields)
    },
  ])
}

/// The plan of a text, or the errors as they are shown.
enum Outcome {
  case plan(Plan)
  case errors(String)

  init(_ text: String, named path: FilePath = "/etc/weir/weir.yaml", environment: [String: String] = [:]) {
    do throws(ConfigErrors) {
      self = .plan(try ConfigFile.load(text: text, named: path, catalog: .test, environment: environment))
    } catch { self = .errors(error.description) }
  }

  var plan: Plan? { if case .plan(let plan) = self { plan } else { nil } }
  var errors: String { if case .errors(let errors) = self { errors } else { "" } }

  /// The first line of each error, without the file's name.
  var messages: [String] {
    errors.split(separator: "\n").filter { $0.contains(": error: ") }.map { line in
      String(line.hasPrefix("/etc/weir/weir.yaml:") ? line.dropFirst("/etc/weir/weir.yaml:".count) : line[...])
    }
  }
}

/// A pipeline's mapping around some lines, which begin in line 4 with column 5.
func pipeline(_ lines: String) -> String {
  "pipelines:\n  - follow: /var/log/syslog\n    name: p\n"
    + lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
}

/// A folder that is gone when `body` ends.
func withFolder<Value>(_ body: (FilePath) throws -> Value) throws -> Value {
  var template = Array("/tmp/weir-config-XXXXXX".utf8CString)
  try #require(mkdtemp(&template) != nil)
  let folder = FilePath(String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self))
  defer { removeTree(folder) }
  return try body(folder)
}

func write(_ text: String, to path: FilePath) throws {
  try write(Array(text.utf8), to: path)
}

func write(_ bytes: [UInt8], to path: FilePath) throws {
  mkdir(path.removingLastComponent().string, 0o755)
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
  _ = try file.closeAfter { try file.writeAll(bytes) }
}

private func removeTree(_ path: FilePath) {
  guard let folder = opendir(path.string) else { return }
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    guard name != ".", name != ".." else { continue }
    let child = path.appending(name)
    if unlink(child.string) != 0 { removeTree(child) }
  }
  closedir(folder)
  rmdir(path.string)
}
