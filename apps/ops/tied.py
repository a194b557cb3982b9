"""Runs a program that ends when the one that started it does: `python -m apps.ops.tied PARENT_PID PROGRAM ARGUMENT…`.

On Linux the kernel sends SIGTERM when the parent is gone, however it went. Elsewhere the program is just run.
"""

import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the supervisor has gone")
    os.execv(program[0], program)  # noqa: S606 - the supervisor's own command, without a shell


if __name__ == "__main__":
    main()
