"""What videos cost: kept as they are, wrapped anew and encoded anew, beside `cp` and ffmpeg; and played.

`python -m benchmarks.video [--rounds 5] [--write]`; it needs Debian's ffmpeg, which nothing else here does. All is
measured in turns, each conversion in a process of its own; `--write` puts the table into docs/performance.md.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final

from benchmarks.films import SIZES, Films, films
from benchmarks.playing import site
from benchmarks.report import PAGE, machine

BEGIN, END = "<!-- videos: begin -->", "<!-- videos: end -->"
# Encoded with these by the command beside, as `Policy()` has it.
X264: Final = "8x8dct=1:level=4.1:vbv-maxrate=62500:vbv-bufsize=62500:open-gop=0:psnr=1:ssim=1"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock and of the processor; MiB at the most, and of them for what every conversion imports."""

    wall: float
    cpu: float
    memory: float = 0.0
    imports: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=60, help="of film")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--convert", nargs=2, metavar=("SOURCE", "TARGET"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.convert:
        _convert(*map(Path, asked.convert))
        return
    with tempfile.TemporaryDirectory(prefix="fovea-videos-", dir="/var/tmp") as folder:
        lines = list(_table(Path(folder), asked.seconds, asked.rounds))
    if asked.write:
        _write(lines, asked.rounds)


def _table(folder: Path, seconds: int, rounds: int) -> Iterator[str]:
    """The lines of the table, printed as they come."""
    head = ["| film | item | measured | target |", "|---|---|---|---|"]
    for line in chain(head, *(_sized(folder, size, seconds, rounds) for size in SIZES)):
        print(line, flush=True)
        yield line


def _sized(folder: Path, size: str, seconds: int, rounds: int) -> Iterator[str]:
    made = films(folder, size, seconds)
    rows = (_exact(folder, made, rounds), _encoded(folder, made, rounds), _together(made), _played(folder, made))
    for item, measured, target in chain(*rows):
        yield f"| {size} | {item} | {measured} | {target} |"
    for path in (made.ready, made.unready, made.other, made.long):
        path.unlink()


Row = tuple[str, str, str]


def _exact(folder: Path, made: Films, rounds: int) -> Iterator[Row]:
    """Passthrough and remux beside the commands."""
    copy = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(made.unready), "-c", "copy", "-movflags", "+faststart"]
    copied, target = folder / "copied.mp4", folder / "object.dcm"
    taken = _in_turns(
        rounds,
        lambda: _command("cp", "--reflink=never", str(made.ready), str(copied)),
        lambda: _conversion(made.ready, target),
        lambda: _conversion(made.unready, target),
        lambda: _command(*copy, str(copied)),
    )
    cp, passed, remuxed, ffmpeg = taken
    long = _conversion(made.long, target)
    yield "`cp`", f"{_wall(cp):.2f} s", ""
    yield "passthrough", _beside(passed, cp), "wall ≤ 3 (+0.1 s)"
    yield "remux", _beside(remuxed, cp), "wall ≤ 5 (+0.2 s)"
    yield "remux over `ffmpeg -c copy`", _over(remuxed, ffmpeg), "wall ≤ 1.3"
    yield "memory beyond the imports: passthrough, remux, remux of 10 min", _grown(passed, remuxed, [long]), "≤ 40 MiB"


