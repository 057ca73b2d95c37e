"""What Python's coroutines cost: one line per operation, its name and nanoseconds, separated by a tab."""

import asyncio
import sys
import time

COUNT = 200_000
DEPTH = 1_000


def show(name, start, count):
    print(f"{name}\t{(time.perf_counter_ns() - start) / count:.1f}")


def numbers(count):
    for number in range(count):
        yield number


def nested(depth, count):
    if depth == 0:
        yield from numbers(count)
    else:
        yield from nested(depth - 1, count)


def echo():
    value = 0
    while True:
        value = yield value


def generator_next():
    total = 0
    start = time.perf_counter_ns()
    for number in numbers(COUNT):
        total += number
    show("Python: generator, next", start, COUNT)
    assert total == COUNT * (COUNT - 1) // 2


def generator_send():
    coroutine = echo()
    next(coroutine)
    total = 0
    start = time.perf_counter_ns()
    for number in range(COUNT):
        total += coroutine.send(number)
    show("Python: generator, send", start, COUNT)
    assert total == COUNT * (COUNT - 1) // 2


def generator_nested():
    count = COUNT // 40
    generator = nested(DEPTH, count)
    total = next(generator)
    start = time.perf_counter_ns()
    for number in generator:
        total += number
    show(f"Python: next through {DEPTH:,} yield from", start, count)
    assert total == count * (count - 1) // 2


async def queue():
    channel = asyncio.Queue(maxsize=64)

    async def put():
        for number in range(COUNT):
            await channel.put(number)

    async def get():
        return sum([await channel.get() for _ in range(COUNT)])

    start = time.perf_counter_ns()
    _, total = await asyncio.gather(put(), get())
    show("Python: asyncio.Queue(maxsize=64), element", start, COUNT)
    assert total == COUNT * (COUNT - 1) // 2


async def turn():
    count = COUNT // 4
    start = time.perf_counter_ns()
    for _ in range(count):
        await asyncio.sleep(0)
    show("Python: asyncio.sleep(0)", start, count)


sys.setrecursionlimit(10 * DEPTH)
generator_next()
generator_send()
generator_nested()
asyncio.run(queue())
asyncio.run(turn())
