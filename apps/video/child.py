"""The process that one conversion runs in: `python -m apps.video.child MEMORY LIFE NICENESS`.

What is to be done comes by standard input (pickle: the parent alone writes there), what becomes of it goes by standard
output, a line of JSON each. Decoders read bytes from strangers here: the process has no secrets of the site, bounded
memory, and is gone with its parent.
"""

import errno
import pickle
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from apps.jobs.processes import confining
from apps.jobs.processes.confining import Say

if TYPE_CHECKING:
    from apps.video.conversion.converting import Examined
    from apps.video.conversion.policy import Policy
    from apps.video.objects.metadata import Metadata
    from apps.video.streams.telling import Tell

# Seconds between two words of progress.
EVERY: Final = 0.25


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be done. Without `may_encode` it ends when it is clear that pictures must be decoded or encoded."""

    source: Path
    target: Path
    metadata: "Metadata"
    policy: "Policy"
    may_encode: bool


class _Elsewhere(Exception):
    """Pictures would have to be decoded or encoded."""


def main(memory: int, life: int, niceness: int) -> None:
    """Do what standard input asks for; everything that can be said of it goes to standard output."""
    say = confining.begin(memory, life, niceness)
    request: Request = pickle.load(sys.stdin.buffer)  # noqa: S301 - the parent's
    say(answer_to(request, say))


def answer_to(request: Request, say: Say) -> dict[str, Any]:
    """The last answer: an outcome, a refusal, that it is work of the other kind, or what failed."""
    from apps.video.errors import Refused

    try:
        return _converted(request, say)
    except _Elsewhere:
        return {"elsewhere": True}
    except Refused as refused:
        return {"refused": refused.code.value, "reason": str(refused)}
    except MemoryError:
        return {"failed": "memory"}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told, and ends the attempt
        return _failed(error)


def _converted(request: Request, say: Say) -> dict[str, Any]:
    from apps.video.conversion import converting
    from apps.video.planned import described

    tell = _teller(say, may_encode=request.may_encode)
    examined = converting.examine(request.source, request.policy, tell) if request.may_encode else _light(request, tell)
    say({"plan": described(examined[-1])})
    outcome = converting.convert(
        request.source, request.target, request.metadata, request.policy, tell=tell, examined=examined
    )
    return {"report": outcome.report(), "sop_instance_uid": outcome.sop_instance_uid}


def _light(request: Request, tell: "Tell") -> "Examined":
    """What is found without decoding anything. Raises _Elsewhere where that is not enough, or not all that is to do."""
    from apps.video.conversion.deciding import decide, is_doubtful
    from apps.video.streams.probing import probe
    from apps.video.streams.scanning import scan

    probed = probe(request.source)
    scanned = scan(request.source, probed, tell=tell)
    if is_doubtful(probed, scanned):
        raise _Elsewhere
    plan = decide(probed, scanned, None, request.policy)
    if not plan.path.is_exact:
        raise _Elsewhere
    return probed, scanned, None, plan


def _teller(say: Say, *, may_encode: bool) -> "Tell":
    """Progress for the parent, a few times a second at most, and at the beginning of each stage."""
    from apps.video.conversion.transcoding import STAGE

    told, stage_told = 0.0, ""

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal told, stage_told
        # Some plans turn out to be too good only when all of the file has been read.
        if stage == STAGE and not may_encode:
            raise _Elsewhere
        now = monotonic()
        if stage == stage_told and now - told < EVERY:
            return
        told, stage_told = now, stage
        say({"stage": stage, "done": done, "total": total})

    return tell


def _failed(error: Exception) -> dict[str, Any]:
    """That the disk is full; else the class and the place, not the message: that may quote what is in the file."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return {"failed": "space"}
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    place = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    return {"failed": "error", "class": type(error).__qualname__, "place": place}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
