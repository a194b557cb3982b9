"""A file into an object, from one end to the other."""

import errno
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pydicom
import pytest

from apps.saying import say
from apps.video.conversion import verifying
from apps.video.conversion.converting import convert, examine
from apps.video.conversion.plan import Path as Way
from apps.video.conversion.policy import Policy, Sound
from apps.video.errors import Code, Refused
from apps.video.objects.metadata import Metadata
from tests.video.clips import Sounding, clip, written
from tests.video.conversion.films import packets
from tests.video.conversion.test_jpegs import jpeg

HIGH = {"seconds": 1, "options": {"level": "4.1"}}
METADATA = Metadata(seed="a")


def stream_of(target: Path) -> bytes:
    """What is in the object's only fragment, without padding."""
    read = pydicom.dcmread(target)
    [fragment] = fragments(read.PixelData)
    return fragment[: read[0x7FE00003].value]


def fragments(element: bytes) -> list[bytes]:
    return list(pydicom.encaps.generate_fragments(element[8:]))


def test_a_conformant_file_is_in_the_object_byte_for_byte(tmp_path: Path) -> None:
    source, target = clip("a.mp4", **HIGH), tmp_path / "a.dcm"
    outcome = convert(source, target, METADATA)
    assert outcome.stream.plan.path is Way.PASSTHROUGH
    assert stream_of(target) == source.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["a.dcm"]


def test_the_report_says_what_was_done_and_found(tmp_path: Path) -> None:
    source = clip("told.avi", sound=Sounding("pcm_s16le"), **HIGH)
    report = convert(source, tmp_path / "a.dcm", METADATA, Policy(sound=Sound.KEEP)).report()
    assert json.loads(json.dumps(report)) == report
    reasons = report.pop("reasons")
    size, digest = report.pop("bytes"), report["verified"].pop("digest")
    assert all(isinstance(reason, str) for reason in reasons)
    assert len(digest) == 32
    assert size < report.pop("sourceBytes")
    assert report == {
        "path": "remux",
        "isExact": True,
        "transferSyntaxUid": "1.2.840.10008.1.2.4.102",
        "frames": 30,
        "lostFrames": 0,
        "columns": 320,
        "rows": 240,
        "rate": "30/1",
        "isConstantRate": True,
        "seconds": 1.0,
        "sound": {"codec": "aac", "rate": 48000, "channels": 2},
        "steps": [],
        "encoder": "",
        "verified": {
            "frames": 30,
            "profile": 100,
            "level": 41,
            "columns": 320,
            "rows": 240,
            "rate": "30/1",
            "isWhole": True,
            "lostFrames": 0,
            "quality": None,
        },
    }


def test_the_report_of_an_encoding_has_the_figures(tmp_path: Path) -> None:
    source = clip("full.mp4", frames=4, pixel_format="yuv444p")
    report = convert(source, tmp_path / "a.dcm", METADATA).report()
    quality = report["verified"]["quality"]
    assert (report["path"], report["isExact"], report["encoder"]) == ("transcode", False, "libx264")
    assert quality["meanPsnr"] >= quality["minPsnr"] >= 34
    assert 0.95 <= quality["ssim"] <= 1


@pytest.mark.parametrize(
    ("data", "code"), [(b"", Code.EMPTY), (b"Doe, Jane\n" * 100, Code.NOT_A_VIDEO)], ids=["empty", "text"]
)
def test_what_is_refused_leaves_nothing(tmp_path: Path, data: bytes, code: Code) -> None:
    with pytest.raises(Refused) as refused:
        convert(written("refused.mp4", data), tmp_path / "a.dcm", METADATA)
    assert refused.value.code is code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["scan", "remux", "write", "verify"])
def test_work_that_is_stopped_leaves_nothing(tmp_path: Path, stage: str) -> None:
    class Stopped(Exception):
        pass

    def tell(now: str, done: int, total: int) -> None:
        if now == stage:
            raise Stopped

    with pytest.raises(Stopped):
        convert(clip("stop.mkv", **HIGH), tmp_path / "a.dcm", METADATA, tell=tell)
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_stage_by_stage(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    convert(clip("stop.mkv", **HIGH), tmp_path / "a.dcm", METADATA, tell=lambda *word: told.append(word))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["scan", "remux", "write", "verify"]
    assert all(0 <= done <= total for _, done, total in told)


def test_what_was_examined_is_not_read_again(tmp_path: Path) -> None:
    source, told = clip("stop.mkv", **HIGH), set()
    examined = examine(source, Policy())
    convert(source, tmp_path / "a.dcm", METADATA, examined=examined, tell=lambda stage, *_: told.add(stage))
    assert "scan" not in told


def test_a_rerun_gives_the_same_object(tmp_path: Path) -> None:
    source = clip("stop.mkv", **HIGH)
    first, second = (convert(source, tmp_path / name, METADATA) for name in ("1.dcm", "2.dcm"))
    assert first.sop_instance_uid == second.sop_instance_uid
    assert first.target.read_bytes() == second.target.read_bytes()


def test_what_can_not_be_kept_after_all_is_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verify = verifying.verify

    def refuse(*given: Any) -> Any:
        if given[2].plan.path.is_exact:
            raise Refused(Code.MISMATCH, say("The pictures are not the same."))
        return verify(*given)

    monkeypatch.setattr(verifying, "verify", refuse)
    outcome = convert(clip("stop.mkv", **HIGH), tmp_path / "a.dcm", METADATA)
    assert outcome.stream.plan.path is Way.TRANSCODE
    assert outcome.stream.plan.reasons == ("The pictures are not the same.",)
    assert [path.name for path in tmp_path.iterdir()] == ["a.dcm"]


def test_what_is_encoded_and_still_wrong_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any) -> Any:
        raise Refused(Code.MISMATCH, say("The pictures are not the same."))

    monkeypatch.setattr(verifying, "verify", refuse)
    with pytest.raises(Refused) as refused:
        convert(clip("stop.mkv", **HIGH), tmp_path / "a.dcm", METADATA)
    assert refused.value.code is Code.MISMATCH
    assert list(tmp_path.iterdir()) == []


