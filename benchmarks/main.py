"""The command: starts this server and a peer, and measures both in turn (benchmarks/README.md)."""

import argparse
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import dataset, report, rounds
from benchmarks.operations import Operation, Studies, operations
from benchmarks.orthanc import is_installed, orthanc
from benchmarks.report import Figures, Row
from benchmarks.targets import Target, this_server


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        targets = [stack.enter_context(this_server())]
        if is_installed(options.orthanc):
            targets.append(stack.enter_context(orthanc(options.orthanc)))
        else:
            print(f"There is no Orthanc under {options.orthanc}: this server is measured alone.", flush=True)
        rows = measure(targets, options.rounds, options.only or "", options.slices)
        text = report.table(rows, targets)
    print(text)
    if options.write:
        report.write(text, options.rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    parser.add_argument("--orthanc", type=Path, default=Path("/"), help="where the system with Orthanc begins")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slices", type=int, default=0, help="also a study of so many slices, such as 5000")
    parser.add_argument("--only", help="operations whose name has this text")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


def measure(targets: list[Target], count: int, only: str, slices: int) -> list[Row]:
    """Store the data in all targets, then run every operation in turns."""
    long = dataset.long(slices) if slices else None
    studies = Studies(dataset.large(), tuple(dataset.small()), dataset.grayscale_frames(), dataset.jpeg_frames(), long)
    for target in targets:
        for study in studies.all():
            target.store_all(study.files)
        print(f"stored in {target.name}", flush=True)
    for target in targets[1:]:
        target.wait_until_idle()
    rows = []
    for operation in operations(studies, int(time.time())):
        if only in operation.name:
            rows.append(Row(operation, _measure(operation, targets, count)))
            print(report.line(rows[-1], [target.name for target in targets]), flush=True)
    return rows


def _measure(operation: Operation, targets: list[Target], count: int) -> dict[str, Figures]:
    """The figures of the targets that answer, round by round in turns; the first round warms up."""
    found = {target.name: Figures() for target in targets}
    for number in range(count + 1):
        for target in targets:
            figures = found[target.name]
            if figures.refusal:
                continue
            try:
                cpu, wall = rounds.measure(operation, target)
            except RuntimeError as error:
                figures.refusal = str(error)
                print(error, flush=True)
                continue
            if number:
                figures.cpu.append(cpu)
                figures.wall.append(wall)
    return found


if __name__ == "__main__":
    main()
