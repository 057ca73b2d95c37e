import CLinux

extension Batch {
  /// How many lines the batch has; one without a terminator at its end counts.
  var lineCount: Int {
    withBytes { bytes in
      guard let base = bytes.baseAddress, let last = bytes.last else { return 0 }
      return linux_count_byte(base, 10, bytes.count) + (last == 10 ? 0 : 1)
    }
  }
}
