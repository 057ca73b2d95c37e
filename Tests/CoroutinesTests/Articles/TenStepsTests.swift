import Coroutines
import Glibc
import Testing

/// The steps of the article that goes from `tail -f | grep` to a broadcast, each on real files and a virtual clock.
@Suite struct TenStepsTests {
  let scheduler = Scheduler(clock: VirtualClock())
  let screen = Trace()
  let folder: ArticleFolder

  init() throws { folder = try ArticleFolder() }

  @Test func `step 1: the lines of a file that has an end`() throws {
    let path = try folder.append("one\ntwo\nunfinished", to: "app.log")
    try scheduler.run {
      for try await line in lines(of: path) { print(line) }
    }
    #expect(screen.all == ["one", "two"])
    #expect(throws: SystemError("fopen", code: ENOENT)) {
      try scheduler.run { for try await line in lines(of: folder.file("missing")) { print(line) } }
    }
  }

  @Test func `step 2: grep is a filter, and two of them a pipe`() throws {
    let path = try folder.append("python\nsee http://python.org\nhttp\n", to: "app.log")
    try scheduler.run {
      for try await line in grep("http", in: grep("python", in: lines(of: path))) { print(line) }
    }
    #expect(screen.all == ["see http://python.org"])
  }

  @Test func `step 3: follow waits for more`() throws {
    let path = try folder.append("an old error\n", to: "app.log")
    try scheduler.run {
      scheduler.spawn(name: "writer", after: .seconds(5)) {
        try folder.append("all is well\nan err", to: "app.log")
        try await scheduler.sleep(for: .seconds(5))
        try folder.append("or\nanother error\n", to: "app.log")
      }
      for try await line in grep("error", in: follow(path)) {
        print(line)
        if line == "another error" { break }
      }
    }
    #expect(screen.all == ["an error", "another error"])
    #expect(scheduler.clock.now >= .seconds(10))
  }

  @Test func `step 4: follow pushes each line to a consumer`() throws {
    let path = try folder.append("", to: "app.log")
    try scheduler.run {
      let target = Consumer<String>(name: "target", on: scheduler) { inbox in
        for try await line in inbox { print(line) }
      }
      let following = scheduler.spawn(name: "follow") { try await follow(path, to: target) }
      try await scheduler.sleep(for: .seconds(1))
      try folder.append("one\ntwo\n", to: "app.log")
      try await scheduler.sleep(for: .seconds(1))
      following.cancel()
      await #expect(throws: CancellationError.self) { try await following.value }
      try await target.close()
    }
    #expect(screen.all == ["one", "two"])
  }

  @Test func `step 5: printer is a consumer, and grep one in front of it`() throws {
    try scheduler.run {
      let target = grep("error", to: printer("screen"))
      try await target.send("all is well")
      try await target.send("an error")
      try await target.close()
    }
    #expect(screen.all == ["screen: an error", "screen ends"])
  }

  @Test func `step 6: a broadcast to two printers`() throws {
    try scheduler.run {
      let (left, right) = (printer("left"), printer("right"))
      let target = grep("error", to: broadcast(to: [.init(left), .init(right)]))
      try await target.send("an error")
      try await left.close()
      try await target.send("another error")
      try await target.close()
    }
    #expect(
      screen.all == [
        "left: an error", "right: an error", "left ends",
        "right: another error", "target 0: coroutine left has ended", "right ends",
      ])
  }

  @Test func `step 7: a slow target has a buffer, and the others do not wait`() throws {
    try scheduler.run {
      let target = broadcast(to: [
        .init(printer("quick")),
        .init(slowPrinter("slow"), .buffer(2, overflow: .dropOldest)),
      ])
      for number in 1...5 { try await target.send("\(number)") }
      print("all are sent")
      try await target.close()
    }
    #expect(screen.all.prefix(6) == ["quick: 1", "quick: 2", "quick: 3", "quick: 4", "quick: 5", "all are sent"])
    #expect(screen.all.filter { $0.hasPrefix("slow") } == ["slow: 4", "slow: 5"])
  }

  @Test func `step 8: each batch is timed`() throws {
    let path = try folder.append("an error\nall is well\nanother error\n", to: "app.log")
    try scheduler.run {
      let target = slowPrinter("slow")
      let following = scheduler.spawn(name: "follow") {
        let timing = Timing(clock: scheduler.clock, recorder: Recorder(print: { print($0) }))
        try await follow(path, to: target, timing: timing)
      }
      try await scheduler.sleep(for: .seconds(3))
      following.cancel()
      await #expect(throws: CancellationError.self) { try await following.value }
    }
    #expect(
      screen.all == [
        "  grep: 0 ms", "slow: an error", "slow: another error", "  send: 2000 ms", "batch: 2000 ms",
      ])
  }

  @Test func `step 9: several follows on one scheduler, and an orderly stop`() throws {
    let paths = try ["a.log", "b.log"].map { try folder.append("", to: $0) }
    try scheduler.run {
      let target = grep("error", to: broadcast(to: [.init(printer("left")), .init(printer("right"))]))
      let follows = RoutineGroup(on: scheduler)
      for path in paths { follows.spawn(name: path) { try await follow(path, to: target) } }
      try await scheduler.sleep(for: .seconds(1))
      for name in ["a.log", "b.log"] { try folder.append("error in \(name)\n", to: name) }
      try await scheduler.sleep(for: .seconds(1))

      let report = try await follows.stop(within: .seconds(5))
      print("\(report.exits.count) follows ended, \(report.remaining.count) did not")
      try await target.close()
    }
    #expect(
      screen.all.prefix(5) == [
        "left: error in a.log", "right: error in a.log", "left: error in b.log", "right: error in b.log",
        "2 follows ended, 0 did not",
      ])
  }

  @Test func `step 10: an error a minute later is printed, and the test takes no time`() throws {
    let path = try folder.append("", to: "app.log")
    try scheduler.run {
      scheduler.spawn(name: "follow") { try await follow(path, to: grep("error", to: printer("screen"))) }
      try await scheduler.sleep(for: .seconds(60))
      try folder.append("an error\n", to: "app.log")
      #expect(screen.all.isEmpty)
      try await scheduler.sleep(for: .milliseconds(100))
      #expect(screen.all == ["screen: an error"])
    }
    #expect(scheduler.clock.now == .milliseconds(60_100))
  }
}
