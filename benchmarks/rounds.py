"""One round of an operation at one server: done again and again for a moment, its cost taken from /proc."""

import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.operations import Operation
from benchmarks.targets import Target

# The clock of /proc ticks a hundred times a second: this long, and a tick is a small part of what is seen.
SECONDS = 1.5


def measure(operation: Operation, target: Target) -> tuple[float, float]:
    """CPU milliseconds of the server and wall milliseconds, each for one object. Raises RuntimeError."""
    if operation.prepare:
        operation.prepare(target)
    target.settle()
    with ThreadPoolExecutor(operation.clients) as pool:
        cpu, wall = target.cpu_seconds(), time.perf_counter()
        counts = [pool.submit(_repeat, operation, target, wall + SECONDS) for _ in range(operation.clients)]
        runs = sum(count.result() for count in counts)
        cpu, wall = target.cpu_seconds() - cpu, time.perf_counter() - wall
    objects = runs * operation.each
    return 1000 * cpu / objects, 1000 * wall / objects


def _repeat(operation: Operation, target: Target, until: float) -> int:
    """Run it as often as it says, or else until a moment, but once at least."""
    count = 0
    while count < operation.times or (not operation.times and (not count or time.perf_counter() < until)):
        operation.run(target)
        count += 1
    return count
