"""Opening a source: as what its protocol says and nothing else, within time limits, at the address that was checked."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from apps.dicom.network.addresses import Network
from apps.video.live.addresses import Protocol, Source, reachable
from apps.video.live.datagrams import Datagrams
from apps.video.live.playlists import Opener

if TYPE_CHECKING:
    from av.container import InputContainer

# Seconds: until a source says what it holds, and until its next packet.
OPEN_SECONDS: Final = 15.0
READ_SECONDS: Final = 8.0
# What is read of a stream before it is known: microseconds and bytes. Nothing of it is lost.
_ANALYSED: Final = {"analyzeduration": "1000000", "probesize": "5000000"}
# Interleaved in the one connection: packets of other hosts are never taken.
_RTSP: Final = {"rtsp_transport": "tcp", "allowed_media_types": "video+audio", "protocol_whitelist": "rtp,tcp,rtsp"}
_RTMP: Final = {"protocol_whitelist": "rtmp,tcp"}
_HLS: Final = {"http_persistent": "0", "protocol_whitelist": "http,https,tcp,tls,crypto", "allowed_extensions": "ALL"}
_FROM_NOW: Final = {"live_start_index": "-1"}


@contextmanager
def opened(
    source: Source, networks: Sequence[Network], is_over: Callable[[], bool] = lambda: False, *, again: bool = False
) -> Iterator["InputContainer"]:
    """The source, ready to be read. With `again`, a playlist is taken up at its end: what comes before was recorded.

    A silence is not waited for any longer when `is_over`.

    Raises Forbidden for what leads out of the networks, Unknown, and FFmpeg's errors (OSError, ValueError).
    """
    if source.protocol is Protocol.UDP:
        yield from _datagrams(source, networks, is_over)
    elif source.protocol in (Protocol.HTTP, Protocol.HTTPS):
        yield from _playlist(source, networks, again=again)
    else:
        options = _RTSP if source.protocol is Protocol.RTSP else _RTMP
        form = "rtsp" if source.protocol is Protocol.RTSP else "flv"
        yield from _open(source.at(reachable(source.host, networks)), form, options)


def _datagrams(source: Source, networks: Sequence[Network], is_over: Callable[[], bool]) -> Iterator["InputContainer"]:
    with Datagrams(source, networks, READ_SECONDS, is_over) as arriving:
        yield from _open(arriving, "mpegts", {}, io_open=_nothing_else)


def _playlist(source: Source, networks: Sequence[Network], *, again: bool) -> Iterator["InputContainer"]:
    opener = Opener(networks, READ_SECONDS)
    # The first one too is asked for through the opener.
    reachable(source.host, networks)
    try:
        yield from _open(source.url, "hls", _HLS | (_FROM_NOW if again else {}), io_open=opener)
    except (OSError, ValueError):
        if opener.refusal:
            raise opener.refusal from None
        raise


def _open(file: Any, form: str, options: dict[str, str], **more: Any) -> Iterator["InputContainer"]:
    import av

    limits = (OPEN_SECONDS, READ_SECONDS)
    options = _ANALYSED | options
    with av.open(file, "r", format=form, container_options=options, timeout=limits, **more) as container:
        yield container


def _nothing_else(url: str, _flags: int, _options: dict[str, Any]) -> Any:
    raise ValueError(f"the stream refers to {url[:80]}")
