"""The command: starts this server and a peer, and measures both in turn (benchmarks/README.md)."""

import argparse
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import dataset, report, rounds, viewer
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
        studies = _studies(options.slices)
        store(targets, studies)
        rows = measure(targets, studies, options.rounds, options.only or "")
        text = report.table(rows, targets)
        if options.viewer:
            text += "\n\n" + viewer.measure(targets[0], targets, studies.large, options.rounds)
    print(text)
    if options.write:
        report.write(text, options.rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    parser.add_argument("--orthanc", type=Path, default=Path("/"), help="where the system with Orthanc begins")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slices", type=int, default=0, help="also a study of so many slices, such as 5000")
    parser.add_argument("--viewer", action="store_true", help="also open the CT in OHIF in a real browser")
    parser.add_argument("--only", help="operations whose name has this text")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


def _studies(slices: int) -> Studies:
    long = dataset.long(slices) if slices else None
    return Studies(dataset.large(), tuple(dataset.small()), dataset.grayscale_frames(), dataset.jpeg_frames(), long)


def store(targets: list[Target], studies: Studies) -> None:
    """Store the data in all targets, and wait until the peers have done what they do with it afterwards."""
    for target in targets:
        for study in studies.all():
            target.store_all(study.files)
        print(f"stored in {target.name}", flush=True)
    for target in targets[1:]:
        target.wait_until_idle()


def measure(targets: list[Target], studies: Studies, count: int, only: str) -> list[Row]:
    """Run every operation in turns."""
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
