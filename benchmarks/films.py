"""Films for the benchmark of videos, made by the ffmpeg of the machine: a test picture with noise, and sound beside it.

A few seconds are encoded once and repeated by copying: what a film costs to read, to move and to decode doesn't depend
on whether its pictures come again.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

# Columns, rows, and bits a second: those of the measurements that this project started from.
SIZES = {"720p": (1280, 720, 10_400_000), "1080p": (1920, 1080, 23_000_000)}
_ENCODED = 5  # seconds, before they are repeated


@dataclass(frozen=True, slots=True)
class Films:
    """The same pictures four times: to be passed through, to be wrapped anew, to be encoded anew, and long."""

    ready: Path  # MP4 whose every byte stays
    unready: Path  # MP4 with its head at the end
    other: Path  # HEVC
    long: Path  # as `unready`, ten times as long


def films(folder: Path, size: str, seconds: int) -> Films:
    """Make them, `seconds` long (a multiple of five)."""
    made = Films(*(folder / f"{size}-{name}.mp4" for name in ("ready", "unready", "other", "long")))
    columns, rows, bits = SIZES[size]
    pictures = f"testsrc2=size={columns}x{rows}:rate=30:duration={_ENCODED},noise=alls=4:allf=t"
    source = ["-f", "lavfi", "-i", pictures, "-pix_fmt", "yuv420p", "-g", "60"]
    # A small buffer, or the first pictures would be many times as large as all others.
    rate = ["-b:v", str(bits), "-maxrate", str(bits * 5 // 4), "-bufsize", str(bits // 4)]
    part, other = folder / f"{size}.mp4", folder / f"{size}-hevc.mp4"
    _ffmpeg(*source, "-c:v", "libx264", "-preset", "superfast", "-level", "4.1", *rate, str(part))
    _ffmpeg(
        *source,
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        *rate,
        "-x265-params",
        "log-level=none",
        "-tag:v",
        "hvc1",
        str(other),
    )
    # User data in the stream and the name of the software would have to go.
    clean = ["-bsf:v", "filter_units=remove_types=6", "-map_metadata", "-1", "-fflags", "+bitexact"]
    times = seconds // _ENCODED
    _repeated(part, times, made.ready, *clean, "-movflags", "+faststart")
    _repeated(part, times, made.unready, *clean)
    _repeated(part, 10 * times, made.long, *clean)
    _repeated(other, times, made.other, "-tag:v", "hvc1")
    for path in (part, other):
        path.unlink()
    return made


def _repeated(part: Path, times: int, whole: Path, *options: str) -> None:
    names = whole.with_suffix(".txt")
    names.write_text(f"file '{part}'\n" * times, encoding="utf-8")
    _ffmpeg("-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", *options, str(whole))
    names.unlink()


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)
