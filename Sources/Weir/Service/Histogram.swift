import Coroutines

/// Durations counted in buckets that grow by a sixteenth, so that a quantile is at most 6 % too high
/// (the layout of Gil Tene's HdrHistogram with four bits, for whole microseconds up to an hour).
struct Histogram: Sendable {
  private static let subBucketBits = 4
  private static let subBuckets = 1 << subBucketBits
  private static let longestMicroseconds: UInt64 = 3_600_000_000

  private var counts: [UInt32] = []
  private(set) var count = 0
  private(set) var maxMicroseconds: Int64 = 0

  mutating func record(_ duration: Duration) {
    let microseconds = min(UInt64(max(0, duration.nanoseconds)) / 1000, Self.longestMicroseconds)
    let bucket = Self.bucket(of: microseconds)
    if bucket >= counts.count { counts.append(contentsOf: repeatElement(0, count: bucket + 1 - counts.count)) }
    counts[bucket] &+= 1
    count += 1
    maxMicroseconds = max(maxMicroseconds, Int64(microseconds))
  }

  /// Adds what another one counted.
  mutating func add(_ other: Histogram) {
    if counts.count < other.counts.count {
      counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
    }
    for bucket in other.counts.indices { counts[bucket] &+= other.counts[bucket] }
    count += other.count
    maxMicroseconds = max(maxMicroseconds, other.maxMicroseconds)
  }

  /// The duration that `share` (0...1) of the records do not exceed, in microseconds; 0 of none.
  func microseconds(atQuantile share: Double) -> Int64 {
    let rank = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (bucket, occurrences) in counts.enumerated() {
      seen += Int(occurrences)
      if seen >= rank { return min(Int64(Self.upperBound(of: bucket)), maxMicroseconds) }
    }
    return maxMicroseconds
  }

  private static func bucket(of value: UInt64) -> Int {
    guard value >= subBuckets else { return Int(value) }
    let shift = 63 - value.leadingZeroBitCount - subBucketBits
    return (shift + 1) << subBucketBits | Int(value >> UInt64(shift)) & (subBuckets - 1)
  }

  /// The largest value that falls into the bucket.
  private static func upperBound(of bucket: Int) -> UInt64 {
    guard bucket >= subBuckets else { return UInt64(bucket) }
    let shift = UInt64(bucket >> subBucketBits - 1)
    let base = UInt64(subBuckets | bucket & (subBuckets - 1))
    return (base + 1) << shift - 1
  }
}
