"""What dciodvfy (dicom3tools 1.00, of 2022) and dcmdump say of the objects.

dciodvfy is wrong in some points, for which its words are removed before they are judged:

* Multiplexed Audio Channels Description Code Sequence without items: it wants one at least, PS3.3 C.7.6.5 "zero or more
  Items".
* It does not know the transfer syntaxes of HEVC and of fragmentable video (PS3.5 8.2.10, A.4), and so can't read their
  pixel data: for it, these objects are called H.264. Ten bits of sixteen, which PS3.5 8.2.11 asks of HEVC Main 10, it
  then holds against C.8.12.1 (VL Image), which names eight alone.
* UV and OV (Supplement 105, 2020) are VRs that it doesn't know, with the attributes that have them.
* A warning, not an error: it doesn't know ISO_23008_2 and, of ultrasound, YBR_PARTIAL_420 (C.8.5.6.1.2).
* The Synchronization module makes an endoscopic or microscopic video a Standard Extended SOP Class: so it does; that
  is allowed, and several cameras can't be told otherwise.
"""

import re
import shutil
import subprocess
from pathlib import Path as File

import pytest

from apps.video.conversion.outcome import Stream
from apps.video.conversion.plan import Path
from apps.video.objects.metadata import Code, Laterality, Metadata, Reference, Series
from apps.video.objects.presets import PRESETS, VIDEO_ENDOSCOPIC
from tests.video.objects.samples import ROOT, full, stream, write

NO_SOUND = "Element=<MultiplexedAudioChannelsDescriptionCodeSequence>"
FALSE_ALARMS = (
    r"^Error - Bad Sequence number of Items 0 \(1-n Required by Module definition\) " + NO_SOUND,
    r"^Error - Bad attribute Value Multiplicity Type 3 Optional " + NO_SOUND,
)
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


def errors(file: File, *allowed: str) -> list[str]:
    """What dciodvfy calls an error, without false alarms."""
    validator = shutil.which("dciodvfy")
    assert validator, "dciodvfy (Debian's package dicom3tools) is not installed: deploy/setup test"
    said = subprocess.run([validator, str(file)], capture_output=True, text=True, check=False)
    lines = (said.stdout + said.stderr).splitlines()
    assert any(line.endswith("Image") for line in lines), "it did not recognise the object"
    of_note = [line for line in lines if line.startswith("Error")]
    return [line for line in of_note if not any(re.match(each, line) for each in (*FALSE_ALARMS, *allowed))]


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
