"""Whether the last pictures of a stream are whole: where nothing else tells that its end is missing."""

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from av import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

_MOST_BYTES = 16 << 20
_MOST_PACKETS = 600


class LastGroup:
    """Keeps the packets from the last key picture on, as long as they are not too many to be kept."""

    def __init__(self) -> None:
        self._packets: list[Packet] = []
        self._bytes = 0

    def take(self, packet: "Packet") -> None:
        """The next packet of the stream."""
        if packet.is_keyframe:
            self._packets, self._bytes = [], 0
        self._bytes += packet.size
        if self._is_little():
            self._packets.append(packet)
        else:
            self._packets.clear()

    def _is_little(self) -> bool:
        return self._bytes <= _MOST_BYTES and len(self._packets) <= _MOST_PACKETS

    def is_damaged(self, stream: "VideoStream") -> bool:
        """Whether an unforgiving decoder refuses one of them; False where they are too many."""
        from av import CodecContext, FFmpegError

        decoder = cast("VideoCodecContext", CodecContext.create(stream.codec_context.name, "r"))
        decoder.extradata = stream.codec_context.extradata
        decoder.options = {"err_detect": "explode"}
        try:
            for packet in [*self._packets, None]:
                decoder.decode(packet)
        except FFmpegError:
            return True
        return False
