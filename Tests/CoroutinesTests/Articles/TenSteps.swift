import Coroutines
import Glibc

// What the ten steps are made of: the article shows these functions as they stand here.
extension TenStepsTests {
  /// The next line without its newline; nil where there is none yet.
  func nextLine(of file: UnsafeMutablePointer<FILE>) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(text) }
    let count = getline(&text, &capacity, file)
    guard count > 0, let text, text[count - 1] == CChar(bitPattern: UInt8(ascii: "\n")) else {
      fseek(file, -max(count, 0), SEEK_CUR)
      return nil
    }
    text[count - 1] = 0
    return String(cString: text)
  }

  func lines(of path: String) -> Generator<String> {
    Generator(name: path, on: scheduler) { yield in
      guard let file = fopen(path, "re") else { throw SystemError("fopen") }
      defer { fclose(file) }
      while let line = nextLine(of: file) { try await yield(line) }
    }
  }

  func grep(_ word: String, in lines: Generator<String>) -> Generator<String> {
    lines.filter { $0.contains(word) }
  }

  func follow(_ path: String) -> Generator<String> {
    Generator(name: "follow", on: scheduler) { yield in
      guard let file = fopen(path, "re") else { throw SystemError("fopen") }
      defer { fclose(file) }
      fseek(file, 0, SEEK_END)
      while true {
        while let line = nextLine(of: file) { try await yield(line) }
        try await scheduler.sleep(for: .milliseconds(100))
      }
    }
  }

  func follow(_ path: String, to target: Consumer<String>) async throws {
    for try await line in follow(path) { try await target.send(line) }
  }

  func printer(_ name: String) -> Consumer<String> {
    Consumer(name: name, on: scheduler) { inbox in
      defer { print("\(name) ends") }
      for try await line in inbox { print("\(name): \(line)") }
    }
  }

  func grep(_ word: String, to target: Consumer<String>) -> Consumer<String> {
    Consumer(name: "grep", on: scheduler) { inbox in
      for try await line in inbox where line.contains(word) { try await target.send(line) }
      try await target.close()
    }
  }

  func broadcast(to targets: [Broadcast<String>.Target]) -> Consumer<String> {
    Consumer(name: "broadcast", on: scheduler) { inbox in
      let broadcast = Broadcast(to: targets)
      for try await line in inbox {
        for fault in try await broadcast.send(line).faults { print("target \(fault.index): \(fault.error)") }
      }
      try await broadcast.close()
    }
  }

  func slowPrinter(_ name: String) -> Consumer<String> {
    Consumer(name: name, on: scheduler) { inbox in
      for try await line in inbox {
        try await scheduler.sleep(for: .seconds(1))
        print("\(name): \(line)")
      }
    }
  }

  func batches(of path: String) -> Generator<[String]> {
    Generator(name: "batches", on: scheduler) { yield in
      guard let file = fopen(path, "re") else { throw SystemError("fopen") }
      defer { fclose(file) }
      while true {
        var batch: [String] = []
        while batch.count < 1000, let line = nextLine(of: file) { batch.append(line) }
        if batch.isEmpty { try await scheduler.sleep(for: .milliseconds(100)) } else { try await yield(batch) }
      }
    }
  }

  func follow(_ path: String, to target: Consumer<String>, timing: Timing<Recorder>) async throws {
    for try await batch in batches(of: path) {
      try await timing.measure("batch") { timing in
        let found = timing.measure("grep") { batch.filter { $0.contains("error") } }
        try await timing.measure("send") { for line in found { try await target.send(line) } }
      }
    }
  }

  struct Recorder: TimingRecorder, Sendable {
    let print: @Sendable (String) -> Void

    func record(_ measurement: Measurement) {
      let indent = String(repeating: "  ", count: measurement.depth)
      print("\(indent)\(measurement.stage): \(measurement.wall.wholeMilliseconds) ms")
    }
  }

  /// Stands in for the terminal, so that a test can read what was printed.
  func print(_ line: String) { screen.note(line) }
}
