"""What is done to each picture on its way into a transcoded stream: one graph of FFmpeg's filters.

Fields into whole pictures; mirrored and turned upright; high dynamic range as an ordinary screen shows it; pixels
squared and pictures scaled to the plan's size; 4:2:0, 8 bits, limited range (PS3.3 C.7.6.3.1.2 YBR_PARTIAL_420); then
the masks, so that nothing of what they cover is coded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Final

from av import VideoFrame
from av.filter import Graph

from apps.video.conversion import tone
from apps.video.conversion.policy import Mask

_THREADS: Final = 2
_FULL: Final = 2  # AVCOL_RANGE_JPEG
_HD_LINES: Final = 720
# AVColorSpace to the names of FFmpeg's scale filter; what is not here is guessed by the picture's size.
_MATRICES: Final = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
_RGB: Final = 0
# As much as an aspect may differ before black bars are put beside the picture: rounding to even sizes.
_ASPECT_TOLERANCE: Final = 0.02
# What turns a picture upright, by the degrees clockwise that it needs.
_TURNS: Final = {0: (), 90: ("transpose=clock",), 180: ("hflip", "vflip"), 270: ("transpose=cclock",)}


@dataclass(frozen=True, slots=True)
class Looks:
    """How pictures come, and how they are wanted."""

    columns: int  # of the object
    rows: int
    rotation: int = 0  # degrees clockwise that show it upright
    is_mirrored: bool = False
    is_interlaced: bool = False
    sample_aspect: Fraction = Fraction(1)
    masks: tuple[Mask, ...] = ()
    pixel_format: str = "yuv420p"


class Filters:
    """Pictures in, pictures of one size and format out. A new graph is made where the source's pictures change.

    `folder` may take a small file (a table of colours).
    """

    def __init__(self, looks: Looks, folder: Path) -> None:
        self._looks, self._folder = looks, folder
        self._graph: Graph | None = None
        self._kind: tuple[object, ...] = ()

    def take(self, picture: VideoFrame) -> Iterator[VideoFrame]:
        kind = (picture.width, picture.height, picture.format.name, picture.colorspace, picture.color_range)
        if kind != self._kind:
            yield from self.finish()
            self._graph, self._kind = self._made(picture), kind
        graph = self._graph
        if graph is not None:
            graph.push(picture)
            yield from _pulled(graph)

    def finish(self) -> Iterator[VideoFrame]:
        """What the filters still hold."""
        graph, self._graph, self._kind = self._graph, None, ()
        if graph is not None:
            graph.push(None)
            yield from _pulled(graph)

    def _made(self, picture: VideoFrame) -> Graph:
        graph = Graph()
        graph.threads = _THREADS
        table = self._table(picture)
        names = [_source(picture), *chain_of(picture, self._looks, table), "buffersink"]
        nodes = [graph.add(*name.split("=", 1)) for name in names]
        graph.link_nodes(*nodes).configure(auto_buffer=False)
        return graph

    def _table(self, picture: VideoFrame) -> Path | None:
        if picture.color_trc not in (tone.PQ, tone.HLG):
            return None
        table = self._folder / f"tone-{picture.color_trc}.cube"
        tone.write_table(picture.color_trc, table)
        return table


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            picture = graph.pull()
        except (BlockingIOError, EOFError):
            return
        assert isinstance(picture, VideoFrame)
        yield picture


def _source(picture: VideoFrame) -> str:
    base = picture.time_base or Fraction(1, 90000)
    return (
        f"buffer=video_size={picture.width}x{picture.height}:pix_fmt={picture.format.name}"
        f":time_base={base.numerator}/{base.denominator}:pixel_aspect=1/1"
        f":colorspace={picture.colorspace}:range={picture.color_range}"
    )


def chain_of(picture: VideoFrame, looks: Looks, table: Path | None = None) -> list[str]:
    """The filters for such pictures, each as `name=options`."""
    return [
        *(["bwdif=mode=send_frame:deint=interlaced"] if looks.is_interlaced else []),
        *(["hflip"] if looks.is_mirrored else []),
        *_TURNS[looks.rotation % 360],
        *_colours(picture, table),
        *_sized(picture, looks, is_toned=table is not None),
        f"format=pix_fmts={looks.pixel_format}",
        *(_painted(mask, looks) for mask in looks.masks),
    ]


def _colours(picture: VideoFrame, table: Path | None) -> list[str]:
    if table is None:
        return []
    matrix, limits = _matrix(picture), _range(picture)
    into_rgb = f"scale=in_color_matrix={matrix}:in_range={limits}:out_range=full"
    is_now = "setparams=color_primaries=bt709:color_trc=bt709"
    return [into_rgb, "format=pix_fmts=gbrp", f"lut3d=file={table}:interp=tetrahedral", is_now]


def _sized(picture: VideoFrame, looks: Looks, *, is_toned: bool) -> list[str]:
    """Scaled to the plan's size; only cropped or filled up where but a line or a column is odd."""
    columns, rows = _upright(picture, looks)
    colours = _scaled_colours(picture, is_toned=is_toned)
    if looks.sample_aspect == 1 and abs(columns - looks.columns) <= 1 and abs(rows - looks.rows) <= 1:
        return [f"scale={colours}", *_evened(columns, rows, looks)]
    size = f"w={looks.columns}:h={looks.rows}:flags=bicubic"
    if not _has_aspect(columns, rows, looks):
        bars = f"pad=w={looks.columns}:h={looks.rows}:x=(ow-iw)/2:y=(oh-ih)/2"
        return [f"scale={size}:{colours}:force_original_aspect_ratio=decrease:force_divisible_by=2", bars, "setsar=1"]
    return [f"scale={size}:{colours}", "setsar=1"]


