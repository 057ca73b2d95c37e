// The lecture's last example: `await` at the top level of a program, as in a notebook.
import Coroutines

func rng(_ count: Int, on scheduler: Scheduler) -> Generator<Int> {
  Generator(name: "rng", on: scheduler) { yield in
    for number in 0..<count {
      await Task.yield()
      try await yield(number)
    }
  }
}

try await Scheduler.onOwnThread { scheduler in
  for try await number in rng(3, on: scheduler) { print(number) }
}
