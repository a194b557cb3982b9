"""The command: starts this server, and measures it in turn with a peer (benchmarks/README.md)."""

import argparse
import time
from base64 import b64encode

from benchmarks import dataset, report
from benchmarks.operations import Operation, operations
from benchmarks.report import Figures
from benchmarks.targets import Target, this_server


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    parser.add_argument("--peer", help="DICOMweb root of another server")
    parser.add_argument("--peer-name", default="peer")
    parser.add_argument("--peer-pid", type=int, default=0)
    parser.add_argument("--peer-basic", help="user:password")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="operations whose name has this text")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    with this_server() as ours:
        targets = [ours, *_peers(options)]
        text = measure(targets, options.rounds, options.only or "")
    print(text)
    if options.write:
        report.write(text, options.rounds)


def measure(targets: list[Target], rounds: int, only: str) -> str:
    """Store the data in all targets, then run every operation in turns."""
    large, small = dataset.large(), list(dataset.small())
    for target in targets:
        for study in (large, *small):
            for start in range(0, len(study.files), 10):
                target.store(study.files[start : start + 10])
        print(f"stored in {target.name}", flush=True)
    for target in targets:
        target.wait_until_idle()
    results: dict[str, dict[str, Figures]] = {}
    for operation in operations(large, small, int(time.time())):
        if only in operation.name:
            results[operation.name] = _measure(operation, targets, rounds)
            print(report.table({operation.name: results[operation.name]}, [t.name for t in targets]).splitlines()[-1])
    return report.table(results, [target.name for target in targets])


def _measure(operation: Operation, targets: list[Target], rounds: int) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    refused: set[str] = set()
    for number in range(rounds + 1):
        for target in targets:
            if target.name not in refused:
                target.reconnect()
                try:
                    cpu, wall = _round(operation, target)
                except RuntimeError as error:
                    print(error)
                    refused.add(target.name)
                    continue
                if number:  # the first one warms up
                    figures = found.setdefault(target.name, Figures())
                    figures.cpu.append(cpu)
                    figures.wall.append(wall)
    return found


def _round(operation: Operation, target: Target) -> tuple[float, float]:
    cpu, wall = target.cpu_seconds(), time.perf_counter()
    for _ in range(operation.times):
        operation.run(target)
    objects = operation.times * operation.each
    return 1000 * (target.cpu_seconds() - cpu) / objects, 1000 * (time.perf_counter() - wall) / objects


def _peers(options: argparse.Namespace) -> list[Target]:
    if not options.peer:
        return []
    basic = options.peer_basic
    headers = {"Authorization": f"Basic {b64encode(basic.encode()).decode()}"} if basic else {}
    return [Target(options.peer_name, options.peer, options.peer_pid, headers)]


if __name__ == "__main__":
    main()
