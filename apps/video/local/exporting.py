"""Films into DICOM files on this machine, past the archive: in a process of its own, as the jobs do it."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from apps.core.errors import FoveaError
from apps.saying import say
from apps.video import converter
from apps.video.child import Request
from apps.video.converter import Converted, Refusal
from apps.video.wishes import Wishes
from apps.video.working import OTHER, STAGES, WHOLE

# How far it is, in thousandths, and what is being done.
Show = Callable[[int, str], None]
OBJECT: Final = "object.dcm"


class NotConverted(FoveaError):
    """The file can't become an object; the text says why."""

    status = 422
    code = "video-refused"
    title = say("This video can't be converted")


def export(source: Path, target: Path, wishes: Wishes, show: Show) -> dict[str, Any]:
    """Make `target` of a film: whole and verified, in the place of what was there, or not at all.

    Whatever ends this, an interrupt too, leaves nothing else. Returns the verification report. Raises NotConverted,
    OSError, and what `converter.convert` raises.
    """
    with TemporaryDirectory(prefix=".fovea-", dir=target.parent) as folder:
        made = Path(folder) / OBJECT
        request = Request(source.resolve(), made.resolve(), wishes.metadata, wishes.policy, may_encode=True)
        match converter.convert(request, _listening(show)):
            case Converted(report, _):
                made.replace(target)
                return report
            case Refusal(_, reason):
                raise NotConverted(reason)
        raise NotConverted(converter.CRASHED)


def _listening(show: Show) -> converter.Listen:
    at = 0

    def listen(answer: dict[str, Any] | None) -> None:
        nonlocal at
        if answer is None or "stage" not in answer:
            return
        start, end, words = STAGES.get(str(answer["stage"]), OTHER)
        share = _share(answer.get("done"), answer.get("total"))
        at = min(WHOLE, max(at, start + int((end - start) * share)))
        show(at, words)

    return listen


def _share(done: Any, total: Any) -> float:
    """How much of a stage is done, 0 to 1; 0 where that is not said."""
    if not isinstance(done, int) or not isinstance(total, int) or total <= 0:
        return 0.0
    return min(1.0, max(0, done) / total)