def _upright(picture: VideoFrame, looks: Looks) -> tuple[int, int]:
    sides = picture.width, picture.height
    return sides[::-1] if looks.rotation % 180 else sides


def _aspect_of_pixels(looks: Looks) -> Fraction:
    return 1 / looks.sample_aspect if looks.rotation % 180 else looks.sample_aspect


def _has_aspect(columns: int, rows: int, looks: Looks) -> bool:
    wanted = looks.columns / looks.rows
    return abs(columns * _aspect_of_pixels(looks) / rows / wanted - 1) <= max(_ASPECT_TOLERANCE, 4 / looks.rows)


def _evened(columns: int, rows: int, looks: Looks) -> list[str]:
    """A line or a column less by cropping, more by repeating the last."""
    right, below = max(looks.columns - columns, 0), max(looks.rows - rows, 0)
    filters = []
    if looks.columns < columns or looks.rows < rows:
        filters.append(f"crop=w={min(columns, looks.columns)}:h={min(rows, looks.rows)}:x=0:y=0:exact=1")
    if right or below:
        filters.append(f"pad=w={looks.columns}:h={looks.rows}:x=0:y=0")
        filters.append(f"fillborders=right={right}:bottom={below}:mode=smear")
    return filters


def _scaled_colours(picture: VideoFrame, *, is_toned: bool) -> str:
    if is_toned or _is_rgb(picture):
        return "in_range=full:out_color_matrix=bt709:out_range=limited"
    matrix = _matrix(picture)
    return f"in_color_matrix={matrix}:out_color_matrix={matrix}:in_range={_range(picture)}:out_range=limited"


def _is_rgb(picture: VideoFrame) -> bool:
    return picture.colorspace == _RGB or picture.format.is_rgb or picture.format.name == "pal8"


def _matrix(picture: VideoFrame) -> str:
    return _MATRICES.get(picture.colorspace) or ("bt709" if picture.height >= _HD_LINES else "bt601")


def _range(picture: VideoFrame) -> str:
    is_full = picture.color_range == _FULL or picture.format.name.startswith("yuvj")
    return "full" if is_full else "limited"


def _painted(mask: Mask, looks: Looks) -> str:
    """Black, outwards to even lines and columns: chroma is shared by two."""
    left, right = _outwards(mask.left, mask.left + mask.width, looks.columns)
    top, bottom = _outwards(mask.top, mask.top + mask.height, looks.rows)
    return f"drawbox=x={left}:y={top}:w={right - left}:h={bottom - top}:color=black:t=fill"


def _outwards(start: float, end: float, side: int) -> tuple[int, int]:
    begin, stop = floor(start * side / 2) * 2, ceil(end * side / 2) * 2
    return max(0, min(side, begin)), max(0, min(side, stop))
