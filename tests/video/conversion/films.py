"""What tests ask of films: what a decoder makes of them, and what is in their packets."""

from hashlib import md5
from pathlib import Path
from typing import Any

import av

from apps.video.conversion.converting import examine
from apps.video.conversion.outcome import Stream
from apps.video.conversion.policy import Policy
from apps.video.conversion.producing import produce


def made(source: Path, folder: Path, policy: Policy | None = None) -> Stream:
    """The stream for an object, by whichever plan the file leads to."""
    policy = policy or Policy()
    probed, scanned, _, plan = examine(source, policy)
    return produce(source, probed, scanned, plan, policy, folder)


def pictures(film: Path, **options: Any) -> list[str]:
    """The digest of each decoded picture."""
    with av.open(str(film), **options) as container:
        return [md5(frame.to_ndarray().tobytes()).hexdigest() for frame in container.decode(video=0)]


def packets(film: Path) -> list[bytes]:
    """The packets of pictures."""
    with av.open(str(film)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def told(film: Path) -> dict[str, str]:
    """All that a container says besides its streams."""
    with av.open(str(film)) as container:
        streams = {
            f"{stream.index}:{name}": value for stream in container.streams for name, value in stream.metadata.items()
        }
        return {**container.metadata, **streams}


def boxes(film: Path) -> list[str]:
    """The boxes of an MP4, in their order."""
    data, found, position = film.read_bytes(), [], 0
    while position < len(data):
        found.append(data[position + 4 : position + 8].decode("latin-1"))
        position += int.from_bytes(data[position : position + 4], "big")
    return found


def samples(film: Path) -> int:
    """How many samples of sound are decoded."""
    with av.open(str(film)) as container:
        return sum(frame.samples for frame in container.decode(audio=0))
