import Glibc
import Testing

/// What libFuzzer does for hours, done for seconds: the corpus and mutations of it, without its instrumentation.
@Suite struct ShortRunTests {
  /// `WEIR_FUZZ_INPUTS=100000` tries more.
  private static let inputCount = getenv("WEIR_FUZZ_INPUTS").flatMap { Int(String(cString: $0)) }

  /// Without optimisation, paths and inflating take ten times as long as the others.
  private static func inputCount(for target: FuzzTarget) -> Int {
    switch target {
    case .config, .lines, .print: inputCount ?? 2000
    case .glob, .gzip: inputCount ?? 200
    }
  }

  /// An input is written down before it is tried: where one traps, it is in that file.
  @Test(arguments: FuzzTarget.allCases) func corpusAndMutations(of target: FuzzTarget) throws {
    let corpus = try FuzzCorpus(of: target)
    let file = try InputFile(for: target)
    for input in corpus.inputs { try check(input, target, file) }
    var mutations = Mutations(of: corpus, seed: 20_261_126)
    for _ in 0..<Self.inputCount(for: target) { try check(mutations.next(), target, file) }
    file.remove()
  }

  private func check(_ input: [UInt8], _ target: FuzzTarget, _ file: InputFile) throws(FuzzFinding) {
    file.write(input)
    do throws(FuzzFinding) { try target.check(input) } catch {
      throw FuzzFinding(
        description: "\(error)\nreplay it: Tests/Fuzz/run --replay \(file.path) \(target.rawValue)")
    }
  }
}
