import SystemPackage

/// Paths as a config writes them.
enum ConfigPath {
  /// Made absolute, relative to the file that names it, and normalised without looking at the disk: globs stay, `~` is
  /// a name. Nil if it is no path (then reported).
  static func absolute(_ text: ConfigText, what: String, problems: Problems) -> FilePath? {
    guard let path = path(text, what: what, problems: problems) else { return nil }
    return text.place.source.folder.pushing(path).lexicallyNormalized()
  }

  /// As `absolute`, but `-` stays: standard input.
  static func followed(_ text: ConfigText, what: String, problems: Problems) -> FilePath? {
    guard text.text != "-" else { return "-" }
    return absolute(text, what: what, problems: problems).flatMap { glob($0, text, problems) }
  }

  /// As `absolute`, for a glob of places to look in.
  static func searched(_ text: ConfigText, what: String, problems: Problems) -> FilePath? {
    absolute(text, what: what, problems: problems).flatMap { glob($0, text, problems) }
  }

  /// As `absolute`, but a glob without `/` stays: it is of names.
  static func excluded(_ text: ConfigText, what: String, problems: Problems) -> FilePath? {
    let isOfName = !text.text.utf8.contains(UInt8(ascii: "/"))
    let path =
      isOfName ? path(text, what: what, problems: problems) : absolute(text, what: what, problems: problems)
    return path.flatMap { glob($0, text, problems) }
  }

  /// Nil where its braces stand for too many paths (then reported).
  private static func glob(_ path: FilePath, _ text: ConfigText, _ problems: Problems) -> FilePath? {
    do throws(Failure) {
      _ = try PathBraces.expanding(path)
      return path
    } catch {
      problems.add(error.description, at: text.place)
      return nil
    }
  }

  private static func path(_ text: ConfigText, what: String, problems: Problems) -> FilePath? {
    if text.text.isEmpty {
      problems.add("\(what) is empty; a path is needed", at: text.place)
      return nil
    }
    if text.text.utf8.contains(0) {
      problems.add("\(what) holds a NUL, which no path can", at: text.place)
      return nil
    }
    return FilePath(text.text)
  }
}
