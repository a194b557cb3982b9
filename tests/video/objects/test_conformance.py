"""What dciodvfy and dcmdump say of the objects."""

import subprocess
from pathlib import Path as File

import pytest

from apps.video.conversion.outcome import Stream
from apps.video.conversion.plan import Path
from apps.video.objects.metadata import Code, Laterality, Metadata, Reference, Series
from apps.video.objects.presets import PRESETS, VIDEO_ENDOSCOPIC
from tests.video.objects.samples import ROOT, full, stream, write
from tests.video.objects.validator import errors

OF_TEN_BITS = r"^Error - Unrecognized enumerated value <0x(10|a|9)> for value 1 of attribute <(Bits|High Bit)"

WITHOUT_MOMENT = [Metadata(seed="s", preset=each) for each in PRESETS if each != "ophthalmology"]
METADATA = [
    *WITHOUT_MOMENT,
    *(full(preset=each) for each in PRESETS),
    full(preset="ophthalmology", laterality=Laterality.BOTH, synchronization=None),
    Metadata(seed="s", anatomy=Code("72696002", "SCT", "Knee")),
    Metadata(seed="s", series=Series(body_part="STOMACH")),
    full(
        references=(Reference(VIDEO_ENDOSCOPIC, "1.2.8", (1, 2), is_source=True), Reference(VIDEO_ENDOSCOPIC, "1.2.9"))
    ),
]
STREAMS = [
    stream("50", Path.WRAP_JPEG, spans=tuple((11 * at, 11) for at in range(60))),
    *(stream(each) for each in ("100", "101", "104", "105", "106")),
    stream(intervals=(0.0, *[33.4] * 59)),
    stream(path=Path.TRANSCODE, steps=("rotate", "mask"), sound=("aac", 48000, 2), lost_frames=3),
]
UNKNOWN_TO_IT = ["107", "108", "102.1", "100.1"]


@pytest.mark.parametrize("metadata", METADATA, ids=lambda each: f"{each.preset or 'none'}-{each.patient.id or 'bare'}")
def test_every_sop_class(metadata: Metadata, tmp_path: File) -> None:
    assert errors(write(tmp_path / "x.dcm", metadata, stream())) == []


@pytest.mark.parametrize("made", STREAMS, ids=lambda each: each.plan.transfer_syntax_uid.removeprefix(ROOT))
def test_every_kind_of_stream(made: Stream, tmp_path: File) -> None:
    assert errors(write(tmp_path / "x.dcm", full(), made)) == []


@pytest.mark.parametrize("syntax", UNKNOWN_TO_IT)
def test_transfer_syntaxes_that_it_does_not_know(syntax: str, tmp_path: File) -> None:
    file = write(tmp_path / "x.dcm", full(), stream(syntax))
    named = (ROOT + syntax).encode()
    called = (ROOT + "102").encode().ljust(len(named) + len(named) % 2, b"\0")
    file.write_bytes(file.read_bytes().replace(named.ljust(len(called), b"\0"), called, 1))
    assert errors(file, *([OF_TEN_BITS] if syntax == "108" else [])) == []


@pytest.mark.parametrize("made", [*STREAMS[:2], stream("108"), stream("102.1")], ids=["50", "100", "108", "102.1"])
def test_dcmtk_reads_them(made: Stream, tmp_path: File) -> None:
    file = write(tmp_path / "x.dcm", full(), made)
    told = subprocess.run(["dcmdump", "-q", "+E", str(file)], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert "(0010,0010) PN" in told.stdout
