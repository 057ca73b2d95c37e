/// Inputs made of a corpus: bytes changed, left out, doubled, and put in from its words and other inputs.
struct Mutations {
  private let corpus: FuzzCorpus
  private var random: SplitMix

  init(of corpus: FuzzCorpus, seed: UInt64) {
    self.corpus = corpus
    random = SplitMix(seed: seed)
  }

  mutating func next() -> [UInt8] {
    // The longer of two: most of what libFuzzer leaves is short, and has little that can be changed.
    let choice = (0..<2).compactMap { _ in corpus.inputs.randomElement(using: &random) }
    var bytes = choice.max { $0.count < $1.count } ?? []
    for _ in 0..<Int.random(in: 1...6, using: &random) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.removeSubrange(place..<end)
    case 2: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
    case 3: bytes.replaceSubrange(place..<end, with: corpus.words.randomElement(using: &random) ?? [])
    case 4:
      let other = corpus.inputs.randomElement(using: &random) ?? []
      bytes.replaceSubrange(place..., with: other.suffix(Int.random(in: 0...other.count, using: &random)))
    default: bytes.insert(contentsOf: corpus.words.randomElement(using: &random) ?? [], at: place)
    }
  }
}
