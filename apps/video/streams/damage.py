"""How much of a file is damaged: by decoding all of it, once without any forgiveness, and again where that fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING

from av import FFmpegError

from apps.video.streams import opening
from apps.video.streams.digests import Digest
from apps.video.streams.facts import Probe
from apps.video.streams.scanning import chosen
from apps.video.streams.telling import Tell, quiet

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

STAGE = "examine"
_TELL_EVERY = 16  # packets
_MOST_THREADS = 4
_LARGE = 1920 * 1088  # pixels of a picture, from which on fewer threads hold fewer of them


@dataclass(frozen=True, slots=True)
class Damage:
    """What decoding found.

    `decoded` pictures come out of a forgiving decoder (those an edit list hides are counted as well), `corrupt` of
    them in part made up; `errors` packets were refused by an unforgiving one. `digest` is that of the pictures, as
    `digests.Digest` has it; "" where it was not asked for.
    """

    decoded: int
    errors: int
    corrupt: int
    digest: str


def strict(file: Path, probe: Probe, tell: Tell = quiet) -> Damage:
    """Decode all of a probed file: unforgiving, and again forgiving where that found anything.

    Threads lose pictures besides those that are damaged, so that only what is whole is decoded by several.
    """
    whole = _Pass(is_strict=True, threads=_MOST_THREADS)
    whole.run(file, probe, tell)
    if whole.is_clean:
        return Damage(whole.decoded, 0, 0, whole.digest)
    unforgiving = _Pass(is_strict=True, threads=1)
    unforgiving.run(file, probe, tell)
    forgiving = _Pass(is_strict=False, threads=1)
    forgiving.run(file, probe, tell)
    return Damage(forgiving.decoded, unforgiving.errors, forgiving.corrupt, forgiving.digest)


def once(container: "InputContainer", size: int, tell: Tell = quiet) -> Damage:
    """Decode all pictures of an open file of `size` bytes, unforgiving, by one thread, and without a digest."""
    unforgiving = _Pass(is_strict=True, threads=1, is_summed=False)
    unforgiving.read(container, container.streams.video[0], size, tell)
    return Damage(unforgiving.decoded, unforgiving.errors, unforgiving.corrupt, unforgiving.digest)


class _Pass:
    """One decoding of all of a file."""

    def __init__(self, *, is_strict: bool, threads: int, is_summed: bool = True) -> None:
        self._is_strict, self._threads = is_strict, threads
        self._sum = Digest() if is_summed else None
        self.packets = self.decoded = self.errors = self.corrupt = 0

    @property
    def is_clean(self) -> bool:
        """Whether each packet became a picture; where two are one, as fields are, threads are not to be trusted."""
        return not self.errors and not self.corrupt and self.decoded >= self.packets

    @property
    def digest(self) -> str:
        return self._sum.hexdigest() if self._sum else ""

    def run(self, file: Path, probe: Probe, tell: Tell) -> None:
        """Decode the film of a probed file."""
        with opening.opened(file) as container:
            self.read(container, chosen(container, probe), probe.wrapping.size, tell)

    def read(self, container: "InputContainer", stream: "VideoStream", size: int, tell: Tell) -> None:
        """Decode, and tell how many bytes of `size` are read."""
        self._prepare(stream.codec_context)
        for number, packet in enumerate(self._packets(container, stream)):
            self._take(packet)
            if number % _TELL_EVERY == 0:
                tell(STAGE, max(packet.pos or 0, 0), size)

    def _packets(self, container: "InputContainer", stream: "VideoStream") -> Iterator["Packet"]:
        """All packets, the empty ones that flush the decoder too, until nothing more can be read.

        But those before the first key picture: that they can't be decoded is no damage, and known without trying.
        """
        try:
            yield from dropwhile(lambda packet: packet.size and not packet.is_keyframe, container.demux(stream))
        except FFmpegError:
            self.errors += 1

    def _take(self, packet: "Packet") -> None:
        self.packets += packet.size > 0
        try:
            pictures = packet.decode()
        except FFmpegError:
            self.errors += 1
            return
        self.decoded += packet.is_discard
        for picture in pictures:
            if self._sum:
                self._sum.take(picture)
            self.decoded += 1
            self.corrupt += picture.is_corrupt

    def _prepare(self, context: "VideoCodecContext") -> None:
        is_large = context.width * context.height > _LARGE
        context.thread_type = "AUTO"
        context.thread_count = min(self._threads, 2) if is_large else self._threads
        context.options = {"err_detect": "explode"} if self._is_strict else {"flags": "+output_corrupt"}
