/// Gives pipelines their numbers and views.
struct PipelineRegister {
  let connection: StoreConnection

  /// Makes a row and a view for each pipeline, and a view anew whose pipeline has changed. Within a transaction.
  ///
  /// - Throws: ``Failure`` where the database has something else of that name; ``SQLiteError``.
  func register(_ labels: [PipelineLabel]) throws {
    let database = connection.database
    let setName = try database.prepare("UPDATE pipeline SET name = ?2, view = ?3 WHERE id = ?1")
    for label in labels {
      try check(label.name)
      let id = try connection.names.pipeline(label.name)
      let view = PipelineView(of: label, id: id)
      let standing = try standing(named: label.name, id: id)
      if standing?.sql == view.sql { continue }
      if let standing {
        guard standing.isOurs else {
          throw Failure(
            "pipeline \"\(label.name)\" cannot have its view",
            cause: "the database has a \(standing.type) of that name",
            help: "rename the pipeline, or drop the \(standing.type)")
        }
        try database.execute("DROP VIEW \(PipelineView.quoted(standing.name))")
      }
      try database.execute(view.sql)
      try setName.bind(id, at: 1)
      try setName.bind(label.name, at: 2)
      try setName.bind(view.sql, at: 3)
      try setName.run()
    }
  }

  /// Drops the view of that name, if weir made it for that pipeline.
  ///
  /// - Returns: whether it did.
  func dropView(named name: String, id: Int64) throws(SQLiteError) -> Bool {
    guard let standing = try standing(named: name, id: id), standing.isOurs else { return false }
    try connection.database.execute("DROP VIEW \(PipelineView.quoted(standing.name))")
    return true
  }

  private func check(_ name: String) throws(Failure) {
    if name.isEmpty || name.utf8.contains(0) || Schema.reservedNames.contains(name.lowercased())
      || name.lowercased().hasPrefix("sqlite_")
    {
      throw Failure("a pipeline cannot be named \"\(name)\"", cause: "its view in the database would need that name")
    }
  }

  /// What the database has of a name, SQL's way: without regard to the case of ASCII letters.
  private struct Standing {
    let type: String
    let name: String
    let sql: String
    /// A view just as weir made it for that pipeline.
    let isOurs: Bool
  }

  private func standing(named name: String, id: Int64) throws(SQLiteError) -> Standing? {
    let find = try connection.database.prepare(
      """
      SELECT s.type, s.name, s.sql, s.type = 'view' AND s.sql = p.view FROM sqlite_schema AS s, pipeline AS p
      WHERE s.name = ?1 COLLATE NOCASE AND p.id = ?2
      """)
    try find.bind(name, at: 1)
    try find.bind(id, at: 2)
    defer { find.reset() }
    guard try find.step() else { return nil }
    return Standing(type: find.text(0), name: find.text(1), sql: find.text(2), isOurs: find.integer(3) == 1)
  }
}