def _encoded(folder: Path, made: Films, rounds: int) -> Iterator[Row]:
    """A transcode beside the command with the same options."""
    options = ["-c:v", "libx264", "-preset", "superfast", "-crf", "20", "-profile:v", "high", "-g", "60", "-an"]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(made.other), *options, "-x264-params", X264]
    ours, theirs = _in_turns(
        max(1, rounds // 2),
        lambda: _conversion(made.other, folder / "object.dcm"),
        lambda: _command(*command, "-movflags", "+faststart", str(folder / "encoded.mp4")),
    )
    yield "transcode", f"{_wall(ours):.1f} s, {_cpu(ours):.1f} s of CPU", f"{os.cpu_count()} cores"
    yield (
        "transcode over the command: CPU; wall",
        f"{_ratio(ours, theirs, _cpus)}; {_ratio(ours, theirs, _walls)}",
        ("≤ 1.10; ≤ 1.25"),
    )
    yield "transcode: memory", f"{max(took.memory for took in ours):.0f} MiB", "≤ 400 MiB"


def _together(made: Films) -> Iterator[Row]:
    """Four conversions at once, each with the start of its process."""
    with tempfile.TemporaryDirectory(dir=made.ready.parent) as folder:
        sources = [made.ready, made.unready, made.ready, made.unready]
        commands = [_command_of(source, Path(folder) / f"{number}.dcm") for number, source in enumerate(sources)]
        begun = time.perf_counter()
        running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
        ended = []
        for process in running:
            if process.wait():
                raise RuntimeError("A conversion failed.")
            ended.append(time.perf_counter() - begun)
    yield "four at once on exact paths, with the start of each process", f"{max(ended):.1f} s", "each < 5 s"


def _played(folder: Path, made: Films) -> Iterator[Row]:
    """A site takes four in at once, and plays one."""
    with tempfile.TemporaryDirectory(dir=folder) as place, site(Path(place)) as served:
        stored = served.stored([made.ready, made.unready] * 2)
        uid = stored[0][0]
        seconds = ", ".join(f"{took:.1f}" for _, took in sorted(stored, key=lambda each: each[1]))
        yield "four at once, each from its upload's end until it is stored", f"{seconds} s", "each < 5 s"
        yield (
            "a Range of 64 KiB; a poster",
            f"{served.range_ms(uid):.0f} ms; {served.poster_ms(uid):.0f} ms of CPU",
            ("≤ 50 ms; ≤ 150 ms of CPU"),
        )


# Measuring ------------------------------------------------------------------------------------------------------------


def _in_turns(rounds: int, *works: Callable[[], Took]) -> list[list[Took]]:
    """What each took, one after the other, as many times; a first time, which fills the caches, isn't counted."""
    for work in works if rounds > 1 else ():
        work()
    taken = [[work() for work in works] for _ in range(rounds)]
    return [list(column) for column in zip(*taken, strict=True)]


def _command(*arguments: str) -> Took:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(arguments, check=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _conversion(source: Path, target: Path) -> Took:
    """A conversion in a process of its own, which measures itself from where all is imported that it needs."""
    target.unlink(missing_ok=True)
    told = subprocess.run(_command_of(source, target), check=True, stdout=subprocess.PIPE, text=True).stdout
    return Took(**json.loads(told.splitlines()[-1]))


def _command_of(source: Path, target: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.video", "--convert", str(source), str(target)]


def _convert(source: Path, target: Path) -> None:
    """Convert in this process, and print what it took."""
    import apps.video.conversion.producing
    import apps.video.conversion.transcoding
    import apps.video.conversion.verifying
    import apps.video.objects.attributes  # noqa: F401 - what every conversion needs
    from apps.video.conversion.converting import convert
    from apps.video.objects.metadata import Metadata

    imports = _resident()
    begun, cpu = time.perf_counter(), time.process_time()
    convert(source, target, Metadata(seed="benchmark"))
    wall, used = time.perf_counter() - begun, time.process_time() - cpu
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": used, "memory": most, "imports": imports}))


def _resident() -> float:
    """MiB of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / (1 << 20)


# Telling --------------------------------------------------------------------------------------------------------------


def _walls(took: Took) -> float:
    return took.wall


def _cpus(took: Took) -> float:
    return took.cpu


def _wall(taken: Sequence[Took]) -> float:
    return statistics.median(map(_walls, taken))


def _cpu(taken: Sequence[Took]) -> float:
    return statistics.median(map(_cpus, taken))


def _ratio(ours: Sequence[Took], theirs: Sequence[Took], value: Callable[[Took], float]) -> str:
    """The median of the ratios of those that were measured one after the other; that of the quickest of each."""
    pairs = [value(one) / value(other) for one, other in zip(ours, theirs, strict=True)]
    least = min(map(value, ours)) / min(map(value, theirs))
    return f"**{statistics.median(pairs):.2f}** (quickest {least:.2f})"


def _beside(ours: Sequence[Took], cp: Sequence[Took]) -> str:
    return f"{_wall(ours):.2f} s, {_cpu(ours):.2f} s of CPU; wall over `cp` {_ratio(ours, cp, _walls)}"


def _over(ours: Sequence[Took], theirs: Sequence[Took]) -> str:
    return f"wall {_ratio(ours, theirs, _walls)}; CPU {_ratio(ours, theirs, _cpus)}"


def _grown(*taken: Sequence[Took]) -> str:
    return ", ".join(f"{max(took.memory - took.imports for took in column):.0f}" for column in taken) + " MiB"


def _write(lines: Sequence[str], rounds: int) -> None:
    """Put the table, with its date and machine, between its marks in docs/performance.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    load = os.getloadavg()[1]
    said = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, load {load:.1f}, {rounds} rounds in turns."
    text = "\n".join([BEGIN, said, "", *lines, END])
    PAGE.write_text(before + text + after, encoding="utf-8")


if __name__ == "__main__":
    if shutil.which("ffmpeg") is None:
        sys.exit("The benchmark of videos needs ffmpeg beside it: apt-get install ffmpeg.")
    main()
