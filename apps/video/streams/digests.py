"""Digests of decoded pictures: the same for two streams that decode to the same samples."""

from hashlib import md5
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.plane import VideoPlane


class Digest:
    """MD5 of pictures one after the other: of each its size and format, and the samples of its planes."""

    def __init__(self) -> None:
        self._sum = md5(usedforsecurity=False)

    def take(self, picture: "VideoFrame") -> None:
        """Add the next picture, as it was decoded."""
        self._sum.update(f"{picture.width}x{picture.height} {picture.format.name}".encode())
        wide = [component.bits > 8 for component in picture.format.components]
        for number, plane in enumerate(picture.planes):
            is_packed = len(picture.planes) == 1 and len(wide) > 1
            self._take_plane(
                plane, plane.line_size if is_packed else plane.width * (1 + wide[min(number, len(wide) - 1)])
            )

    def _take_plane(self, plane: "VideoPlane", width: int) -> None:
        """The lines without what fills them up, which is left over from whatever was in the memory before."""
        samples, step = memoryview(plane), plane.line_size
        if width >= step:
            self._sum.update(samples[: step * plane.height])
            return
        for begin in range(0, step * plane.height, step):
            self._sum.update(samples[begin : begin + width])

    def hexdigest(self) -> str:
        """The digest of all so far: 32 hexadecimal digits."""
        return self._sum.hexdigest()
