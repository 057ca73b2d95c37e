import Glibc
import SystemPackage

extension FilePath {
  /// Whether a rotation may have made this path of another: they are in one folder, and this one's name begins as the
  /// other's does before its extension.
  ///
  /// Asked of every followed file for every file that appears: so by bytes, and without a copy of any. Of 800 logs that
  /// were rotated at once that took 1.5 s of 4.2 by components.
  func mayBeRotated(from original: FilePath) -> Bool {
    withPlatformString { own in
      original.withPlatformString { other in
        var (nameStart, stemEnd, index) = (0, 0, 0)
        while other[index] != 0 {
          if other[index] == 0x2f { (nameStart, stemEnd) = (index + 1, 0) }
          // A dot that begins the name begins no extension.
          if other[index] == 0x2e, index > nameStart { stemEnd = index }
          index += 1
        }
        if stemEnd == 0 { stemEnd = index }
        // Where they are equal up to there, its own is no shorter.
        return strncmp(own, other, stemEnd) == 0 && strchr(own + stemEnd, 0x2f) == nil
      }
    }
  }
}
