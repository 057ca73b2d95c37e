/// A checked sink of a config, ready to be made.
public protocol SinkRecipe: Sendable {
  /// One line for `weir check`: the kind and what differs from its defaults, e.g. `sqlite archive.db`.
  var summary: String { get }

  /// Fields that must exist in every pipeline that broadcasts to it (a counter's `by`).
  var requiredFields: [String] { get }
  /// Those of the required fields that a pipeline with these fields has not.
  func missingFields(among fields: [String]) -> [String]

  /// Whether a reload that brings `other` in its place may keep the sink as it is.
  func isSame(as other: any SinkRecipe) -> Bool

  /// Makes the sink; opens nothing yet.
  ///
  /// - Throws: ``Failure``, as ``Sink/open(for:)`` does.
  func make(in surroundings: SinkSurroundings) throws -> any Sink
}

extension SinkRecipe {
  public var requiredFields: [String] { [] }

  /// Those of the required fields that are not among these.
  public func missingFields(among fields: [String]) -> [String] { requiredFields.filter { !fields.contains($0) } }
  /// False: a sink whose options cannot be compared is made anew.
  public func isSame(as other: any SinkRecipe) -> Bool { false }
}

extension SinkRecipe where Self: Equatable {
  public func isSame(as other: any SinkRecipe) -> Bool { other as? Self == self }
}

/// A kind of sink: its name in a config, and how its options are read.
public struct SinkKind: Sendable {
  /// What a config calls it: `printer`.
  public let name: String
  /// Reads the options and reports each problem where it stands. `options` is empty when a config names the kind alone.
  public let read: @Sendable (_ options: inout ConfigMapping) -> any SinkRecipe

  /// A kind with this name and reader.
  public init(name: String, read: @escaping @Sendable (inout ConfigMapping) -> any SinkRecipe) {
    self.name = name
    self.read = read
  }
}

/// The kinds of sinks that configs may use. Another package adds its own and starts the same agent.
public struct SinkCatalog: Sendable {
  /// In order of addition.
  public private(set) var kinds: [SinkKind]

  /// A catalogue of these kinds.
  public init(kinds: [SinkKind]) { self.kinds = kinds }

  /// Adds a kind, or replaces the one of that name.
  public mutating func add(_ kind: SinkKind) {
    kinds.removeAll { $0.name == kind.name }
    kinds.append(kind)
  }

  /// The kind of that name.
  public func kind(named name: String) -> SinkKind? { kinds.first { $0.name == name } }
}

extension SinkCatalog {
  /// The kinds that weir brings: printer, sqlite, counter.
  public static let standard = SinkCatalog(kinds: [.printer, .sqlite, .counter])
}
