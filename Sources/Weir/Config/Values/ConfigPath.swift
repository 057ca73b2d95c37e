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
    text.text == "-" ? "-" : absolute(text, what: what, problems: problems)
  }

  /// As `absolute`, but a glob without `/` stays: it is of names.
  static func excluded(_ text: ConfigText, what: String, problems: Problems) -> FilePath? {
    if text.text.utf8.contains(UInt8(ascii: "/")) { return absolute(text, what: what, problems: problems) }
    return path(text, what: what, problems: problems)
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
