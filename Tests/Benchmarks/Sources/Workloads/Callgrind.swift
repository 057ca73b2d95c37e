/// What callgrind counted.
struct Callgrind {
  private(set) var instructions = 0.0
  /// Calls of the C library's functions that give memory, by which Swift's objects and SQLite's pages come too.
  private(set) var allocations = 0.0

  private static let allocators: Set<Substring> = [
    "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign",
  ]

  /// - Parameter output: in its format, where a function has a number, and its name at the first mention: `fn=(1) main`
  ///   is one that runs, `cfn=(2)` one that it calls, and the next `calls=` says how often.
  init(output: String) throws {
    var numbers: Set<Substring> = []
    var isAllocator = false
    for line in output.split(separator: "\n") {
      if line.hasPrefix("summary: ") {
        instructions = Double(line.dropFirst("summary: ".count)) ?? 0
      } else if line.hasPrefix("fn=") || line.hasPrefix("cfn=") {
        let parts = line.split(separator: " ", maxSplits: 1)
        let number = parts[0].drop { $0 != "(" }
        if parts.count == 2, let name = parts[1].split(separator: "'").first, Self.allocators.contains(name) {
          numbers.insert(number)
        }
        if line.hasPrefix("cfn=") { isAllocator = numbers.contains(number) }
      } else if line.hasPrefix("calls="), isAllocator {
        allocations += Double(line.dropFirst("calls=".count).prefix { $0 != " " }) ?? 0
      }
    }
    guard instructions > 0, allocations > 0 else { throw Failure("callgrind counted nothing") }
  }
}
