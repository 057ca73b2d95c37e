/// Gives pipelines their numbers and views.
struct PipelineRegister {
  let connection: StoreConnection

  /// Makes a row and a view for each pipeline, and a view anew whose pipeline has changed. Within a transaction.
  ///
  /// - Throws: ``Failure`` where the database has something else of that name; ``SQLiteError``.
  func register(_ labels: [PipelineLabel]) throws {
    let database = connection.database
    for label in labels { try check(label.name) }
    let ids = try labels.map { try connection.names.pipeline($0.name) }
    let standings = try standings()
    let views = zip(labels, ids).map { PipelineView(of: $0, id: $1) }
    // A statement is prepared anew after each change of the schema: so all of those, and then the rows.
    let changed = try zip(views, ids).filter { view, id in
      let standing = standings[view.name.nameKey]
      if standing.map({ ByteText($0.sql) }) == ByteText(view.sql) { return false }
      if let standing { try drop(standing, for: view.name, id: id) }
      try database.execute(view.sql)
      return true
    }
    let setName = try database.prepare("UPDATE pipeline SET name = ?2, view = ?3 WHERE id = ?1")
    for (view, id) in changed {
      try setName.bind(id, at: 1)
      try setName.bind(view.name, at: 2)
      try setName.bind(view.sql, at: 3)
      try setName.run()
    }
  }

  private func drop(_ standing: Standing, for name: String, id: Int64) throws {
    guard standing.isView(of: id) else {
      throw Failure(
        "pipeline \"\(name)\" cannot have its view", cause: "the database has a \(standing.type) of that name",
        help: "rename the pipeline, or drop the \(standing.type)")
    }
    try connection.database.execute("DROP VIEW \(PipelineView.quoted(standing.name))")
  }

  /// Drops the view of that name, if weir made it for that pipeline.
  ///
  /// - Returns: whether it did.
  func dropView(named name: String, id: Int64) throws(SQLiteError) -> Bool {
    guard let standing = try standings()[name.nameKey], standing.isView(of: id) else { return false }
    try connection.database.execute("DROP VIEW \(PipelineView.quoted(standing.name))")
    return true
  }

  private func check(_ name: String) throws(Failure) {
    if name.isEmpty || name.utf8.contains(0) || Schema.reservedNames.contains(name.nameKey)
      || name.nameKey.hasPrefix("sqlite_")
    {
      throw Failure("a pipeline cannot be named \"\(name)\"", cause: "its view in the database would need that name")
    }
  }

  /// What the database has of a name.
  private struct Standing {
    let type: String
    let name: String
    let sql: String
    /// The pipeline that weir made it for, as a view, just as it is.
    let pipeline: Int64?

    func isView(of id: Int64) -> Bool { pipeline == id }
  }

  /// All that the database has: read at once, since SQLite looks through all of it for a single name.
  private func standings() throws(SQLiteError) -> [String: Standing] {
    let all = try connection.database.prepare(
      """
      SELECT s.type, s.name, s.sql, p.id FROM sqlite_schema AS s
      LEFT JOIN pipeline AS p ON s.type = 'view' AND p.name = s.name AND p.view = s.sql
      """)
    var standings: [String: Standing] = [:]
    while try all.step() {
      let key = all.text(1).nameKey
      if standings[key] != nil { continue }
      standings[key] = Standing(
        type: all.text(0), name: all.text(1), sql: all.text(2), pipeline: all.isNull(3) ? nil : all.integer(3))
    }
    return standings
  }
}
