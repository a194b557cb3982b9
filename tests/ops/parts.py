"""A part of the server for tests: says when it starts and ends, and does as its arguments tell."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Arguments: a file to note things in, and what to do: work, stubborn, parent or fail."""
    notes, manner = Path(sys.argv[1]), sys.argv[2]

    def note(word: str) -> None:
        with notes.open("a") as file:
            file.write(f"{word}\n")

    def stop(*_: object) -> None:
        note("asked")
        if manner != "stubborn":
            sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, lambda *_: note("interrupted"))
    if manner == "parent":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        note(f"child {child.pid}")
    note(f"started {os.getpid()}")
    if manner == "fail":
        sys.exit(3)
    while True:
        time.sleep(0.1)


if __name__ == "__main__":
    main()
