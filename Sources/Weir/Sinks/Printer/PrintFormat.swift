/// How the printer writes a line.
public enum PrintFormat: Sendable, Equatable {
  /// The line's own bytes and LF.
  case text
  /// The line's own bytes and its own terminator, whatever they are: never shown as `\x1b`, never coloured.
  /// A line cut at `max_line` ends in LF, since its own terminator was passed over with its rest.
  case raw
  /// An object a line: time, pipeline, path, offset, line, fields, raw, truncated.
  case json
  /// The user's own order of things.
  case template(PrintTemplate)
}

/// When the match in a line is coloured, as grep colours it.
public enum PrintColor: String, Sendable, CaseIterable {
  /// On a terminal that has colours, unless `NO_COLOR` is set.
  case auto
  /// Also into a pipe.
  case always
  /// Nowhere.
  case never
}
