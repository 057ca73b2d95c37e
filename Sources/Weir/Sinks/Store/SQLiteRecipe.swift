import SystemPackage

/// The sink `sqlite`: lines become rows of a database.
public struct SQLiteRecipe: SinkRecipe, Equatable {
  /// The database; nil: the plan's.
  public var path: FilePath?

  /// A sink that writes to that database.
  public init(path: FilePath? = nil) { self.path = path }

  public var summary: String { path.map { "sqlite \($0)" } ?? "sqlite" }

  public func make(in surroundings: SinkSurroundings) throws -> any Sink {
    guard let path = path ?? surroundings.database else {
      throw Failure("sink \(surroundings.name) has no database", help: "give it a `path`, or the config a `database`")
    }
    return SQLiteSink(in: surroundings, store: surroundings.stores.store(at: path))
  }
}

extension SinkKind {
  /// `sqlite`, `sqlite: { path: archive.db }`
  public static let sqlite = SinkKind(name: "sqlite") { options in
    options.unavailable("retention")
    return SQLiteRecipe(path: options.path("path"))
  }
}
