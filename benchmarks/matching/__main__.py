"""Match FEBRL 4's copies to their originals, with weights of FEBRL 2 and 3, and time it: docs/matching.md."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from apps.practice.matching import weights
from apps.practice.matching.weights import SHIPPED
from benchmarks.matching import naive, report, speed
from benchmarks.matching.febrl import Known, Record, load, twins
from benchmarks.matching.judging import Result, judge
from benchmarks.matching.report import Row
from benchmarks.matching.training import learn

TWINS: Final = 500
SEED: Final = 7
SHIPPED_FILE: Final = Path(weights.__file__).with_name("shipped.json")


def main() -> None:
    options = _options()
    if options.learn:
        SHIPPED_FILE.write_text(learn(options.learn).to_json() + "\n", encoding="utf-8")
        return
    originals, copies = load("4a"), load("4b")
    rows = list(_rows(originals, copies))
    said = f"{report.table(rows)}\n\n{report.cost(speed.measure(originals, copies))}"
    print(said)
    if options.write:
        report.write(said)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/matching.md")
    parser.add_argument("--learn", metavar="VERSION", help="learn the weights that are shipped anew, and stop")
    return parser.parse_args()


def _rows(originals: Sequence[Record], copies: Sequence[Record]) -> Iterator[Row]:
    crowds = {
        "none": list(copies),
        "500": [*copies, *twins(originals, TWINS, SEED)],
        "500, next number": [*copies, *twins(originals, TWINS, SEED, is_numbered_next=True)],
    }
    for known in Known:
        for name, crowd in crowds.items():
            yield Row("naive rule", known.value, name, naive.judge(originals, crowd, known))
            yield Row("**as shipped**", known.value, name, _judge(originals, crowd, known))


def _judge(originals: Sequence[Record], crowd: Sequence[Record], known: Known) -> Result:
    print(".", end="", file=sys.stderr, flush=True)
    return judge(originals, crowd, known, SHIPPED)


if __name__ == "__main__":
    main()
