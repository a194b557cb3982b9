"""How many pictures of a stored video decode, and how many of them only in part; for the errands' process. Pure."""

from collections.abc import Callable, Sequence

from apps.dicom.frames import Span
from apps.video.frames.timeline import opened
from apps.video.streams import damage


def count(*, path: str, spans: Sequence[Span], container: str, tell: Callable[[int, int], None]) -> dict[str, int]:
    """Decode all of the stream in these parts of a file, as `damage.Damage` has it. Raises Refused."""
    size = sum(length for _, length in spans)
    with opened(path, spans, container) as stream:
        found = damage.once(stream, size, lambda _stage, done, total: tell(done, total))
    return {"decoded": found.decoded, "errors": found.errors, "corrupt": found.corrupt}
