import CVectorscan

/// Vectorscan's database of the literals that are sought, and its working memory: one scan finds them all.
///
/// Literals alone: in the releases up to 5.4.12, expressions with classes or gaps miss matches on machines with wide
/// vectors (VectorCamp/vectorscan pull requests 368 and 378), and a scan that misses is no scan. The literal matchers
/// are of other code, and a literal is what makes a line rare.
///
/// Not Sendable: a database may be shared between threads, the working memory may not.
final class ScanDatabase {
  /// What is sought for one pattern: any of its literals.
  struct Entry {
    /// The pattern's place in the scanner's table.
    let pattern: Int
    let literals: ScanLiterals
  }

  private let database: OpaquePointer
  private let scratch: OpaquePointer

  /// Compiles these; nil if there are none, or if Vectorscan cannot run here (it needs SSE4.2): then PCRE2 does
  /// all of the work.
  init?(_ entries: [Entry]) {
    guard !entries.isEmpty, let database = Self.compile(entries) else { return nil }
    var scratch: OpaquePointer?
    guard hs_alloc_scratch(database, &scratch) == HS_SUCCESS, let scratch else {
      hs_free_database(database)
      return nil
    }
    self.database = database
    self.scratch = scratch
  }

  deinit {
    hs_free_scratch(scratch)
    hs_free_database(database)
  }

  /// Adds to `hits` what is in `bytes`.
  func scan(_ bytes: UnsafeRawBufferPointer, into hits: inout HitList) {
    let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    let code = withUnsafeMutablePointer(to: &hits) { hits in
      hs_scan(
        database, base, UInt32(bytes.count), 0, scratch,
        { pattern, _, end, _, hits in
          hits?.assumingMemoryBound(to: HitList.self).pointee.add(pattern: Int(pattern), end: Int(end))
          return 0
        }, hits)
    }
    // Its errors are of wrong arguments alone.
    precondition(code == HS_SUCCESS, "hs_scan: \(code)")
  }

  private static func compile(_ entries: [Entry]) -> OpaquePointer? {
    // All literals' bytes in one piece, for the time of the call.
    var bytes: [CChar] = []
    var starts: [Int] = []
    var counts: [Int] = []
    var flags: [UInt32] = []
    var patterns: [UInt32] = []
    for entry in entries {
      for literal in entry.literals.literals {
        starts.append(bytes.count)
        counts.append(literal.bytes.count)
        bytes += literal.bytes.map { CChar(bitPattern: $0) }
        flags.append(literal.ignoresCase ? UInt32(HS_FLAG_CASELESS) : 0)
        patterns.append(UInt32(entry.pattern))
      }
    }
    var database: OpaquePointer?
    var problem: UnsafeMutablePointer<hs_compile_error_t>?
    bytes.withUnsafeBufferPointer { bytes in
      let texts = starts.map { start in bytes.baseAddress.map { $0 + start } }
      _ = hs_compile_lit_multi(
        texts, flags, patterns, counts, UInt32(counts.count), UInt32(HS_MODE_BLOCK), nil, &database, &problem)
    }
    hs_free_compile_error(problem)
    return database
  }
}