def test_a_film_with_one_jpeg_of_another_kind_is_encoded(tmp_path: Path) -> None:
    source = tmp_path / "mixed.avi"
    with av.open(str(source), "w") as file:
        stream = file.add_mux_stream("mjpeg", rate=25, width=48, height=32)
        for number, picture in enumerate([jpeg()] * 5 + [jpeg(progressive=True)]):
            packet = av.Packet(picture)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, 25), stream, True
            file.mux(packet)
    outcome = convert(source, tmp_path / "a.dcm", METADATA)
    assert (outcome.stream.plan.path, outcome.stream.frames) == (Way.TRANSCODE, 6)


def test_jpegs_are_frames_of_the_object(tmp_path: Path) -> None:
    source = clip("18.avi", codec="mjpeg", frames=15, pixel_format="yuvj420p")
    outcome = convert(source, tmp_path / "a.dcm", METADATA)
    read = pydicom.dcmread(outcome.target)
    assert (read.NumberOfFrames, len(packets(source))) == (15, 15)
    assert read.pixel_array.shape == (15, 240, 320, 3)


def test_what_the_server_imports_loads_no_decoder() -> None:
    """Its process would be larger by that, and open to what decoders get wrong."""
    code = "import sys; from apps.video.conversion import converting, deciding; sys.exit('av' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


FULL = """
import resource, sys
from pathlib import Path
from apps.video.conversion.converting import convert
from apps.video.objects.metadata import Metadata
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    convert(Path(sys.argv[1]), Path(sys.argv[2]), Metadata(seed="a"))
except OSError as error:
    print(error.errno)
"""


@pytest.mark.parametrize("share", [0.5, 1.01], ids=["stream", "object"])
@pytest.mark.parametrize("name", ["stop.mkv", "full.mpg"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, name: str, share: float) -> None:
    source = clip(name, **(HIGH if name == "stop.mkv" else {"codec": "mpeg2video", "rate": 25, "seconds": 1}))
    size = convert(source, tmp_path / "whole.dcm", METADATA).stream.size
    (tmp_path / "whole.dcm").unlink()
    command = [sys.executable, "-c", FULL, str(source), str(tmp_path / "a.dcm"), str(int(size * share))]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert int(told) == errno.EFBIG
    assert list(tmp_path.iterdir()) == []


MEASURED = """
import resource, sys
from pathlib import Path
from apps.video.conversion.converting import convert
from apps.video.objects.metadata import Metadata
for number, source in enumerate(sys.argv[2:]):
    convert(Path(source), Path(sys.argv[1]) / f"{number}.dcm", Metadata(seed="a"))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_film_sixty_times_as_long_takes_no_more_memory(tmp_path: Path) -> None:
    short = clip("short.mkv", size=(640, 480), frames=6, noise=60, options={"level": "4.1", "crf": "8"})
    long = tmp_path / "long.mkv"
    repeated(short, long, 60)
    command = [sys.executable, "-c", MEASURED, str(tmp_path), str(short), str(short), str(long)]
    _, before, after = map(int, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    assert long.stat().st_size > 30 << 20
    # KiB: an eighth of what is read.
    assert after - before < long.stat().st_size >> 13


def repeated(source: Path, target: Path, times: int) -> None:
    """The same pictures over and over."""
    with av.open(str(source)) as old:
        found = [(bytes(packet), packet.pts, packet.is_keyframe) for packet in old.demux(video=0) if packet.size]
        with av.open(str(target), "w") as new:
            stream = new.add_stream_from_template(old.streams.video[0])
            base = old.streams.video[0].time_base
            for number in range(times):
                for data, shown, is_key in found:
                    packet = av.Packet(data)
                    packet.pts = shown + round(number * len(found) / 30 / base)
                    packet.time_base, packet.is_keyframe, packet.stream = base, is_key, stream
                    new.mux(packet)
