/// Where a followed file's bytes come from.
enum FileSource: Sendable {
  /// A regular file, read by offset.
  case file(any ReadableFile)
  /// Standard input or a FIFO, whose bytes can be read once.
  case stream(Descriptor)
}
