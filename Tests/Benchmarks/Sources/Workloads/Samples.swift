/// What a program took, round by round.
struct Samples {
  private(set) var wallSeconds: [Double] = []
  private(set) var cpuSeconds: [Double] = []
  private(set) var peakBytes: [Double] = []

  mutating func add(_ run: Run) {
    wallSeconds.append(run.wallSeconds)
    cpuSeconds.append(run.cpuSeconds)
    peakBytes.append(run.peakBytes)
  }
}
